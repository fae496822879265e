//! Leases that were not fetched yet: gone with their message (SPEC DES-10).

use super::Chat;
use super::timed::{TimedChange, TimedMessage};
use crate::event::{Event, Output};
use crate::id::RandomId;

impl Chat {
    /// Takes back what waits in the queue of a message that is gone, or that has come anew under the same id.
    pub(super) fn take_back(&mut self, timed: &TimedChange) {
        let opened = |message: &TimedMessage| message.timer.deadline.is_some();
        let gone = |id| match timed.changed.get(&id) {
            Some(message) => !message.as_ref().is_some_and(opened),
            None => timed.flushed,
        };
        if timed.flushed || timed.changed.keys().any(|id| gone(*id)) {
            self.outputs.retain(|output| !opens(output).is_some_and(gone));
        }
    }

    /// Takes back everything: the chat is over.
    pub(super) fn take_back_all(&mut self) {
        self.outputs.retain(|output| opens(output).is_none());
    }

    /// Whether this output lends what has ended since, by the time that the chat was last told.
    pub(super) fn came_too_late(&self, output: &Output) -> bool {
        let now = self.state.clock.elapsed();
        opens(output).is_some_and(|id| self.timed.get(id).is_none_or(|message| message.timer.is_over(now)))
    }
}

fn opens(output: &Output) -> Option<RandomId> {
    match output {
        Output::Event(Event::Opened { random_id, .. }) => Some(*random_id),
        _ => None,
    }
}
