//! Messages with a timer: what the chat keeps of each until it ends (SPEC DES-4, DES-8).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::Chat;
use super::group::Change;
use crate::destruct::{Side, Timer};
use crate::id::RandomId;
use crate::message::Held;
use crate::record::Written;
use crate::time::{Elapsed, Timestamp};
use crate::timers::Timers;

/// A message whose timer has not ended.
#[derive(Debug)]
pub(super) struct TimedMessage {
    pub(super) timer: Timer,
    /// When it was made or arrived: our clock for a message of ours, the transport's for one of the peer.
    pub(super) date: Timestamp,
    /// When the transport took a message of ours over.
    pub(super) carried: Option<Timestamp>,
    /// What the user has not seen, or may see again.
    pub(super) held: Option<Held>,
    /// Its record.
    pub(super) written: Written,
}

impl TimedMessage {
    /// The same once more, to build the next state beside the current one.
    pub(super) fn duplicate(&self) -> Self {
        let Self { timer, date, carried, held, written } = self;
        Self {
            timer: *timer,
            date: *date,
            carried: *carried,
            held: held.as_ref().map(Held::duplicate),
            written: *written,
        }
    }
}

/// All of them, by id, and in the order in which they end.
#[derive(Debug, Default)]
pub(super) struct Timed {
    messages: BTreeMap<RandomId, TimedMessage>,
    timers: Timers,
}

impl Timed {
    pub(super) fn get(&self, random_id: RandomId) -> Option<&TimedMessage> {
        self.messages.get(&random_id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (RandomId, &TimedMessage)> {
        self.messages.iter().map(|(random_id, message)| (*random_id, message))
    }

    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// The next end. O(1).
    pub(super) fn next_deadline(&self) -> Option<Elapsed> {
        self.timers.first()
    }

    pub(super) fn due(&self, now: Elapsed) -> impl Iterator<Item = RandomId> + '_ {
        self.timers.due(now)
    }

    pub(super) fn put(&mut self, random_id: RandomId, message: TimedMessage) {
        // The id may have had another message, deleted in the same call.
        match message.timer.deadline {
            Some(deadline) => self.timers.insert(random_id, deadline),
            None => self.timers.remove(random_id),
        };
        self.messages.insert(random_id, message);
    }

    pub(super) fn remove(&mut self, random_id: RandomId) {
        self.timers.remove(random_id);
        self.messages.remove(&random_id);
    }
}

/// What a call changes of them. It names none that nobody has (SPEC ACT-2), and what it costs to ask does not grow with
/// what was changed before (SPEC LIM-5).
#[derive(Debug, Default)]
pub(super) struct TimedChange {
    /// All that there were before are gone; what is `changed` came later.
    pub(super) flushed: bool,
    /// New or changed; `None` goes.
    pub(super) changed: BTreeMap<RandomId, Option<TimedMessage>>,
    /// Of those, how many are new.
    new: usize,
    /// How many were over when a call first asked.
    over: Option<usize>,
}

impl TimedChange {
    pub(super) fn is_empty(&self) -> bool {
        !self.flushed && self.changed.is_empty()
    }

    /// Of what there was before, what this change does not touch.
    pub(super) fn untouched<'a>(&'a self, timed: &'a Timed) -> impl Iterator<Item = (RandomId, &'a TimedMessage)> {
        let before = (!self.flushed).then_some(timed).into_iter().flat_map(Timed::iter);
        before.filter(|(random_id, _)| !self.changed.contains_key(random_id))
    }

    /// The same of what is due.
    pub(super) fn untouched_due<'a>(&'a self, timed: &'a Timed, now: Elapsed) -> impl Iterator<Item = RandomId> + 'a {
        let before = (!self.flushed).then(|| timed.due(now)).into_iter().flatten();
        before.filter(|random_id| !self.changed.contains_key(random_id))
    }
}

impl Change {
    /// A message with a timer as this change leaves it.
    pub(super) fn timed<'a>(&'a self, chat: &'a Chat, random_id: RandomId) -> Option<&'a TimedMessage> {
        match self.timed.changed.get(&random_id) {
            Some(changed) => changed.as_ref(),
            None => chat.timed.get(random_id).filter(|_| !self.timed.flushed),
        }
    }

    /// All of them that `which` names.
    pub(super) fn timed_ids(&self, chat: &Chat, which: impl Fn(RandomId, &TimedMessage) -> bool) -> Vec<RandomId> {
        let new = self.timed.changed.iter().filter_map(|(id, message)| message.as_ref().map(|message| (*id, message)));
        let old = self.timed.untouched(&chat.timed);
        old.chain(new).filter(|(id, message)| which(*id, message)).map(|(id, _)| id).collect()
    }

    /// How many there are at most, without those that were over before this call.
    pub(super) fn timed_len(&mut self, chat: &Chat) -> usize {
        let now = self.state.clock.elapsed();
        let TimedChange { flushed, new, ref mut over, .. } = self.timed;
        let over = *over.get_or_insert_with(|| chat.timed.due(now).count());
        let before = if flushed { 0 } else { chat.timed.len().saturating_sub(over) };
        before + new
    }

    /// Keeps one: new, or in place of what is kept of it.
    pub(super) fn put_timed(&mut self, chat: &Chat, random_id: RandomId, message: TimedMessage) {
        let is_new = self.timed.flushed || chat.timed.get(random_id).is_none();
        if self.timed.changed.insert(random_id, Some(message)).is_none() && is_new {
            self.timed.new += 1;
        }
    }

    /// Changes the timer of one.
    pub(super) fn set_timer(&mut self, chat: &Chat, random_id: RandomId, timer: Timer) {
        if let Some(message) = self.timed(chat, random_id).filter(|message| message.timer != timer) {
            let message = TimedMessage { timer, ..message.duplicate() };
            self.put_timed(chat, random_id, message);
        }
    }

    /// The transport has taken one of ours over.
    pub(super) fn note_carried(&mut self, chat: &Chat, random_id: RandomId, date: Timestamp) {
        if let Some(message) = self.timed(chat, random_id).filter(|message| message.timer.side == Side::Sent) {
            let message = TimedMessage { carried: Some(date), ..message.duplicate() };
            self.put_timed(chat, random_id, message);
        }
    }

    /// Forgets one, with its key. Of an id that nobody has there is nothing to note.
    pub(super) fn forget_timed(&mut self, chat: &Chat, random_id: RandomId) {
        if !self.timed.flushed && chat.timed.get(random_id).is_some() {
            self.timed.changed.insert(random_id, None);
        } else if self.timed.changed.remove(&random_id).is_some() {
            self.timed.new -= 1;
        }
    }

    /// Forgets all of them, with their keys.
    pub(super) fn forget_all_timed(&mut self) {
        self.timed = TimedChange { flushed: true, ..TimedChange::default() };
    }
}
