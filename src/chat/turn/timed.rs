//! The messages with a timer as a turn leaves them.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::chat::model::{Timed, TimedMessage};
use crate::destruct::{Side, Timer};
use crate::types::id::RandomId;
use crate::types::time::{Elapsed, Timestamp};

/// The chat's messages with a timer, and the changes to them. It holds no ids that nobody has (SPEC ACT-2), and the
/// cost of a lookup does not grow with the number of earlier changes (SPEC LIM-5).
pub(in crate::chat) struct NextTimed<'a> {
    before: &'a Timed,
    changes: TimedChanges,
    /// How many of the changed ones are new.
    new: usize,
    /// How many had ended when a turn first asked.
    over: Option<usize>,
}

/// The changes that a turn makes to them.
#[derive(Default)]
pub(in crate::chat) struct TimedChanges {
    /// Whether all earlier ones are gone. What is `changed` came later.
    pub(in crate::chat) flushed: bool,
    /// New or changed messages. `None` removes one.
    pub(in crate::chat) changed: BTreeMap<RandomId, Option<TimedMessage>>,
}

impl<'a> NextTimed<'a> {
    pub(super) const fn over(before: &'a Timed) -> Self {
        let changes = TimedChanges { flushed: false, changed: BTreeMap::new() };
        Self { before, changes, new: 0, over: None }
    }

    pub(in crate::chat) fn get(&self, random_id: RandomId) -> Option<&TimedMessage> {
        match self.changes.changed.get(&random_id) {
            Some(changed) => changed.as_ref(),
            None => self.before.get(random_id).filter(|_| !self.changes.flushed),
        }
    }

    /// Returns the ids of all messages that `which` selects.
    pub(in crate::chat) fn ids(&self, which: impl Fn(&TimedMessage) -> bool) -> Vec<RandomId> {
        let before = (!self.changes.flushed).then_some(self.before).into_iter().flat_map(Timed::iter);
        let untouched = before.filter(|(id, _)| !self.changes.changed.contains_key(id));
        untouched.chain(self.new_or_changed()).filter(|(_, message)| which(message)).map(|(id, _)| id).collect()
    }

    /// Returns what has ended, in the order in which it is reported (SPEC DES-15).
    pub(in crate::chat) fn due(&self, now: Elapsed) -> Vec<RandomId> {
        let before = (!self.changes.flushed).then(|| self.before.due(now)).into_iter().flatten();
        let mut due: Vec<_> = before.filter(|id| !self.changes.changed.contains_key(id)).collect();
        due.extend(self.new_or_changed().filter(|(_, message)| message.timer.is_over(now)).map(|(id, _)| id));
        due.sort_by_key(|id| (self.get(*id).and_then(|message| message.timer.deadline), *id));
        due
    }

    /// Returns how many there are at most, without those that had ended before this turn: they make room, reported
    /// or not.
    pub(in crate::chat) fn len(&mut self, now: Elapsed) -> usize {
        let over = *self.over.get_or_insert_with(|| self.before.due(now).count());
        let before = if self.changes.flushed { 0 } else { self.before.len().saturating_sub(over) };
        before + self.new
    }

    pub(in crate::chat) fn is_unchanged(&self) -> bool {
        !self.changes.flushed && self.changes.changed.is_empty()
    }

    /// Keeps a message, new or in place of the one with its id.
    pub(in crate::chat) fn put(&mut self, random_id: RandomId, message: TimedMessage) {
        let is_new = self.changes.flushed || self.before.get(random_id).is_none();
        if self.changes.changed.insert(random_id, Some(message)).is_none() && is_new {
            self.new += 1;
        }
    }

    /// Changes the timer of a message.
    pub(in crate::chat) fn set_timer(&mut self, random_id: RandomId, timer: Timer) {
        if let Some(message) = self.get(random_id).filter(|message| message.timer != timer) {
            let message = TimedMessage { timer, ..message.duplicate() };
            self.put(random_id, message);
        }
    }

    /// Notes when the transport accepted a message of ours.
    pub(in crate::chat) fn note_carried(&mut self, random_id: RandomId, date: Timestamp) {
        if let Some(message) = self.get(random_id).filter(|message| message.timer.side == Side::Sent) {
            let message = TimedMessage { carried: Some(date), ..message.duplicate() };
            self.put(random_id, message);
        }
    }

    /// Forgets a message with its key. Nothing is noted for an id that nobody has.
    pub(in crate::chat) fn forget(&mut self, random_id: RandomId) {
        if !self.changes.flushed && self.before.get(random_id).is_some() {
            self.changes.changed.insert(random_id, None);
        } else if self.changes.changed.remove(&random_id).is_some() {
            self.new -= 1;
        }
    }

    /// Forgets all of them, with their keys.
    pub(in crate::chat) fn forget_all(&mut self) {
        *self = Self { changes: TimedChanges { flushed: true, ..TimedChanges::default() }, ..Self::over(self.before) };
    }

    /// Returns the changes, so that the records can note what they wrote.
    pub(in crate::chat) fn changes_mut(&mut self) -> &mut TimedChanges {
        &mut self.changes
    }

    pub(super) fn into_changes(self) -> TimedChanges {
        self.changes
    }

    fn new_or_changed(&self) -> impl Iterator<Item = (RandomId, &TimedMessage)> {
        self.changes.changed.iter().filter_map(|(id, message)| message.as_ref().map(|message| (*id, message)))
    }
}
