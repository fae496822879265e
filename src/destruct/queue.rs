//! The queue of deadlines (SPEC DES-15).

use alloc::collections::{BTreeMap, BTreeSet};

use crate::types::id::RandomId;
use crate::types::time::Elapsed;

/// Deadlines of messages, ordered by time, then by id.
///
/// Returns the next deadline in O(1). Everything else takes O(log n), and the caller bounds n.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timers {
    deadlines: BTreeMap<RandomId, Elapsed>,
    order: BTreeSet<(Elapsed, RandomId)>,
    /// The first of `order`.
    first: Option<Elapsed>,
}

impl Timers {
    /// Creates a queue without deadlines.
    #[must_use]
    pub const fn new() -> Self {
        Self { deadlines: BTreeMap::new(), order: BTreeSet::new(), first: None }
    }

    /// Sets the deadline of a message and returns the one that it replaces.
    pub fn insert(&mut self, id: RandomId, deadline: Elapsed) -> Option<Elapsed> {
        let replaced = self.deadlines.insert(id, deadline);
        if let Some(old) = replaced {
            self.order.remove(&(old, id));
        }
        self.order.insert((deadline, id));
        self.update_first();
        replaced
    }

    /// Forgets a message and returns its deadline, if it had one.
    pub fn remove(&mut self, id: RandomId) -> Option<Elapsed> {
        let removed = self.deadlines.remove(&id)?;
        self.order.remove(&(removed, id));
        self.update_first();
        Some(removed)
    }

    /// Returns the next deadline.
    #[must_use]
    pub const fn first(&self) -> Option<Elapsed> {
        self.first
    }

    /// Returns the messages whose deadline has come, in order. They stay until they are removed, so a call that
    /// fails loses none.
    pub fn due(&self, now: Elapsed) -> impl Iterator<Item = RandomId> + '_ {
        self.order.iter().take_while(move |(deadline, _)| *deadline <= now).map(|(_, id)| *id)
    }

    /// Returns how many messages have a deadline.
    #[must_use]
    pub fn len(&self) -> usize {
        self.deadlines.len()
    }

    /// Returns whether no message has a deadline.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.deadlines.is_empty()
    }

    fn update_first(&mut self) {
        self.first = self.order.first().map(|(deadline, _)| *deadline);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::*;

    fn at(millis: u64) -> Elapsed {
        Elapsed::from_millis(millis)
    }

    fn due(timers: &Timers, now: u64) -> Vec<i64> {
        timers.due(at(now)).map(|id| id.0).collect()
    }

    #[test]
    fn due_by_time_then_by_id() {
        let mut timers = Timers::new();
        assert_eq!((timers.first(), timers.len(), timers.is_empty()), (None, 0, true));
        for (id, deadline) in [(7, 30), (-5, 20), (3, 20), (i64::MIN, 40)] {
            assert_eq!(timers.insert(RandomId(id), at(deadline)), None);
        }
        assert_eq!(timers.first(), Some(at(20)));
        assert_eq!(due(&timers, 19), [0; 0]);
        assert_eq!(due(&timers, 20), [-5, 3], "at the deadline itself");
        assert_eq!(due(&timers, u64::MAX), [-5, 3, 7, i64::MIN]);
        assert_eq!(timers.len(), 4, "asking removes nothing");
    }

    #[test]
    fn a_new_deadline_takes_the_place_of_the_old_one() {
        let mut timers = Timers::new();
        timers.insert(RandomId(1), at(50));
        timers.insert(RandomId(2), at(60));
        assert_eq!(timers.insert(RandomId(1), at(70)), Some(at(50)));
        assert_eq!(timers.first(), Some(at(60)));
        assert_eq!(due(&timers, 100), [2, 1]);
        assert_eq!(timers.remove(RandomId(2)), Some(at(60)));
        assert_eq!(timers.remove(RandomId(2)), None);
        assert_eq!((timers.first(), timers.len()), (Some(at(70)), 1));
        assert_eq!(timers.remove(RandomId(1)), Some(at(70)));
        assert_eq!(timers, Timers::default());
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Insert(i64, u64),
        Remove(i64),
    }

    fn step() -> impl Strategy<Value = Step> {
        // There are few values, so that ids and deadlines coincide.
        prop_oneof![
            3 => (-4..4_i64, 0..12_u64).prop_map(|(id, deadline)| Step::Insert(id, deadline)),
            1 => (-4..4_i64).prop_map(Step::Remove),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        // The model is a list that is searched and sorted for each question.
        #[test]
        fn as_a_plain_list(steps in proptest::collection::vec(step(), 0..60), now in 0..12_u64) {
            let (mut timers, mut model) = (Timers::new(), Vec::<(u64, i64)>::new());
            for step in steps {
                let of_id = |id| model.iter().find(|(_, other)| *other == id).map(|(deadline, _)| at(*deadline));
                match step {
                    Step::Insert(id, deadline) => {
                        prop_assert_eq!(timers.insert(RandomId(id), at(deadline)), of_id(id));
                        model.retain(|(_, other)| *other != id);
                        model.push((deadline, id));
                    }
                    Step::Remove(id) => {
                        prop_assert_eq!(timers.remove(RandomId(id)), of_id(id));
                        model.retain(|(_, other)| *other != id);
                    }
                }
                model.sort_unstable();
                prop_assert_eq!(timers.first(), model.iter().map(|(deadline, _)| at(*deadline)).min());
                prop_assert_eq!(timers.len(), model.len());
                prop_assert_eq!(timers.is_empty(), model.is_empty());
                let expected: Vec<_> = model.iter().filter(|(deadline, _)| now >= *deadline).map(|(_, id)| *id).collect();
                prop_assert_eq!(due(&timers, now), expected);
            }
        }
    }
}
