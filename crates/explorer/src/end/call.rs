//! A call on the chat of an end: restored from its records, or living.

use std::panic::{AssertUnwindSafe, catch_unwind};

use secretchat::{
    CallError, Chat, ChatState, Draft, Env, Handled, History, Input, Invitation, Layer, Output, PeerFault, RandomId,
    Timestamp, Transmit, TransmitId, TransmitKind, Ttl,
};

use super::packet::transmit_id;
use super::rows::Change;
use super::{End, Outcome, Packet, Sent};
use crate::fault::Fault;
use crate::invariants::{self, Violation};
use crate::old::Said;
use crate::settings::{Act, Profile, Settings, Side};
use crate::step::{Call, Kind};

/// How long a fair host waits, at first, before it does something by itself.
const PAUSE: u64 = 60_000;
/// What is due later than this is not waited for.
const SOON: u64 = 40 * 24 * 3_600_000;

impl End {
    /// Makes a call on the chat as the records have it, and carries out what comes of it.
    ///
    /// # Errors
    /// What is violated.
    pub fn call(&self, settings: &Settings, call: Call, packet: Option<&Packet>) -> Result<Outcome, Violation> {
        if self.old.is_some() {
            return guarded(call, || self.call_old(settings, call, packet));
        }
        let drawn_anew;
        let settings = match settings.fault {
            Some(Fault::DrawsAnew) => {
                drawn_anew = Settings { seed: settings.seed + 1, ..settings.clone() };
                &drawn_anew
            }
            _ => settings,
        };
        let mut end = self.clone();
        if let Some(unchanged) = end.prepare(settings, call)? {
            return Ok(unchanged);
        }
        guarded(call, || {
            let mut rng = end.draws(settings, call);
            let mut env = Env::new(Timestamp::from_millis(end.now), &mut rng);
            let Some(mut chat) = end.restore(&mut env)? else {
                return end.without_chat(settings, call, packet, &mut env);
            };
            let restored = drain(&mut chat);
            if restored.is_empty() {
                return end.clone().on_chat(settings, &mut chat, call, packet);
            }
            // What an earlier process left undone.
            let before = end.clone().absorb(settings, &chat, restored, Change::default(), true, Call::Dies)?;
            let mut outcome = before.end.on_chat(settings, &mut chat, call, packet)?;
            outcome.sent.splice(0..0, before.sent);
            Ok(outcome)
        })
    }

    /// Makes a call on a living chat, which must be what the records of this end have.
    ///
    /// # Errors
    /// What is violated.
    pub fn call_living(
        &self,
        settings: &Settings,
        chat: &mut Chat,
        call: Call,
        packet: Option<&Packet>,
    ) -> Result<Outcome, Violation> {
        let mut end = self.clone();
        match end.prepare(settings, call)? {
            Some(unchanged) => Ok(unchanged),
            None => guarded(call, || end.clone().on_chat(settings, chat, call, packet)),
        }
    }

