//! Exchanges of keys: what the table of `crate::rekey` decides, carried out (SPEC REKEY-1 to REKEY-6).

use alloc::boxed::Box;

use super::Chat;
use super::due::may_ask;
use super::keys::{Exchange, Keys, NextKey};
use super::queue::{Arrived, Kind};
use super::send::draw_nonzero;
use super::state::State;
use super::turn::{End, Turn};
use crate::agreement;
use crate::env::Env;
use crate::error::{ApiMisuse, CallError, PeerFault, RekeyFailure, Unavailable, Violation};
use crate::event::Event;
use crate::id::{ExchangeId, KeyFingerprint, SeqNo};
use crate::profile::PeerPolicy;
use crate::rekey::{Context, Outcome, RekeyState, Said, is_unanswered, noop_held_until, pause_millis};
use crate::verify::Verification;
use crate::wire::{ActionAbortKey, ActionAcceptKey, ActionCommitKey, ActionRequestKey, Bytes, DecryptedMessageAction};

/// # App -> chat
impl Chat {
    /// Asks the peer for a new key now. The chat does so by itself in good time ([`RekeyPolicy`](crate::RekeyPolicy));
    /// a host calls this before something precious.
    ///
    /// # Errors
    /// [`Unavailable::RekeyInProgress`] while an exchange is open or either end may hold an old key,
    /// [`Unavailable::NotReady`], [`Unavailable::ChatClosed`], [`Unavailable::OutboxFull`], [`Unavailable::SeqExhausted`],
    /// [`ApiMisuse::UnusableRng`].
    pub fn rekey(&mut self, env: &mut Env<'_>) -> Result<(), CallError> {
        self.try_turn(env, |turn| {
            if !may_ask(turn.chat.ready_keys()?, &turn.state) {
                return Err(Unavailable::RekeyInProgress.into());
            }
            turn.ask().map(End::Commit)
        })
    }
}

/// # Ask
impl Chat {
    /// How far an exchange of keys is; idle if there are no keys.
    #[must_use]
    pub fn rekey_state(&self) -> RekeyState {
        self.keys().map_or(RekeyState::Idle, |keys| keys.exchange.state())
    }

    /// How many keys have followed the first one.
    #[must_use]
    pub fn rekeys(&self) -> u32 {
        self.state.rekeys
    }

    /// What users may compare again, together with [`Chat::rekeys`]: it proves that both ends hold the same key now, and
    /// found their way to it together (SPEC REKEY-7). `None` while an exchange is unfinished, and in the Telegram
    /// profile, which has no such value.
    #[must_use]
    pub fn check(&self) -> Option<Verification> {
        let keys = self.keys().filter(|keys| keys.old.is_none() && matches!(keys.exchange, Exchange::Idle))?;
        keys.bound.as_ref().map(|bound| Verification::from_bytes(bound.check))
    }
}

impl Chat {
    /// Whether a message of ours carries a step of an exchange that the peer must not miss.
    pub(super) fn is_step_of_exchange(&self, slot: SeqNo) -> bool {
        self.keys().is_some_and(|keys| {
            matches!(keys.exchange, Exchange::Accepted { slot: accepted, .. } if accepted == slot)
                || keys.old.as_ref().is_some_and(|old| old.committed == Some(slot))
        })
    }

    /// The exchange that the message in this slot asked for.
    pub(super) fn requested_in(&self, slot: SeqNo) -> Option<ExchangeId> {
        match self.keys()?.exchange {
            Exchange::Requested { exchange_id, slot: requested, .. } if requested == slot => Some(exchange_id),
            _ => None,
        }
    }
}

