//! The steps of a key exchange that an end takes by itself (SPEC REKEY-3 to REKEY-6).

use alloc::boxed::Box;

use super::when::may_ask;
use crate::agreement::{self, CheckedRequest};
use crate::chat::Chat;
use crate::chat::model::{Cause, Exchange, Kind, NextKey, State};
use crate::chat::turn::{End, Turn};
use crate::output::Event;
use crate::rekey::pause_millis;
use crate::types::env::Env;
use crate::types::error::{ApiMisuse, CallError, RekeyFailure, Unavailable};
use crate::types::id::ExchangeId;
use crate::wire::{ActionAcceptKey, ActionCommitKey, ActionRequestKey, Bytes, DecryptedMessageAction};

/// # App -> chat
impl Chat {
    /// Asks the peer for a new key now. The chat does so by itself in good time
    /// ([`RekeyPolicy`](crate::RekeyPolicy)). Call this before you send something particularly sensitive.
    ///
    /// # Errors
    /// [`Unavailable::RekeyInProgress`] while an exchange is open or either end may hold an old key,
    /// [`Unavailable::NotReady`], [`Unavailable::ChatClosed`], [`Unavailable::OutboxFull`],
    /// [`Unavailable::SeqExhausted`], [`ApiMisuse::UnusableRng`].
    pub fn rekey(&mut self, env: &mut Env<'_>) -> Result<(), CallError> {
        self.try_turn(Cause::Rekey, env, |turn| {
            if !may_ask(turn.chat.ready_keys()?, turn.state) {
                return Err(Unavailable::RekeyInProgress.into());
            }
            turn.ask().map(End::Commit)
        })
    }
}

