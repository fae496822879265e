//! Messages of the other party arrive, and have the recorded meaning.

use recordings::Message;
use secretchat::{ChatState, Handled, Input, PeerFault};

use super::{Failure, Player, env, layer_of, slot_of};
use crate::play::meaning;

impl Player<'_> {
    /// Gives our chat a message of the other party, and checks the result.
    pub(super) fn theirs(&mut self, n: usize, message: &Message) -> Result<(), Failure> {
        let value = &self.recording.steps[n].value;
        let before = self.chat.counters().received;
        let was_open = self.chat.state() == ChatState::Ready;
        self.prepare_next();
        let input = Input::ciphertext(&message.wire, meaning::file(value), Some(meaning::date(value)));
        let sent = self.chat.counters().sent;
        let handled = self.chat.handle(input, &mut env(&mut self.rng));
        self.rng.forget();
        self.drain();
        self.settle(sent)?;
        if message.is_under_old_key() {
            return match handled {
                Err(PeerFault::UnknownKey) => Ok(()),
                other => Err(format!("expected UnknownKey of a key that was wiped, actual {other:?}")),
            };
        }
        let expected = match layer_of(message).map(|layer| slot_of(&layer)) {
            _ if !was_open => Handled::Ignored,
            Some(slot) if slot < before => Handled::Duplicate,
            Some(slot) if slot > before => Handled::Waiting,
            _ => Handled::Applied,
        };
        if handled != Ok(expected) {
            return Err(format!("expected {expected:?}, actual {handled:?}"));
        }
        for slot in before..self.chat.counters().received {
            let first = self.their_first.get(&slot).ok_or(format!("slot {slot} never arrived"))?;
            meaning::check(&self.recording.steps[*first].value, &mut self.news)
                .map_err(|error| format!("message of step {first}: {error}"))?;
        }
        if let Some(event) = self.news.front() {
            return Err(format!("expected nothing more, actual {event:?}"));
        }
        self.played.received += 1;
        Ok(())
    }

    /// Delivers messages that are on their way until `received` of them have arrived.
    pub(super) fn arrive_late(&mut self, received: u32) -> Result<(), Failure> {
        while self.chat.counters().received < received {
            let Some(n) = self.late.pop_front() else { break };
            let recording = self.recording;
            if let Some(message) = &recording.steps[n].message {
                self.say_what_crossed(message)?;
                self.theirs(n, message).map_err(|error| format!("late step {n}: {error}"))?;
            }
        }
        Ok(())
    }
}