/// What the peer says.
impl Turn<'_> {
    /// The old key goes once nothing under it can be on its way (SPEC REKEY-4).
    pub(super) fn wipe_old_key(&mut self, arrived: &Arrived) {
        let counters = self.state.counters;
        let Some(keys) = self.phase.keys() else { return };
        let Some(old) = &keys.old else { return };
        let unproved = old.committed.is_some_and(|committed| counters.acknowledged <= committed);
        let something_waits = self.chat.waiting.first_from(counters.received).is_some();
        if arrived.fingerprint != keys.current.fingerprint || unproved || something_waits {
            return;
        }
        if let Some(keys) = self.phase.keys_mut() {
            keys.old = None;
        }
        // The peer keeps its old key, and what it sealed under it, until it sees a message under the new one; and it must
        // not wait for a receipt of what can no longer be opened here.
        self.state.owes_acknowledgement = true;
    }

    /// A message about an exchange, in its turn (SPEC REKEY-2).
    pub(super) fn take_rekey(&mut self, said: Said<'_>, arrived: &Arrived) -> Result<(), Violation> {
        let Some(keys) = self.phase.keys() else { return Ok(()) };
        let strict = self.chat.setup.profile.policy() == PeerPolicy::Strict;
        // Zero names no exchange.
        if said.exchange_id() == ExchangeId(0) {
            return if strict && !matches!(said, Said::Abort { .. }) {
                Err(Violation::RekeyUnexpected)
            } else {
                Ok(())
            };
        }
        let State { ended, refused, .. } = self.state;
        let context = Context {
            ended: if refused == Some(said.exchange_id()) { refused } else { ended },
            under_current: arrived.fingerprint == keys.current.fingerprint,
            counts_ours: keys.requested_slot().is_some_and(|slot| arrived.in_seq_no > slot),
        };
        match (said.outcome(keys.exchange.state(), context), said) {
            (Outcome::Unexpected, _) if strict => return Err(Violation::RekeyUnexpected),
            (Outcome::Answer | Outcome::AnswerInstead, Said::Request { exchange_id, public }) => {
                self.take_request(exchange_id, public);
            }
            (Outcome::Derive, Said::Accept { exchange_id, public, fingerprint }) => {
                self.take_answer(exchange_id, public, fingerprint);
            }
            (Outcome::Switch, _) => {
                if let Some(keys) = self.phase.keys_mut()
                    && let Exchange::Accepted { next, .. } = core::mem::replace(&mut keys.exchange, Exchange::Idle)
                {
                    keys.switch(*next, None);
                    // The first key is no sign of a peer that asks again and again.
                    let young = self.state.rekeys > 0;
                    let held = noop_held_until(self.state.key_since, self.state.clock.elapsed());
                    self.state.noop_held_until = held.filter(|_| young);
                    self.begin_key();
                }
            }
            (Outcome::Drop(reason), _) => self.drop_exchange(said.exchange_id(), reason),
            (Outcome::Cancel, _) => {
                if let Some(keys) = self.phase.keys_mut() {
                    keys.exchange = Exchange::Idle;
                }
            }
            (Outcome::Ignore, Said::Request { exchange_id, public }) => {
                // One that could not be answered is not remembered.
                if let Ok(public) = agreement::check_request(&self.chat.setup.profile, public)
                    && let Some(keys) = self.phase.keys_mut()
                    && let Exchange::Requested { ignored, .. } = &mut keys.exchange
                {
                    *ignored = Some((exchange_id, public));
                }
            }
            (Outcome::Ignore, Said::Accept { exchange_id, .. }) if self.chat.rules().aborts_accepted => {
                self.abort(exchange_id);
            }
            (_, Said::Request { .. } | Said::Accept { .. } | Said::Commit { .. } | Said::Abort { .. }) => {}
        }
        Ok(())
    }

    /// Our request is given up once the peer has gone on without it for long enough (SPEC REKEY-3).
    pub(super) fn count_unanswered(&mut self) {
        let State { counters, clock, unanswered, .. } = self.state;
        let (exchange_id, at) = match self.phase.keys().map(|keys| &keys.exchange) {
            Some(Exchange::Requested { exchange_id, slot, at, .. }) if counters.acknowledged > *slot => {
                (*exchange_id, *at)
            }
            _ => return,
        };
        self.state.unanswered = unanswered.saturating_add(1);
        if is_unanswered(&self.chat.setup.rekey, self.state.unanswered, at, clock.elapsed()) {
            self.drop_exchange(exchange_id, RekeyFailure::Unanswered);
            if self.chat.rules().aborts_accepted {
                self.abort(exchange_id);
            }
        }
    }

    /// The exchange gives no key.
    pub(super) fn drop_exchange(&mut self, exchange_id: ExchangeId, reason: RekeyFailure) {
        if let Some(keys) = self.phase.keys_mut() {
            keys.exchange = Exchange::Idle;
        }
        let state = &mut self.state;
        state.ended = Some(exchange_id);
        state.failures = state.failures.saturating_add(1);
        state.ask_after = state.clock.elapsed().after(pause_millis(state.failures));
        self.news.push(Event::RekeyFailed { reason });
    }

    /// The transport refused our request for good. A request of the peer that it ignored for ours waits for its answer
    /// (SPEC REKEY-3).
    pub(super) fn request_refused(&mut self, exchange_id: ExchangeId) {
        let ignored = match self.phase.keys_mut().map(|keys| &mut keys.exchange) {
            Some(Exchange::Requested { ignored, .. }) => ignored.take(),
            _ => None,
        };
        let ended = self.state.ended;
        self.drop_exchange(exchange_id, RekeyFailure::Refused);
        // The peer may still speak of the one before.
        self.state.ended = ended;
        self.state.refused = Some(exchange_id);
        if let (Some((exchange_id, public)), Some(keys)) = (ignored, self.phase.keys_mut()) {
            keys.exchange = Exchange::Asked { exchange_id, public };
        }
    }

    fn take_request(&mut self, exchange_id: ExchangeId, public: &[u8]) {
        if let Some(Exchange::Requested { exchange_id: ours, .. }) = self.phase.keys().map(|keys| &keys.exchange) {
            // Dropped for this one: what is still said of it has no effect.
            self.state.ended = Some(*ours);
        }
        match agreement::check_request(&self.chat.setup.profile, public) {
            Ok(public) => {
                if let Some(keys) = self.phase.keys_mut() {
                    keys.exchange = Exchange::Asked { exchange_id, public };
                }
            }
            Err(_) => {
                self.drop_exchange(exchange_id, RekeyFailure::BadValue);
                self.abort(exchange_id);
            }
        }
    }

    fn take_answer(&mut self, exchange_id: ExchangeId, public: &[u8], fingerprint: KeyFingerprint) {
        let Some(keys) = self.phase.keys() else { return };
        let Exchange::Requested { pending, .. } = &keys.exchange else { return };
        let role = self.chat.setup.role;
        let next = pending
            .confirm(&keys.binding(exchange_id, role), public, fingerprint)
            .map_err(|fault| match fault {
                PeerFault::FingerprintMismatch => RekeyFailure::FingerprintMismatch,
                _ => RekeyFailure::BadValue,
            })
            .and_then(|agreed| unused(NextKey::new(agreed, role), keys));
        match next {
            Ok(next) => {
                if let Some(keys) = self.phase.keys_mut() {
                    keys.exchange = Exchange::Answered { exchange_id, next: Box::new(next) };
                }
            }
            Err(reason) => {
                self.drop_exchange(exchange_id, reason);
                if self.chat.rules().aborts_accepted {
                    self.abort(exchange_id);
                }
            }
        }
    }

    /// Without room for it the peer learns from our silence.
    fn abort(&mut self, exchange_id: ExchangeId) {
        let action = DecryptedMessageAction::AbortKey(ActionAbortKey { exchange_id: exchange_id.0 });
        let _sent = self.queue_service(&action, Kind::Protocol);
    }
}

