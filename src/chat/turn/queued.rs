//! Outputs that were not fetched before a later turn destroys their content (SPEC SEQ-8, OUT-2, DES-10).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::group::Group;
use super::timed::TimedChanges;
use crate::chat::Chat;
use crate::chat::model::{Outgoing, TimedMessage};
use crate::output::{Event, Output};
use crate::types::id::{RandomId, SeqNo};

impl Chat {
    /// Takes back the queued transmissions from the first slot that this turn has emptied. They go out after the
    /// batch of this turn, in slot order, with the emptied slots as they are now, and before those of the turn itself.
    pub(super) fn withdraw(&mut self, outgoing: &[Outgoing], group: &mut Group) {
        let emptied: BTreeMap<SeqNo, &Outgoing> =
            outgoing.iter().filter(|entry| entry.emptied).map(|entry| (entry.slot, entry)).collect();
        let waits = |output| slot_of(output).is_some_and(|slot| emptied.contains_key(&slot));
        let Some(first) = emptied.keys().next().filter(|_| self.outputs.iter().any(waits)) else { return };
        let mut again = Vec::new();
        for output in core::mem::take(&mut self.outputs) {
            match (slot_of(&output), output) {
                (Some(slot), Output::Transmit(transmit)) if slot >= *first => {
                    again.push(emptied.get(&slot).map_or(transmit, |entry| entry.transmit()));
                }
                (_, kept) => self.outputs.push_back(kept),
            }
        }
        group.send_first(again);
    }

    /// Takes back the queued leases of messages that are gone, or that came again under the same id.
    pub(super) fn take_back(&mut self, timed: &TimedChanges) {
        let opened = |message: &TimedMessage| message.timer.deadline.is_some();
        // Nothing else is lent, and to look for it among the outputs would take long where nobody takes them (SPEC LIM-5).
        let lent = |id: RandomId| self.timed.get(id).is_some_and(opened);
        let gone = |id| match timed.changed.get(&id) {
            Some(message) => !message.as_ref().is_some_and(opened),
            None => timed.flushed,
        };
        let flushes = timed.flushed && self.timed.iter().any(|(_, message)| opened(message));
        if flushes || timed.changed.keys().any(|id| gone(*id) && lent(*id)) {
            self.outputs.retain(|output| !opens(output).is_some_and(gone));
        }
    }

    /// Takes back all leases: the chat is over.
    pub(super) fn take_back_all(&mut self) {
        self.outputs.retain(|output| opens(output).is_none());
    }

    /// Returns whether this output lends what has ended since, by the last time that the host passed in.
    pub(in crate::chat) fn came_too_late(&self, output: &Output) -> bool {
        let now = self.state.clock.elapsed();
        opens(output).is_some_and(|id| self.timed.get(id).is_none_or(|message| message.timer.is_over(now)))
    }
}

fn slot_of(output: &Output) -> Option<SeqNo> {
    match output {
        Output::Transmit(transmit) => transmit.id.slot(),
        Output::Event(_) | Output::Persist(_) => None,
    }
}

fn opens(output: &Output) -> Option<RandomId> {
    match output {
        Output::Event(Event::Opened { random_id, .. }) => Some(*random_id),
        _ => None,
    }
}
