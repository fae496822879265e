//! Makes our chat send what the recorded party sent, and finds its slots in the recording.

use recordings::{Message, Party, Recording, Scripted};
use secretchat::hazmat::wire::{DecryptedMessage, DecryptedMessageAction};
use secretchat::{ApiMisuse, CallError, Draft, GroupedId, RandomId, RekeyState, Ttl, Unavailable};

use super::{Failure, Player, env, layer_of, read, slot_of};
use crate::play::compare::action;
use crate::play::differences::Difference;
use crate::play::draft::Written;
use crate::play::keys::{self, Step as RekeyStep};

/// The greatest number of slots that a recorded party uses until the next step of a rekey.
const SOON: usize = 4;

impl Player<'_> {
    /// Makes our chat send what was recorded in `slot`.
    pub(super) fn say(&mut self, slot: u32) -> Result<(), Failure> {
        let place = self.chat.counters().sent;
        let said = self.say_in(slot, place);
        // An album takes several.
        for place in place..self.chat.counters().sent {
            self.places.insert(self.next_recorded(), place);
        }
        said
    }

    /// Sends what the recorded party had written before `message` reached it, although the file has it later: its
    /// `in_seq_no` does not count the message.
    pub(super) fn say_what_crossed(&mut self, message: &Message) -> Result<(), Failure> {
        let received = self.chat.counters().received;
        if layer_of(message).map(|layer| slot_of(&layer)) != Some(received) {
            return Ok(());
        }
        let counts = |n: usize| {
            let layer = self.recording.steps[n].message.as_ref().and_then(layer_of)?;
            Some((layer.in_seq_no / 2).max(0).unsigned_abs())
        };
        let crossed = self.our_first.iter().rev().find(|(_, n)| counts(**n).is_some_and(|counts| counts <= received));
        let Some(crossed) = crossed.map(|(slot, _)| *slot) else { return Ok(()) };
        while self.next_recorded() <= crossed {
            let next = self.next_recorded();
            self.say(next).map_err(|error| format!("in slot {next}: {error}"))?;
        }
        Ok(())
    }

    fn say_in(&mut self, slot: u32, place: u32) -> Result<(), Failure> {
        let recording = self.recording;
        let first = self.our_first.get(&slot);
        let recorded = first.and_then(|n| recording.steps[*n].message.as_ref()).and_then(layer_of);
        let Some(recorded) = recorded else { return self.stand_in(place, Difference::NoCall) };
        self.prepare_next();
        let done = self.call(&recorded.message, slot);
        self.rng.forget();
        self.drain();
        match done {
            Ok(()) if self.chat.counters().sent > place => Ok(()),
            Ok(()) => match action(&recorded.message) {
                Some(
                    DecryptedMessageAction::NotifyLayer(_)
                    | DecryptedMessageAction::Resend(_)
                    | DecryptedMessageAction::Noop,
                ) => self.stand_in(place, Difference::OwnAccord),
                Some(action) if RekeyStep::of(&action).is_some() && !recording.is_hostile => {
                    Err(format!("expected {action:?} by itself, actual nothing"))
                }
                _ => self.stand_in(place, Difference::NoCall),
            },
            Err(CallError::Misuse(ApiMisuse::EmptyMessage)) => self.stand_in(place, Difference::EmptyText),
            Err(CallError::Unavailable(Unavailable::RekeyInProgress)) if recording.is_hostile => {
                self.stand_in(place, Difference::NoCall)
            }
            Err(CallError::Unavailable(Unavailable::RekeyInProgress))
                if self.chat.rekeys() > 0 && self.chat.rekey_state() == RekeyState::Idle =>
            {
                self.is_over = true;
                self.played.differences.note(Difference::TooSoon);
                self.stand_in(place, Difference::TooSoon)
            }
            Err(misuse) => Err(format!("expected to be able to say it, actual {misuse:?}")),
        }
    }

    /// Fills a slot with something else, so that the other party's acknowledgements fit.
    fn stand_in(&mut self, place: u32, reason: Difference) -> Result<(), Failure> {
        let done = self.chat.report_screenshot(&[], &mut env(&mut self.rng));
        self.drain();
        self.stand_ins.insert(place, reason);
        done.map_err(|misuse| format!("expected to be able to send, actual {misuse:?}"))
    }

    /// Returns our first recorded slot for which our chat has sent nothing.
    pub(super) fn next_recorded(&self) -> u32 {
        (0..).find(|slot| !self.places.contains_key(slot)).unwrap_or(u32::MAX)
    }

    /// Finds the recorded message for each message that our chat sent by itself, from the slot `from` on.
    pub(super) fn settle(&mut self, from: u32) -> Result<(), Failure> {
        let recording = self.recording;
        for place in from..self.chat.counters().sent {
            let sealed = self.carried.get(&place).and_then(|carried| carried.first());
            let Some((sealed, _)) = sealed else { return Err(format!("nothing was carried in slot {place}")) };
            let mut wire = sealed.clone();
            let slot = self.next_recorded();
            let opened = self.open(&mut wire);
            if opened.is_err() && recording.is_hostile {
                // Some of those files hold no key.
                self.places.insert(slot, place);
                continue;
            }
            let ours = read(opened?.0)?;
            let recorded = |slot: &u32| {
                let layer = layer_of(recording.steps[*self.our_first.get(slot)?].message.as_ref()?)?;
                action(&layer.message)
            };
            let next = recorded(&slot);
            let said = action(&ours.message);
            let is_same = match (&next, &said) {
                (Some(next), Some(said)) => std::mem::discriminant(next) == std::mem::discriminant(said),
                _ => false,
            };
            let step = said.as_ref().and_then(RekeyStep::of);
            let later = || (slot..).take(SOON).find(|slot| recorded(slot).as_ref().and_then(RekeyStep::of) == step);
            let (slot, stands_in) = match (is_same, step) {
                (false, Some(_)) => (later().unwrap_or(slot), None),
                (false, None) if said == Some(DecryptedMessageAction::Noop) => (slot, Some(Difference::Confirmation)),
                (false, None) if self.stand_ins.values().any(|reason| *reason == Difference::Confirmation) => {
                    (slot, Some(Difference::Displaced))
                }
                _ => (slot, None),
            };
            self.places.insert(slot, place);
            self.by_itself.insert(place);
            if let Some(reason) = stands_in {
                self.stand_ins.insert(place, reason);
            }
        }
        Ok(())
    }

    fn call(&mut self, message: &DecryptedMessage<'_>, slot: u32) -> Result<(), CallError> {
        let ids = |ids: secretchat::hazmat::wire::Vector<'_, i64>| ids.iter().map(RandomId).collect::<Vec<_>>();
        if let Some(written) = Written::of(message) {
            return match self.album(&written, slot) {
                Some(drafts) => self.chat.send_album(&drafts, &mut env(&mut self.rng)).map(drop),
                None => self.chat.send(&written.draft(), &mut env(&mut self.rng)).map(drop),
            };
        }
        let DecryptedMessage::Service17(service) = message else { return Ok(()) };
        let (chat, env) = (&mut self.chat, &mut env(&mut self.rng));
        match service.action {
            DecryptedMessageAction::SetMessageTTL(action)
                if Ttl::from_wire(action.ttl_seconds).to_wire() == action.ttl_seconds =>
            {
                chat.set_ttl(Ttl::from_wire(action.ttl_seconds), env)
            }
            DecryptedMessageAction::ReadMessages(action) => chat.mark_read(&ids(action.random_ids), env).map(drop),
            DecryptedMessageAction::DeleteMessages(action) => chat.delete(&ids(action.random_ids), env).map(drop),
            DecryptedMessageAction::ScreenshotMessages(action) => chat.report_screenshot(&ids(action.random_ids), env),
            DecryptedMessageAction::FlushHistory => chat.flush_history(env).map(drop),
            DecryptedMessageAction::Noop => chat.acknowledge(env),
            DecryptedMessageAction::RequestKey(_) => chat.rekey(env),
            // The other steps come by themselves.
            _ => Ok(()),
        }
    }

    /// Returns the drafts of an album that begins here.
    fn album(&mut self, first: &Written<'_>, slot: u32) -> Option<Vec<Draft>> {
        let grouped_id = GroupedId(first.grouped_id?);
        let mut drafts = Vec::new();
        for n in (slot..).map_while(|slot| self.our_first.get(&slot)) {
            let Some(layer) = self.recording.steps[*n].message.as_ref().and_then(layer_of) else { break };
            let Some(written) = Written::of(&layer.message) else { break };
            if written.grouped_id != first.grouped_id || written.media.is_none() {
                break;
            }
            drafts.push(written.draft());
        }
        self.rng.push(grouped_id.0.to_le_bytes().to_vec());
        (drafts.len() >= 2).then_some(drafts)
    }

    /// Sets the draws of our chat to the random values of the recorded message that comes next: a step of a rekey, which our
    /// chat takes at once, or otherwise the message of the next slot.
    pub(super) fn prepare_next(&mut self) {
        let recorded = |slot: &u32| self.recording.steps[*self.our_first.get(slot)?].message.as_ref();
        let next = self.next_recorded();
        let step = |slot: &u32| {
            let layer = recorded(slot).and_then(layer_of)?;
            action(&layer.message).as_ref().and_then(RekeyStep::of)
        };
        let speaks_by_itself = recorded(&next).and_then(layer_of).is_some_and(|layer| action(&layer.message).is_some());
        let later = (next..).take(SOON).find(|slot| !self.places.contains_key(slot) && step(slot).is_some());
        let slots = if speaks_by_itself { [None, Some(next)] } else { [later, Some(next)] };
        for slot in slots.into_iter().flatten() {
            prepare(self.recording, self.us, self.our_first.get(&slot), &mut self.rng);
        }
    }
}

pub(super) fn prepare(recording: &Recording, us: Party, next: Option<&usize>, rng: &mut Scripted) {
    let Some(layer) = next.and_then(|n| recording.steps[*n].message.as_ref()).and_then(layer_of) else { return };
    if let Some(DecryptedMessageAction::RequestKey(request)) = action(&layer.message) {
        rng.push(request.exchange_id.to_le_bytes().to_vec());
    }
    if let Some(exponent) = keys::exponent_of(recording, us, &layer.message) {
        rng.push(exponent);
    }
    // Our chat draws what it needs for a message at once: the id of a service message, then the random bytes.
    let mut beginning = Vec::new();
    if let DecryptedMessage::Service17(service) = layer.message {
        beginning.extend(service.random_id.to_le_bytes());
    }
    beginning.extend(layer.random_bytes.as_slice());
    rng.push_beginning(beginning);
}
