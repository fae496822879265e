//! The order in which keys are due (SPEC DES-15).

use alloc::collections::{BTreeMap, BTreeSet};

use super::time::Timestamp;

/// When each of many things is due: the chats of a host, or the messages with a timer in a chat.
///
/// A host with many chats need not ask all of them which one is due first. It notes the `poll_timeout` of a chat
/// here after each call on it, under a key of its own, such as the [`ChatTag`](crate::frame::ChatTag). Every call
/// takes O(log n), and the memory grows with the number of keys alone.
///
/// ```
/// use secretchat::{Timestamp, Timetable};
///
/// let at = Timestamp::from_unix_seconds;
/// let mut timetable = Timetable::new();
/// timetable.set("alice", Some(at(1_800_000_060))); // what `chat.poll_timeout()` returned
/// timetable.set("bob", Some(at(1_800_000_005)));
/// timetable.set("carol", None); // nothing to wait for
/// assert_eq!(timetable.first(), Some(at(1_800_000_005)), "sleep until then");
///
/// let due: Vec<_> = timetable.due(at(1_800_000_010)).copied().collect();
/// assert_eq!(due, ["bob"]);
/// for name in due {
///     // Call `handle_timeout`, carry out what the chat asks for, and ask it again.
///     timetable.set(name, Some(at(1_800_000_100)));
/// }
/// assert_eq!(timetable.first(), Some(at(1_800_000_060)));
/// ```
///
/// The times are those of the host's clock. If that was set back, chats are called too late: call each of them once,
/// and set its time again. A host that sleeps by a monotonic clock can use its moments instead of [`Timestamp`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timetable<K, T = Timestamp> {
    times: BTreeMap<K, T>,
    order: BTreeSet<(T, K)>,
}

impl<K, T> Timetable<K, T> {
    /// Creates a timetable without keys.
    #[must_use]
    pub const fn new() -> Self {
        Self { times: BTreeMap::new(), order: BTreeSet::new() }
    }

    /// Returns how many keys have a time.
    #[must_use]
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Returns whether no key has a time.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }
}

impl<K: Ord + Clone, T: Ord + Copy> Timetable<K, T> {
    /// Sets the time of a key in place of the one that it had, which is returned. `None` forgets the key.
    pub fn set(&mut self, key: K, time: Option<T>) -> Option<T> {
        let old = match time {
            Some(time) => self.times.insert(key.clone(), time),
            None => self.times.remove(&key),
        };
        if old != time {
            if let Some(old) = old {
                self.order.remove(&(old, key.clone()));
            }
            self.order.extend(time.map(|time| (time, key)));
        }
        old
    }

    /// Returns the earliest time.
    #[must_use]
    pub fn first(&self) -> Option<T> {
        self.order.first().map(|(time, _)| *time)
    }

    /// Returns the keys whose time has come, by time, then by key. They stay until their time is set again,
    /// so a call that fails loses none.
    pub fn due(&self, now: T) -> impl Iterator<Item = &K> {
        self.order.iter().take_while(move |(time, _)| *time <= now).map(|(_, key)| key)
    }
}

impl<K, T> Default for Timetable<K, T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::*;

    fn due(timetable: &Timetable<i64, u64>, now: u64) -> Vec<i64> {
        timetable.due(now).copied().collect()
    }

    #[test]
    fn due_by_time_then_by_key() {
        let mut timetable = Timetable::new();
        assert_eq!((timetable.first(), timetable.len(), timetable.is_empty()), (None, 0, true));
        for (key, time) in [(7, 30), (-5, 20), (3, 20), (i64::MIN, u64::MAX)] {
            assert_eq!(timetable.set(key, Some(time)), None);
        }
        assert_eq!(timetable.first(), Some(20));
        assert_eq!(due(&timetable, 19), [0; 0]);
        assert_eq!(due(&timetable, 20), [-5, 3], "at the time itself");
        assert_eq!(due(&timetable, u64::MAX - 1), [-5, 3, 7], "the far future stays there");
        assert_eq!(due(&timetable, u64::MAX), [-5, 3, 7, i64::MIN]);
        assert_eq!(timetable.len(), 4, "asking removes nothing");
    }

    #[test]
    fn a_new_time_takes_the_place_of_the_old_one() {
        let mut timetable = Timetable::new();
        timetable.set(1, Some(50));
        timetable.set(2, Some(60));
        assert_eq!(timetable.set(1, Some(70)), Some(50));
        assert_eq!(timetable.set(1, Some(70)), Some(70));
        assert_eq!(timetable.first(), Some(60));
        assert_eq!(due(&timetable, 100), [2, 1]);
        assert_eq!(timetable.set(2, None), Some(60));
        assert_eq!(timetable.set(2, None), None);
        assert_eq!((timetable.first(), timetable.len()), (Some(70), 1));
        assert_eq!(timetable.set(1, None), Some(70));
        assert_eq!(timetable, Timetable::default());
    }

    // Whoever sets one key again and again, to any time, takes no more room.
    #[test]
    fn one_key_is_one_entry() {
        let mut timetable = Timetable::new();
        for time in (0..1_000).chain((0..1_000).rev()) {
            timetable.set(7_i64, Some(time));
            assert_eq!((timetable.times.len(), timetable.order.len()), (1, 1));
        }
        assert_eq!(due(&timetable, 0), [7], "also after the clock was set back");
    }

    /// Few keys and times, so that they coincide.
    fn steps() -> impl Strategy<Value = Vec<(i64, Option<u64>)>> {
        proptest::collection::vec((-4..4_i64, proptest::option::weighted(0.75, 0..12_u64)), 0..60)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        // The model is a list that is searched and sorted for each question.
        #[test]
        fn as_a_sorted_list(steps in steps(), now in 0..12_u64) {
            let (mut timetable, mut model) = (Timetable::new(), Vec::<(u64, i64)>::new());
            for (key, time) in steps {
                let old = model.iter().find(|(_, other)| *other == key).map(|(time, _)| *time);
                prop_assert_eq!(timetable.set(key, time), old);
                model.retain(|(_, other)| *other != key);
                model.extend(time.map(|time| (time, key)));
                model.sort_unstable();
                prop_assert_eq!(timetable.first(), model.first().map(|(time, _)| *time));
                prop_assert_eq!((timetable.len(), timetable.order.len()), (model.len(), model.len()));
                prop_assert_eq!(timetable.is_empty(), model.is_empty());
                let expected: Vec<_> = model.iter().filter(|(time, _)| *time <= now).map(|(_, key)| *key).collect();
                prop_assert_eq!(due(&timetable, now), expected);
            }
        }
    }
}