    /// Changes what a call changes before the chat is called. Returns the outcome of a call that needs no chat.
    fn prepare(&mut self, settings: &Settings, call: Call) -> Result<Option<Outcome>, Violation> {
        match call {
            Call::Dies => {
                self.accepted.clear();
                Ok(Some(Outcome::of(self.clone())))
            }
            Call::RollsBack(copy) => Ok(Some(Outcome::of(self.set_back(settings, copy)?))),
            Call::Tick => {
                self.ticks -= 1;
                Ok(None)
            }
            Call::Refused(_) => {
                self.refusals -= 1;
                Ok(None)
            }
            Call::RefusedForNow(_) => {
                self.delays -= 1;
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// Returns how long the host waits in a closing phase.
    pub(super) fn pause(&self) -> u64 {
        PAUSE << u64::from(self.ticks).min(11)
    }

    /// What a host does for which there is no chat, or none any more.
    fn without_chat(
        &self,
        settings: &Settings,
        call: Call,
        packet: Option<&Packet>,
        env: &mut Env<'_>,
    ) -> Result<Outcome, Violation> {
        if let (Call::Takes(_), Some(packet)) = (call, packet) {
            match &packet.sent {
                Sent::Transmit(Transmit { kind: TransmitKind::Request { public, .. }, .. })
                | Sent::Said(Said::Request(public))
                    if self.chat.is_none() =>
                {
                    let taken = Invitation::parse(public, settings.start(self.side));
                    let wrong = |fault| Violation { invariant: invariants::TAKEN, seen: format!("{fault:?}") };
                    let accepted = taken.map_err(wrong)?.accept(env);
                    let misuse = |misuse| Violation { invariant: invariants::MISUSE, seen: format!("{misuse:?}") };
                    let mut chat = accepted.map_err(misuse)?;
                    let outputs = drain(&mut chat);
                    return self.clone().absorb(settings, &chat, outputs, Change::default(), true, call);
                }
                // Nobody here has this chat: it is over (SPEC CLOSE-3).
                Sent::Transmit(Transmit { kind: TransmitKind::Discard { .. }, .. }) => {
                    let mut outcome = Outcome::of(self.clone());
                    outcome.end.answer_discard(None, &mut outcome.sent);
                    return Ok(outcome);
                }
                _ => {}
            }
        }
        Ok(Outcome::of(self.clone()))
    }

    fn on_chat(
        mut self,
        settings: &Settings,
        chat: &mut Chat,
        call: Call,
        packet: Option<&Packet>,
    ) -> Result<Outcome, Violation> {
        match call {
            Call::Tick => {
                let soon = Timestamp::from_millis(self.now + SOON);
                let Some(due) = chat.poll_timeout().filter(|due| *due <= soon) else { return Ok(Outcome::of(self)) };
                // A host may be late: otherwise the time would be written a few times before a message ends (DES-12).
                let ends = self.deadlines.values().min().copied();
                self.now = self.now.max(ends.unwrap_or(due.as_millis()));
            }
            Call::Waits => self.now += self.pause(),
            _ => {}
        }
        let mut rng = self.draws(settings, call);
        let is_wrong = settings.fault == Some(Fault::IgnoresTimers) && call == Call::Tick;
        let late = if is_wrong { 3_600_000 } else { 0 };
        let env = &mut Env::new(Timestamp::from_millis(self.now - late), &mut rng);
        let mut change = Change::default();
        let done = self.perform(settings, chat, call, packet, env, &mut change)?;
        let outputs = drain(chat);
        self.absorb(settings, chat, outputs, change, done, call)
    }

    fn perform(
        &mut self,
        settings: &Settings,
        chat: &mut Chat,
        call: Call,
        packet: Option<&Packet>,
        env: &mut Env<'_>,
        change: &mut Change,
    ) -> Result<bool, Violation> {
        let possible = |result: Result<(), CallError>| match result {
            Ok(()) => Ok(true),
            Err(CallError::Unavailable(_)) => Ok(false),
            Err(error) => Err(Violation { invariant: invariants::MISUSE, seen: format!("{call:?}: {error:?}") }),
        };
        match call {
            Call::User => {
                let done = possible(self.act(settings.scripts[self.side][self.acts], chat, env, change))?;
                change.acts = usize::from(done);
                Ok(done)
            }
            Call::Writes => possible(self.act(Act::Send, chat, env, change)),
            Call::AsksForKey => possible(chat.rekey(env)),
            Call::Acknowledge => {
                if settings.fault == Some(Fault::NeverAcknowledges) {
                    return Ok(true);
                }
                possible(chat.acknowledge(env))
            }
            Call::Repeat => {
                chat.retransmit(env);
                Ok(true)
            }
            Call::Tick | Call::Waits => {
                chat.handle_timeout(env);
                Ok(true)
            }
            Call::Accepted(name) => {
                let id = transmit_id(name);
                let before = chat.checkpoint();
                let _ = chat.handle(Input::carried(id, None), env);
                if id != TransmitId::DISCARD && chat.checkpoint() == before {
                    self.accepted.insert(id);
                }
                Ok(true)
            }
            Call::Refused(name) => {
                let handled = chat.handle(Input::refused_for_good(transmit_id(name)), env);
                if handled == Ok(Handled::Applied) {
                    change.refused = Some(name);
                }
                Ok(true)
            }
            Call::RefusedForNow(name) => {
                let before = chat.checkpoint();
                let handled = chat.handle(Input::refused(transmit_id(name)), env);
                let unchanged = handled == Ok(Handled::Ignored) && chat.checkpoint() == before;
                let seen = || format!("{name} was refused for now: {handled:?}");
                invariants::hold(unchanged, invariants::SEALED_ONCE, seen)?;
                Ok(true)
            }
            Call::Takes(_) => match packet {
                Some(packet) => self.take(settings, chat, packet, env, change),
                None => Ok(false),
            },
            Call::Dies | Call::RollsBack(_) => Ok(false),
        }
    }

    fn act(&self, act: Act, chat: &mut Chat, env: &mut Env<'_>, change: &mut Change) -> Result<(), CallError> {
        let own = self.rows.made.iter().rev().find(|id| !self.rows.destroyed.contains(id));
        match act {
            Act::Send => {
                let id = message_id(self.side, self.rows.made.len());
                chat.send(&Draft::text("x").with_random_id(RandomId(id)), env)?;
                change.made = Some((id, chat.ttl().to_wire()));
                Ok(())
            }
            Act::Delete => {
                if let Some(id) = own {
                    chat.delete(&[RandomId(*id)], env)?;
                    change.destroyed.push(*id);
                }
                Ok(())
            }
            Act::Rekey => chat.rekey(env),
            Act::SetTtl(seconds) => chat.set_ttl(Ttl::from_seconds(seconds)?, env),
            Act::MarkRead => {
                if chat.state() == ChatState::Ready && matches!(chat.profile(), secretchat::Profile::Telegram { .. }) {
                    return chat.mark_read_up_to(env.now, env);
                }
                let heard = self.rows.heard.iter().filter(|id| !self.rows.destroyed.contains(id));
                let heard: Vec<_> = heard.map(|id| RandomId(*id)).collect();
                if heard.is_empty() { Ok(()) } else { chat.mark_read(&heard, env).map(drop) }
            }
            Act::Flush => {
                chat.flush_history(env)?;
                change.destroyed.extend(self.rows.made.iter().chain(&self.rows.heard));
                Ok(())
            }
            Act::Screenshot => chat.report_screenshot(&[], env),
            Act::Announce(layer) => chat.announce_layer(Layer(layer), env),
            Act::Close => {
                chat.close(History::Keep, env);
                Ok(())
            }
        }
    }

    fn take(
        &self,
        settings: &Settings,
        chat: &mut Chat,
        packet: &Packet,
        env: &mut Env<'_>,
        change: &mut Change,
    ) -> Result<bool, Violation> {
        let transmit = match &packet.sent {
            Sent::Receipt(proof) => {
                let _ = chat.handle(Input::discard_receipt(proof.as_ref()), env);
                return Ok(true);
            }
            Sent::Said(said) => return self.take_said(settings, chat, packet, said, env),
            Sent::Transmit(transmit) => transmit,
        };
        let changed;
        let input = match &transmit.kind {
            TransmitKind::Request { .. } => {
                chat.accept_again(env);
                return Ok(true);
            }
            TransmitKind::Accept { public, fingerprint, .. } => Input::accepted(public, *fingerprint),
            TransmitKind::Discard { history, proof, .. } => Input::discarded(*history, *proof),
            TransmitKind::Ciphertext { bytes, .. } => {
                changed = carried(settings, packet, bytes);
                Input::ciphertext(&changed, None, None)
            }
            TransmitKind::Read { max_date, .. } => Input::read(*max_date, None),
            _ => return Ok(false),
        };
        let handled = chat.handle(input, env);
        let telegram = settings.profile == Profile::Telegram;
        if packet.name.kind == Kind::Discard {
            if handled.is_ok() && !telegram {
                change.receipt = Some(chat.discard_receipt());
            }
            return Ok(handled.is_ok());
        }
        self.was_taken(settings, packet, handled, chat.counters().received)
    }

    /// Whether a message does not have to come again.
    pub(super) fn was_taken(
        &self,
        settings: &Settings,
        packet: &Packet,
        handled: Result<Handled, PeerFault>,
        received: u32,
    ) -> Result<bool, Violation> {
        let old = packet.name.kind == Kind::Message && u32::from(packet.name.slot) < received;
        match handled {
            Ok(handled) => Ok(handled != Handled::NoRoom),
            // Its key was wiped, since it was processed.
            Err(PeerFault::UnknownKey) if old => Ok(true),
            Err(_) if self.was_set_back(settings) || settings.rollbacks > 0 => Ok(true),
            Err(fault) => Err(Violation { invariant: invariants::TAKEN, seen: format!("{}: {fault:?}", packet.name) }),
        }
    }
}

/// The bytes as the transport brings them.
pub(super) fn carried(settings: &Settings, packet: &Packet, bytes: &[u8]) -> Vec<u8> {
    match (settings.fault, bytes) {
        (Some(Fault::ChangesBytes), [rest @ .., last]) if packet.name.slot == 1 => [rest, &[last ^ 1]].concat(),
        _ => bytes.to_vec(),
    }
}

/// A message of the user is called by its end and its number: ids grow.
pub(super) fn message_id(side: Side, number: usize) -> i64 {
    let side = i64::from(side == 1);
    (side + 1) * 1000 + i64::try_from(number).unwrap_or(0) + 1
}

/// A panic is a violation, too.
fn guarded<T>(call: Call, run: impl FnOnce() -> Result<T, Violation>) -> Result<T, Violation> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
        Err(Violation { invariant: invariants::PANICS, seen: format!("{call:?}: {}", said.unwrap_or_default()) })
    })
}

pub(super) fn drain(chat: &mut Chat) -> Vec<Output> {
    std::iter::from_fn(|| chat.poll_output()).collect()
}
