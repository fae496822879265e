//! The messages with a timer as a turn leaves them.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::chat::model::{Timed, TimedMessage};
use crate::destruct::{Side, Timer};
use crate::types::id::RandomId;
use crate::types::time::{Elapsed, Timestamp};

/// The chat's messages with a timer, and what changes of them. It names none that nobody has (SPEC ACT-2), and what it
/// costs to ask does not grow with what was changed before (SPEC LIM-5).
pub(in crate::chat) struct NextTimed<'a> {
    before: &'a Timed,
    changes: TimedChanges,
    /// How many of the changed ones are new.
    new: usize,
    /// How many were over when a turn first asked.
    over: Option<usize>,
}

/// What a turn changes of them.
#[derive(Default)]
pub(in crate::chat) struct TimedChanges {
    /// All that there were before are gone; what is `changed` came later.
    pub(in crate::chat) flushed: bool,
    /// New or changed; `None` goes.
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

    /// Returns all ids that `which` names.
    pub(in crate::chat) fn ids(&self, which: impl Fn(&TimedMessage) -> bool) -> Vec<RandomId> {
        let before = (!self.changes.flushed).then_some(self.before).into_iter().flat_map(Timed::iter);
        let untouched = before.filter(|(id, _)| !self.changes.changed.contains_key(id));
        untouched.chain(self.new_or_changed()).filter(|(_, message)| which(message)).map(|(id, _)| id).collect()
    }

    /// Returns what is over, in the order in which it is told (SPEC DES-8).
    pub(in crate::chat) fn due(&self, now: Elapsed) -> Vec<RandomId> {
        let before = (!self.changes.flushed).then(|| self.before.due(now)).into_iter().flatten();
        let mut due: Vec<_> = before.filter(|id| !self.changes.changed.contains_key(id)).collect();
        due.extend(self.new_or_changed().filter(|(_, message)| message.timer.is_over(now)).map(|(id, _)| id));
        due.sort_by_key(|id| (self.get(*id).and_then(|message| message.timer.deadline), *id));
        due
    }

    /// Returns how many there are at most, without those that were over before this turn: what is over makes room, told
    /// or not.
    pub(in crate::chat) fn len(&mut self, now: Elapsed) -> usize {
        let over = *self.over.get_or_insert_with(|| self.before.due(now).count());
        let before = if self.changes.flushed { 0 } else { self.before.len().saturating_sub(over) };
        before + self.new
    }

    pub(in crate::chat) fn is_unchanged(&self) -> bool {
        !self.changes.flushed && self.changes.changed.is_empty()
    }

    /// Keeps one: new, or in place of what is kept of it.
    pub(in crate::chat) fn put(&mut self, random_id: RandomId, message: TimedMessage) {
        let is_new = self.changes.flushed || self.before.get(random_id).is_none();
        if self.changes.changed.insert(random_id, Some(message)).is_none() && is_new {
            self.new += 1;
        }
    }

    /// Changes the timer of one.
    pub(in crate::chat) fn set_timer(&mut self, random_id: RandomId, timer: Timer) {
        if let Some(message) = self.get(random_id).filter(|message| message.timer != timer) {
            let message = TimedMessage { timer, ..message.duplicate() };
            self.put(random_id, message);
        }
    }

    /// Notes when the transport accepted one of ours.
    pub(in crate::chat) fn note_carried(&mut self, random_id: RandomId, date: Timestamp) {
        if let Some(message) = self.get(random_id).filter(|message| message.timer.side == Side::Sent) {
            let message = TimedMessage { carried: Some(date), ..message.duplicate() };
            self.put(random_id, message);
        }
    }

    /// Forgets one, with its key. Of an id that nobody has there is nothing to note.
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

    /// Returns what changes, for the records to note what they wrote.
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
