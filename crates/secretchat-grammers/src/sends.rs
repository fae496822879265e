//! The calls of one chat, in their order.

use std::collections::BTreeMap;
use std::time::Duration;

use secretchat::{Timestamp, TransmitId};

use crate::call::{Call, Method};

/// The first pause after a call that failed, and the longest one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// The calls of one chat that are still to be made. Messages go one at a time in the order of their slots, after the
/// acceptance: the next one leaves when the server has answered. Reading and typing go beside
/// them, one at a time each.
///
/// Files do not hold this up, because they are uploaded before their message is made.
#[derive(Debug, Default)]
pub struct Sends {
    entries: BTreeMap<TransmitId, Entry>,
}

#[derive(Debug)]
struct Entry {
    call: Call,
    /// The call that replaces one on its way if that has to be made again: its message was deleted meanwhile.
    newer: Option<Call>,
    in_flight: bool,
    /// Not before this moment, after a failure.
    due: Option<Timestamp>,
    failures: u32,
}

impl Sends {
    /// Adds a call. A call of the same name that has not left is replaced. One that is on its way is replaced if it has to
    /// be made again: what the server took first counts, and what was deleted does not leave once more.
    pub fn push(&mut self, id: TransmitId, call: Call) {
        match self.entries.get_mut(&id) {
            Some(entry) if entry.in_flight => entry.newer = Some(call),
            Some(entry) => entry.call = call,
            None => {
                self.entries.insert(id, Entry { call, newer: None, in_flight: false, due: None, failures: 0 });
            }
        }
    }

    /// Returns a call to make now. Report what came of it with [`Sends::done`] or [`Sends::failed`].
    pub fn next(&mut self, now: Timestamp) -> Option<(TransmitId, Call)> {
        let id = self.heads().find(|(_, entry)| entry.due.is_none_or(|due| due <= now)).map(|(id, _)| id)?;
        let entry = self.entries.get_mut(&id)?;
        entry.in_flight = true;
        Some((id, entry.call.clone()))
    }

    /// Returns when a call is due that waits after a failure.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.heads().filter_map(|(_, entry)| entry.due).min()
    }

    /// Removes a call that was done or given up. Returns whether it was there.
    pub fn done(&mut self, id: TransmitId) -> bool {
        self.entries.remove(&id).is_some()
    }

    /// Notes that a call failed and is made again after `pause`, or after a pause that grows with each failure.
    pub fn failed(&mut self, id: TransmitId, pause: Option<Duration>, now: Timestamp) {
        if let Some(entry) = self.entries.get_mut(&id) {
            let grown = FIRST_PAUSE.saturating_mul(1 << entry.failures.min(9)).min(LONGEST_PAUSE);
            entry.failures = entry.failures.saturating_add(1);
            entry.came_back();
            entry.due = Some(now.saturating_add(pause.unwrap_or(grown)));
        }
    }

    /// Counts all calls on their way as lost, and all pauses as over. Call it when the connection is back.
    pub fn reconnected(&mut self) {
        for entry in self.entries.values_mut() {
            entry.came_back();
            entry.due = None;
        }
    }

    /// Drops everything but the end of the chat.
    pub fn end(&mut self) {
        self.entries.retain(|id, _| *id == TransmitId::DISCARD);
    }

    /// Returns whether a call is there, on its way or not.
    #[must_use]
    pub fn holds(&self, id: TransmitId) -> bool {
        self.entries.contains_key(&id)
    }

    /// Returns the method of a call that is there.
    pub(crate) fn method(&self, id: TransmitId) -> Option<Method> {
        self.entries.get(&id).map(|entry| entry.call.method())
    }

    /// Returns the first call of each lane, unless one of that lane is on its way.
    fn heads(&self) -> impl Iterator<Item = (TransmitId, &Entry)> {
        let lane = |wanted: Lane| {
            let mut entries = self.entries.iter().filter(move |(id, _)| Lane::of(**id) == wanted);
            let busy = entries.clone().any(|(_, entry)| entry.in_flight);
            if busy { None } else { entries.next().map(|(id, entry)| (*id, entry)) }
        };
        [Lane::Chat, Lane::Read, Lane::Typing].into_iter().filter_map(lane)
    }
}