impl Turn<'_> {
    /// Takes the next step of an exchange, if the outbox has room for it. Every commit does this.
    pub(in crate::chat) fn advance_rekey(&mut self) {
        if !self.state.confirmed {
            return;
        }
        let Some(keys) = self.phase.keys() else { return };
        match &keys.exchange {
            Exchange::Asked { .. } => self.answer(),
            Exchange::Answered { .. } => self.commit(),
            Exchange::Idle if self.chat.asks_now(keys, self.state) => {
                if self.ask().is_err() {
                    let state = &mut self.state;
                    state.ask_after = state.clock.elapsed().after(pause_millis(0));
                }
            }
            Exchange::Idle | Exchange::Requested { .. } | Exchange::Accepted { .. } => {}
        }
        self.confirm_switch();
        if self.chat.tells_overdue(self.state) {
            self.state.overdue_told = true;
            self.group.tell(Event::RekeyOverdue);
        }
    }

    fn ask(&mut self) -> Result<(), CallError> {
        self.room_for_step()?;
        let exchange_id = self.draw_nonzero().map(ExchangeId)?;
        let pending = agreement::request(
            &self.chat.setup.profile,
            &self.chat.setup.exponent_mask(Some(exchange_id)),
            &mut self.rng,
        )?;
        let g_a = Bytes::new(pending.public()).ok_or(ApiMisuse::MessageTooLong)?;
        let action = DecryptedMessageAction::RequestKey(ActionRequestKey { exchange_id: exchange_id.0, g_a });
        let (slot, at) = (self.state.slots.sent, self.state.clock.elapsed());
        self.queue_service(&action, Kind::Protocol)?;
        self.state.unanswered = 0;
        if let Some(keys) = self.phase.keys_mut() {
            let pending = Box::new(pending);
            keys.exchange = Exchange::Requested { exchange_id, slot, at, pending, ignored: None };
        }
        Ok(())
    }

    fn answer(&mut self) {
        let Some(keys) = self.phase.keys() else { return };
        let Exchange::Asked { exchange_id, public } = &keys.exchange else { return };
        let exchange_id = *exchange_id;
        if self.room_for_step().is_err() {
            return;
        }
        let setup = &self.chat.setup;
        let (binding, mask) = (keys.binding(exchange_id, setup.role.peer()), setup.exponent_mask(Some(exchange_id)));
        let Ok((own, agreed)) = agreement::answer(&setup.profile, &binding, public, &mask, &mut self.rng) else {
            // If the generator gives nothing usable, or the peer's own secret, the next call tries again. A bad
            // value is refused when it arrives, but a record may hold one.
            if CheckedRequest::check(&setup.profile, public.as_bytes()).is_err() {
                self.refuse(exchange_id, RekeyFailure::BadValue);
            }
            return;
        };
        let next = match keys.unused(NextKey::new(agreed, setup)) {
            Ok(next) => next,
            Err(reason) => return self.refuse(exchange_id, reason),
        };
        let Some(g_b) = Bytes::new(&own) else { return };
        let key_fingerprint = next.key.fingerprint.to_long();
        let action =
            DecryptedMessageAction::AcceptKey(ActionAcceptKey { exchange_id: exchange_id.0, g_b, key_fingerprint });
        let slot = self.state.slots.sent;
        if self.queue_service(&action, Kind::Protocol).is_ok()
            && let Some(keys) = self.phase.keys_mut()
        {
            keys.exchange = Exchange::Accepted { exchange_id, slot, next: Box::new(next) };
        }
    }

    /// Sends CommitKey under the current key. Everything after it is sealed under the new one (SPEC REKEY-4).
    fn commit(&mut self) {
        let Some(Exchange::Answered { exchange_id, next }) = self.phase.keys().map(|keys| &keys.exchange) else {
            return;
        };
        let key_fingerprint = next.key.fingerprint.to_long();
        let action = DecryptedMessageAction::CommitKey(ActionCommitKey { exchange_id: exchange_id.0, key_fingerprint });
        let slot = self.state.slots.sent;
        if self.room_for_step().is_ok()
            && self.queue_service(&action, Kind::Protocol).is_ok()
            && let Some(keys) = self.phase.keys_mut()
            && let Exchange::Answered { next, .. } = core::mem::replace(&mut keys.exchange, Exchange::Idle)
        {
            keys.switch(*next, Some(slot));
            self.begin_key();
        }
    }

    /// Confirms a switch that the peer began, with a Noop if no other message does. The peer keeps its old key, and
    /// may seal with it, until it sees a message under the new one.
    fn confirm_switch(&mut self) {
        let answered = self.phase.keys().and_then(|keys| keys.old.as_ref()).is_some_and(|old| old.committed.is_none());
        let State { slots, key_slot, clock, noop_held_until: held, .. } = *self.state;
        if !answered || slots.sent != key_slot {
            // Every message that went out under the new key confirmed it.
            self.state.noop_held_until = None;
        } else if held.is_none_or(|until| clock.elapsed() >= until) {
            self.state.noop_held_until = None;
            let _sent = self.queue_service(&DecryptedMessageAction::Noop, Kind::Protocol);
        }
    }

    /// Checks that the outbox has room for a step, before anything expensive is computed.
    fn room_for_step(&self) -> Result<(), Unavailable> {
        let (acknowledged, len) = (self.state.slots.acknowledged, self.chat.rules().lengths.step);
        let room = self.outbox.has_room(acknowledged, Kind::Protocol, len, &self.chat.setup);
        if room { Ok(()) } else { Err(Unavailable::OutboxFull) }
    }
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use super::*;
    use crate::chat::model::Phase;
    use crate::chat::{Input, Invitation};
    use crate::message::Draft;
    use crate::output::{Output, Transmit, TransmitKind};
    use crate::profile::Config;
    use crate::types::time::Timestamp;

    fn events(chat: &mut Chat) -> Vec<Event> {
        let outputs = core::iter::from_fn(|| chat.poll_output());
        outputs.filter_map(|output| if let Output::Event(event) = output { Some(event) } else { None }).collect()
    }

    /// Returns the initiator of a chat, ready.
    fn ready(alice: Config, bob: Config, env: &mut Env<'_>) -> Chat {
        let mut alice = Chat::request(alice, env).unwrap();
        let request = core::iter::from_fn(|| alice.poll_output()).find_map(|output| match output {
            Output::Transmit(Transmit { kind: TransmitKind::Request { public }, .. }) => Some(public),
            _ => None,
        });
        let mut bob = Invitation::parse(&request.unwrap(), bob).unwrap().accept(env).unwrap();
        let answer = core::iter::from_fn(|| bob.poll_output()).find_map(|output| match output {
            Output::Transmit(Transmit { kind: TransmitKind::Accept { public, fingerprint }, .. }) => {
                Some((public, fingerprint))
            }
            _ => None,
        });
        let (public, fingerprint) = answer.unwrap();
        alice.handle(Input::accepted(&public, fingerprint), env).unwrap();
        events(&mut alice);
        alice
    }

    // REKEY-3: the peer's value is checked before it is kept, but a record may hold anything.
    #[test]
    fn a_bad_value_that_was_kept_ends_its_exchange() {
        let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
        let env = &mut Env::new(Timestamp::default(), rng);
        let ends = [("a", "b"), ("b", "a")];
        let pairs = [
            ends.map(|(own, peer)| Config::x25519(own, peer).unwrap()),
            #[cfg(feature = "hybrid")]
            ends.map(|(own, peer)| Config::hybrid(own, peer).unwrap()),
            #[cfg(feature = "telegram")]
            ends.map(|_| Config::telegram(crate::DhGroup::published(3).unwrap(), crate::PeerPolicy::Default)),
        ];
        for [alice, bob] in pairs {
            for public in [vec![], vec![0; 32], vec![0xff; 32], vec![0; 256], vec![0xff; 1_216]] {
                let mut chat = ready(alice.clone(), bob.clone(), env);
                let exchange_id = ExchangeId(9);
                let Phase::Open(keys) = &mut chat.phase else { panic!("no keys") };
                keys.exchange = Exchange::Asked { exchange_id, public: CheckedRequest::stored(public) };
                chat.send(&Draft::text("x"), env).unwrap();
                let told = events(&mut chat);
                assert!(
                    matches!(told[..], [Event::RekeyFailed { reason: RekeyFailure::BadValue }]),
                    "{:?}: {told:?}",
                    chat.profile().name()
                );
                assert!(matches!(chat.keys().unwrap().exchange, Exchange::Idle));
                assert_eq!(chat.state.ended, Some(exchange_id), "what is still said of it has no effect");
            }
        }
    }
}
