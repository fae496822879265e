//! The place of a message in the history of a chat (SPEC SEQ-10).

use core::cmp::Ordering;

use super::{Role, SeqNo};

/// The place of a message in the history of a chat, equal at both ends (SPEC SEQ-10).
///
/// Two messages can cross, so the two ends may see them in different orders. Positions give both ends the same
/// order: a message comes after everything that its writer had seen, and two crossing messages have the same order
/// at both ends. Sort a history by [`Position::order`], a number that fits in one database column.
///
/// ```
/// use secretchat::{Position, Role, SeqNo};
///
/// let number = |raw| SeqNo::new(raw).unwrap();
/// let at = |sender, slot, acknowledged| Position::new(sender, number(slot), number(acknowledged));
/// // The initiator asks twice. The responder has seen the first question when it answers.
/// let (question, again) = (at(Role::Initiator, 1, 1), at(Role::Initiator, 2, 1));
/// let answer = at(Role::Responder, 1, 2);
/// assert!(question < again && question < answer);
/// assert!(again.order() < answer.order(), "crossed: the same one is first at both ends");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    sender: Role,
    slot: SeqNo,
    acknowledged: SeqNo,
}

impl Position {
    /// Creates the position of a message from who sent it and its two numbers.
    #[must_use]
    pub const fn new(sender: Role, slot: SeqNo, acknowledged: SeqNo) -> Self {
        Self { sender, slot, acknowledged }
    }

    /// Returns which end sent the message.
    #[must_use]
    pub const fn sender(self) -> Role {
        self.sender
    }

    /// Returns the slot of the message: how many messages its sender had made before it, service messages included.
    #[must_use]
    pub const fn slot(self) -> SeqNo {
        self.slot
    }

    /// Returns how many messages of the other end the sender had processed when it made this one, service messages
    /// included.
    #[must_use]
    pub const fn acknowledged(self) -> SeqNo {
        self.acknowledged
    }

    /// Returns the number to sort a history by. No two messages of a chat have the same.
    #[must_use]
    pub const fn order(self) -> u32 {
        let first = match self.sender {
            Role::Initiator => 0,
            Role::Responder => 1,
        };
        // Both numbers have 30 bits.
        2 * (self.slot.get() + self.acknowledged.get()) + first
    }
}

/// Compares by [`Position::order`]. Positions of different chats are not comparable.
impl Ord for Position {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.order(), self.slot).cmp(&(other.order(), other.slot))
    }
}

impl PartialOrd for Position {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::*;

    fn at(sender: Role, slot: u32, acknowledged: u32) -> Position {
        Position::new(sender, SeqNo::new(slot).unwrap(), SeqNo::new(acknowledged).unwrap())
    }

    #[test]
    fn the_largest_numbers_have_an_order() {
        let last = SeqNo::MAX.get();
        assert_eq!(at(Role::Responder, last, last).order(), 4 * last + 1);
        assert!(at(Role::Initiator, last, last) < at(Role::Responder, last, last));
    }

    /// A step of an end: write, or process the other end's next message if there is one.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Write(Role),
        Process(Role),
    }

    fn step() -> impl Strategy<Value = Step> {
        let role = || prop_oneof![Just(Role::Initiator), Just(Role::Responder)];
        prop_oneof![role().prop_map(Step::Write), role().prop_map(Step::Process)]
    }

    fn index(role: Role) -> usize {
        usize::from(role == Role::Responder)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        // SPEC SEQ-10, tested against what each writer has seen: its own messages and those that it has processed.
        #[test]
        fn what_was_seen_stands_before_and_no_two_are_equal(steps in proptest::collection::vec(step(), 0..60)) {
            let mut written: [Vec<Position>; 2] = [Vec::new(), Vec::new()];
            let mut processed = [0; 2];
            let mut all = Vec::<Position>::new();
            for step in steps {
                match step {
                    Step::Process(role) => {
                        let (own, peer) = (index(role), index(role.peer()));
                        processed[own] = (processed[own] + 1).min(written[peer].len());
                    }
                    Step::Write(role) => {
                        let (own, peer) = (index(role), index(role.peer()));
                        let counts = [written[own].len(), processed[own]].map(|count| u32::try_from(count).unwrap());
                        let new = at(role, counts[0], counts[1]);
                        let seen = written[own].iter().chain(&written[peer][..processed[own]]);
                        for before in seen {
                            prop_assert!(*before < new && before.order() < new.order(), "{before:?} {new:?}");
                        }
                        prop_assert!(all.iter().all(|other| other.order() != new.order()));
                        written[own].push(new);
                        all.push(new);
                    }
                }
            }
        }
    }
}
