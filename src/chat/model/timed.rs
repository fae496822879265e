//! Messages with a timer: what the chat keeps of each until it ends (SPEC DES-4, DES-8).

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::destruct::Timer;
use crate::message::{Held, Hidden};
use crate::record::Written;
use crate::types::id::RandomId;
use crate::types::time::{Elapsed, Timestamp};
use crate::types::timetable::Timetable;

/// A message whose timer has not ended.
#[derive(Debug)]
pub(in crate::chat) struct TimedMessage {
    pub(in crate::chat) timer: Timer,
    /// When it was made or arrived: by our clock for a message of ours, by the transport's for one of the peer.
    pub(in crate::chat) date: Timestamp,
    /// When the transport accepted a message of ours.
    pub(in crate::chat) carried: Option<Timestamp>,
    /// The content that the user has not seen, or may see again.
    pub(in crate::chat) held: Option<Held>,
    pub(in crate::chat) options: TimedOptions,
    /// The record of this message.
    pub(in crate::chat) written: Written,
}

/// Fields that few of them have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::chat) struct TimedOptions {
    /// The name of its file, from the transport or the host. Empty if there is none.
    pub(in crate::chat) file: Vec<u8>,
    /// The message itself, where the peer hides it and the user may still see it.
    pub(in crate::chat) hidden: Option<Hidden>,
}

impl TimedOptions {
    /// The longest name of a file that is kept, in bytes (SPEC LIM-3).
    const MAX_FILE: usize = 1024;

    pub(in crate::chat) fn of_file(name: Option<&[u8]>) -> Self {
        let file = name.filter(|name| name.len() <= Self::MAX_FILE).unwrap_or_default().to_vec();
        Self { file, hidden: None }
    }
}

impl TimedMessage {
    /// Copies the message, to build the next state beside the current one.
    pub(in crate::chat) fn duplicate(&self) -> Self {
        let Self { timer, date, carried, held, options, written } = self;
        Self {
            timer: *timer,
            date: *date,
            carried: *carried,
            held: held.as_ref().map(Held::duplicate),
            options: options.clone(),
            written: *written,
        }
    }
}

/// All messages with a timer, by id and in the order in which they end. Many chats have none, and then there is no box.
#[derive(Debug, Default)]
pub(in crate::chat) struct Timed(Option<Box<Messages>>);

#[derive(Debug, Default)]
struct Messages {
    by_id: BTreeMap<RandomId, TimedMessage>,
    deadlines: Timetable<RandomId, Elapsed>,
}

impl Timed {
    pub(in crate::chat) fn get(&self, random_id: RandomId) -> Option<&TimedMessage> {
        self.0.as_ref()?.by_id.get(&random_id)
    }

    pub(in crate::chat) fn iter(&self) -> impl Iterator<Item = (RandomId, &TimedMessage)> {
        self.0.iter().flat_map(|messages| &messages.by_id).map(|(random_id, message)| (*random_id, message))
    }

    pub(in crate::chat) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |messages| messages.by_id.len())
    }

    /// Returns the next deadline.
    pub(in crate::chat) fn next_deadline(&self) -> Option<Elapsed> {
        self.0.as_ref()?.deadlines.first()
    }

    pub(in crate::chat) fn due(&self, now: Elapsed) -> impl Iterator<Item = RandomId> + '_ {
        self.0.iter().flat_map(move |messages| messages.deadlines.due(now)).copied()
    }

    pub(in crate::chat) fn put(&mut self, random_id: RandomId, message: TimedMessage) {
        let Messages { by_id, deadlines } = &mut **self.0.get_or_insert_default();
        // The id may have belonged to another message, deleted in the same call.
        deadlines.set(random_id, message.timer.deadline);
        by_id.insert(random_id, message);
    }

    pub(in crate::chat) fn remove(&mut self, random_id: RandomId) {
        let Some(Messages { by_id, deadlines }) = self.0.as_deref_mut() else { return };
        deadlines.set(random_id, None);
        by_id.remove(&random_id);
        if by_id.is_empty() {
            self.0 = None;
        }
    }
}