impl Entry {
    /// Notes that the call is not on its way any more and has to be made again.
    fn came_back(&mut self) {
        self.in_flight = false;
        if let Some(newer) = self.newer.take() {
            self.call = newer;
        }
    }
}

/// Calls of one lane wait for each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lane {
    Chat,
    Read,
    Typing,
}

impl Lane {
    fn of(id: TransmitId) -> Self {
        match id {
            TransmitId::READ => Self::Read,
            TransmitId::TYPING => Self::Typing,
            _ => Self::Chat,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tl::functions;

    fn call(chat_id: i32) -> Call {
        Call::Discard(functions::messages::DiscardEncryption { delete_history: false, chat_id })
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    fn next(sends: &mut Sends, seconds: i64) -> Option<u64> {
        sends.next(at(seconds)).map(|(id, _)| id.0)
    }

    #[test]
    fn messages_leave_one_at_a_time_in_the_order_of_slots() {
        let mut sends = Sends::default();
        for id in [18, 17, 16, 1] {
            sends.push(TransmitId(id), call(0));
        }
        for id in [1, 16, 17, 18] {
            assert_eq!(next(&mut sends, 0), Some(id));
            assert_eq!(next(&mut sends, 0), None, "one at a time");
            assert!(sends.done(TransmitId(id)));
        }
        assert_eq!(next(&mut sends, 0), None);
        assert!(!sends.done(TransmitId(18)), "a second answer finds nothing");
    }

    #[test]
    fn a_failure_holds_up_what_comes_after_and_nothing_beside() {
        let mut sends = Sends::default();
        sends.push(TransmitId(16), call(0));
        sends.push(TransmitId(17), call(0));
        assert_eq!(next(&mut sends, 0), Some(16));
        sends.failed(TransmitId(16), Some(Duration::from_secs(31)), at(0));
        assert_eq!((next(&mut sends, 30), sends.next_due()), (None, Some(at(31))));
        sends.push(TransmitId::TYPING, call(0));
        sends.push(TransmitId::READ, call(0));
        assert_eq!((next(&mut sends, 30), next(&mut sends, 30)), (Some(3), Some(4)));
        assert_eq!(next(&mut sends, 31), Some(16), "the same message again");
        sends.failed(TransmitId(16), None, at(31));
        sends.reconnected();
        assert_eq!(next(&mut sends, 31), Some(16));
    }

    #[test]
    fn pauses_grow_to_five_minutes() {
        let mut sends = Sends::default();
        sends.push(TransmitId(16), call(0));
        let mut pauses = Vec::new();
        for _ in 0..40 {
            sends.failed(TransmitId(16), None, at(0));
            pauses.push(sends.next_due().unwrap().as_unix_seconds());
        }
        assert_eq!(pauses[..10], [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
        assert_eq!(pauses[39], 300);
    }

    #[test]
    fn a_call_on_its_way_is_replaced_only_if_it_is_made_again() {
        let mut sends = Sends::default();
        sends.push(TransmitId(16), call(1));
        sends.push(TransmitId(16), call(2));
        let (id, left) = sends.next(at(0)).unwrap();
        assert!((id, &left) == (TransmitId(16), &call(2)), "the newer one left");
        sends.push(TransmitId(16), call(3));
        assert_eq!(next(&mut sends, 0), None, "the second one is on its way");
        sends.failed(TransmitId(16), Some(Duration::ZERO), at(0));
        assert!(sends.next(at(0)).unwrap().1 == call(3), "what was deleted does not leave again");
        sends.push(TransmitId(16), call(4));
        sends.reconnected();
        assert!(sends.next(at(0)).unwrap().1 == call(4));
        sends.push(TransmitId(16), call(5));
        assert!(sends.done(TransmitId(16)));
        assert_eq!(next(&mut sends, 0), None, "the server took the first one");
    }

    #[test]
    fn the_end_drops_all_but_itself() {
        let mut sends = Sends::default();
        for id in [2, 3, 4, 16] {
            sends.push(TransmitId(id), call(0));
        }
        sends.end();
        assert_eq!(next(&mut sends, 0), Some(2));
        assert!(sends.done(TransmitId::DISCARD));
        assert_eq!(next(&mut sends, 0), None);
    }
}
