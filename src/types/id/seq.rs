//! Sequence numbers and their form on the wire (SPEC SEQ-1, SEQ-2).

use super::Role;
use crate::types::error::Violation;

/// The parity bit of a sequence number on the wire. It shows who sent the message and which of the two counters
/// this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parity {
    /// The wire value is `2 * raw`.
    Even,
    /// The wire value is `2 * raw + 1`.
    Odd,
}

impl Parity {
    /// Returns the parity of the `out_seq_no` in messages that `sender` sends (SPEC SEQ-1).
    #[must_use]
    pub const fn of_out_seq_no(sender: Role) -> Self {
        match sender {
            Role::Initiator => Self::Odd,
            Role::Responder => Self::Even,
        }
    }

    /// Returns the parity of the `in_seq_no` in messages that `sender` sends (SPEC SEQ-1).
    #[must_use]
    pub const fn of_in_seq_no(sender: Role) -> Self {
        Self::of_out_seq_no(sender.peer())
    }

    const fn bit(self) -> u32 {
        match self {
            Self::Even => 0,
            Self::Odd => 1,
        }
    }
}

/// A raw sequence number: a slot (counted from 0), or the number of slots used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeqNo(u32);

impl SeqNo {
    /// The first slot.
    pub const ZERO: Self = Self(0);
    /// The largest count whose wire form is a positive TL `int`. No slot has this number: at this count the chat is
    /// used up.
    pub const MAX: Self = Self((1 << 30) - 1);

    /// Creates a number, or returns `None` above [`SeqNo::MAX`].
    #[must_use]
    pub const fn new(raw: u32) -> Option<Self> {
        if raw <= Self::MAX.0 { Some(Self(raw)) } else { None }
    }

    /// Returns the number itself.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Returns the next slot, or `None` at [`SeqNo::MAX`].
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        Self::new(self.0 + 1)
    }

    /// Returns the previous slot, or `None` at the first.
    #[must_use]
    pub const fn previous(self) -> Option<Self> {
        match self.0.checked_sub(1) {
            Some(raw) => Some(Self(raw)),
            None => None,
        }
    }
}

/// A sequence number in its wire form. It is a type of its own, so the two cannot be mixed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WireSeqNo(i32);

impl WireSeqNo {
    /// Creates `2 * raw + parity` (SPEC SEQ-1).
    #[must_use]
    pub const fn new(raw: SeqNo, parity: Parity) -> Self {
        Self((raw.0 * 2 + parity.bit()).cast_signed())
    }

    /// Creates the number from a message, without any check.
    #[must_use]
    pub const fn from_wire(wire: i32) -> Self {
        Self(wire)
    }

    /// Returns the number as a message carries it.
    #[must_use]
    pub const fn to_wire(self) -> i32 {
        self.0
    }

    /// Returns the raw number if its sign and parity fit the sender's role.
    ///
    /// # Errors
    /// [`Violation::SeqNegative`] or [`Violation::SeqParity`] (SPEC SEQ-2).
    pub const fn to_raw(self, parity: Parity) -> Result<SeqNo, Violation> {
        if self.0 < 0 {
            return Err(Violation::SeqNegative);
        }
        let wire = self.0.unsigned_abs();
        if wire % 2 != parity.bit() {
            return Err(Violation::SeqParity);
        }
        Ok(SeqNo(wire / 2))
    }

    /// Returns the slot of an `out_seq_no`. The largest number is a count only, never a slot.
    ///
    /// # Errors
    /// Returns the errors of [`WireSeqNo::to_raw`], and [`Violation::SeqExhausted`] (SPEC SEQ-6).
    pub const fn to_slot(self, parity: Parity) -> Result<SeqNo, Violation> {
        match self.to_raw(parity) {
            Ok(SeqNo::MAX) => Err(Violation::SeqExhausted),
            slot => slot,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC SEQ-1.
    // The table of core.telegram.org/api/end-to-end/seq_no, and the first message of either side.
    #[test]
    fn first_messages_have_the_published_numbers() {
        let first = |sender| {
            (
                WireSeqNo::new(SeqNo::ZERO, Parity::of_in_seq_no(sender)).to_wire(),
                WireSeqNo::new(SeqNo::ZERO, Parity::of_out_seq_no(sender)).to_wire(),
            )
        };
        assert_eq!(first(Role::Initiator), (0, 1));
        assert_eq!(first(Role::Responder), (1, 0));
    }

    // The captured message of a responder: in_seq_no 1, out_seq_no 98.
    #[test]
    fn captured_numbers_are_slot_49() {
        let of = |wire, parity| WireSeqNo::from_wire(wire).to_raw(parity);
        assert_eq!(of(1, Parity::of_in_seq_no(Role::Responder)), Ok(SeqNo::ZERO));
        assert_eq!(of(98, Parity::of_out_seq_no(Role::Responder)).map(SeqNo::get), Ok(49));
        assert_eq!(of(98, Parity::of_out_seq_no(Role::Initiator)), Err(Violation::SeqParity));
        assert_eq!(of(-2, Parity::Even), Err(Violation::SeqNegative));
    }

    #[test]
    fn wire_form_covers_the_whole_range() {
        for parity in [Parity::Even, Parity::Odd] {
            assert_eq!(WireSeqNo::new(SeqNo::MAX, parity).to_raw(parity), Ok(SeqNo::MAX));
        }
        assert_eq!(WireSeqNo::new(SeqNo::MAX, Parity::Odd).to_wire(), i32::MAX);
        assert_eq!(SeqNo::MAX.next(), None);
        assert_eq!(SeqNo::new(1 << 30), None);
    }
}