/// What we do by ourselves.
impl Turn<'_> {
    /// The next step of an exchange, as far as the outbox has room; a part of every commit group.
    pub(super) fn advance_rekey(&mut self) {
        if !self.state.confirmed {
            return;
        }
        let Some(keys) = self.phase.keys() else { return };
        match &keys.exchange {
            Exchange::Asked { .. } => self.answer(),
            Exchange::Answered { .. } => self.commit(),
            Exchange::Idle if self.chat.asks_now(keys, &self.state) => {
                if self.ask().is_err() {
                    let state = &mut self.state;
                    state.ask_after = state.clock.elapsed().after(pause_millis(0));
                }
            }
            Exchange::Idle | Exchange::Requested { .. } | Exchange::Accepted { .. } => {}
        }
        self.confirm_switch();
        if self.chat.tells_overdue(&self.state) {
            self.state.overdue_told = true;
            self.news.push(Event::RekeyOverdue);
        }
    }

    fn ask(&mut self) -> Result<(), CallError> {
        self.room_for_step()?;
        let exchange_id = draw_nonzero(self.rng).map(ExchangeId)?;
        let pending = agreement::request(&self.chat.setup.profile, self.rng)?;
        let g_a = Bytes::new(pending.public()).ok_or(ApiMisuse::MessageTooLong)?;
        let action = DecryptedMessageAction::RequestKey(ActionRequestKey { exchange_id: exchange_id.0, g_a });
        let (slot, at) = (self.state.counters.sent, self.state.clock.elapsed());
        self.queue_service(&action, Kind::Protocol)?;
        self.state.unanswered = 0;
        if let Some(keys) = self.phase.keys_mut() {
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
        // A generator that gives nothing usable, or the peer's own secret, is tried again with the next call.
        let (profile, role) = (&self.chat.setup.profile, self.chat.setup.role);
        let binding = keys.binding(exchange_id, role.peer());
        let Ok((own, agreed)) = agreement::answer(profile, &binding, public, self.rng) else { return };
        let next = match unused(NextKey::new(agreed, role), keys) {
            Ok(next) => next,
            Err(reason) => {
                self.drop_exchange(exchange_id, reason);
                return self.abort(exchange_id);
            }
        };
        let Some(g_b) = Bytes::new(&own) else { return };
        let key_fingerprint = next.key.fingerprint.to_long();
        let action =
            DecryptedMessageAction::AcceptKey(ActionAcceptKey { exchange_id: exchange_id.0, g_b, key_fingerprint });
        let slot = self.state.counters.sent;
        if self.queue_service(&action, Kind::Protocol).is_ok()
            && let Some(keys) = self.phase.keys_mut()
        {
            keys.exchange = Exchange::Accepted { exchange_id, slot, next: Box::new(next) };
        }
    }

    /// CommitKey goes under the current key; everything after it under the new one (SPEC REKEY-4).
    fn commit(&mut self) {
        let Some(Exchange::Answered { exchange_id, next }) = self.phase.keys().map(|keys| &keys.exchange) else {
            return;
        };
        let key_fingerprint = next.key.fingerprint.to_long();
        let action = DecryptedMessageAction::CommitKey(ActionCommitKey { exchange_id: exchange_id.0, key_fingerprint });
        let slot = self.state.counters.sent;
        if self.room_for_step().is_ok()
            && self.queue_service(&action, Kind::Protocol).is_ok()
            && let Some(keys) = self.phase.keys_mut()
            && let Exchange::Answered { next, .. } = core::mem::replace(&mut keys.exchange, Exchange::Idle)
        {
            keys.switch(*next, Some(slot));
            self.begin_key();
        }
    }

    /// The starter keeps its old key, and may go on sealing with it, until it sees a message under the new one.
    fn confirm_switch(&mut self) {
        let answered = self.phase.keys().and_then(|keys| keys.old.as_ref()).is_some_and(|old| old.committed.is_none());
        let State { counters, key_slot, clock, noop_held_until: held, .. } = self.state;
        if !answered || counters.sent != key_slot {
            // Whatever went out under the new key said so.
            self.state.noop_held_until = None;
        } else if held.is_none_or(|until| clock.elapsed() >= until) {
            self.state.noop_held_until = None;
            let _sent = self.queue_service(&DecryptedMessageAction::Noop, Kind::Protocol);
        }
    }

    /// Before anything costly is computed.
    fn room_for_step(&self) -> Result<(), Unavailable> {
        let (acknowledged, len) = (self.state.counters.acknowledged, self.chat.rules().lengths.step);
        let room = self.outbox.has_room(acknowledged, Kind::Protocol, len, &self.chat.setup);
        if room { Ok(()) } else { Err(Unavailable::OutboxFull) }
    }
}

/// A key whose name could be taken for another's is not used (SPEC REKEY-3).
fn unused(next: NextKey, keys: &Keys) -> Result<NextKey, RekeyFailure> {
    if keys.holds(next.key.fingerprint) { Err(RekeyFailure::FingerprintCollision) } else { Ok(next) }
}
