//! Messages with a timer: what the chat keeps of each until it ends (SPEC DES-4, DES-8).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::Chat;
use super::group::Change;
use crate::destruct::{Side, Timer};
use crate::id::RandomId;
use crate::message::Held;
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
    /// When its record was written.
    pub(super) generation: u64,
}

impl TimedMessage {
    /// The same once more, to build the next state beside the current one.
    pub(super) fn duplicate(&self) -> Self {
        let Self { timer, date, carried, held, generation } = self;
        Self {
            timer: *timer,
            date: *date,
            carried: *carried,
            held: held.as_ref().map(Held::duplicate),
            generation: *generation,
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

impl Change {
    /// A message with a timer as this change leaves it.
    pub(super) fn timed<'a>(&'a self, chat: &'a Chat, random_id: RandomId) -> Option<&'a TimedMessage> {
        match self.timed.get(&random_id) {
            Some(changed) => changed.as_ref(),
            None => chat.timed.get(random_id),
        }
    }

    /// All of them that `which` names.
    pub(super) fn timed_ids(&self, chat: &Chat, which: impl Fn(RandomId, &TimedMessage) -> bool) -> Vec<RandomId> {
        let new = self.timed.iter().filter_map(|(id, message)| message.as_ref().map(|message| (*id, message)));
        let old = chat.timed.iter().filter(|(id, _)| !self.timed.contains_key(id));
        old.chain(new).filter(|(id, message)| which(*id, message)).map(|(id, _)| id).collect()
    }

    /// How many there are at most.
    pub(super) fn timed_len(&self, chat: &Chat) -> usize {
        let new = self.timed.iter().filter(|(id, message)| message.is_some() && chat.timed.get(**id).is_none());
        chat.timed.len() + new.count()
    }

    /// Changes the timer of one.
    pub(super) fn set_timer(&mut self, chat: &Chat, random_id: RandomId, timer: Timer) {
        if let Some(message) = self.timed(chat, random_id).filter(|message| message.timer != timer) {
            let message = TimedMessage { timer, ..message.duplicate() };
            self.timed.insert(random_id, Some(message));
        }
    }

    /// The transport has taken one of ours over.
    pub(super) fn note_carried(&mut self, chat: &Chat, random_id: RandomId, date: Timestamp) {
        if let Some(message) = self.timed(chat, random_id).filter(|message| message.timer.side == Side::Sent) {
            let message = TimedMessage { carried: Some(date), ..message.duplicate() };
            self.timed.insert(random_id, Some(message));
        }
    }

    /// Forgets one, with its key.
    pub(super) fn forget_timed(&mut self, random_id: RandomId) {
        self.timed.insert(random_id, None);
    }
}
