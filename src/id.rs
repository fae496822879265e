//! Who is who and what is which: roles, ids, layers, sequence numbers.

use core::fmt;

use crate::error::Violation;
use crate::names::names;

/// Which end of the chat this is. It never changes, not by a rekey either.
///
/// Telegram's pages call the initiator originator, creator or admin, and the responder participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Asked for the chat.
    Initiator,
    /// Accepted it.
    Responder,
}

names! {
    enum Role {
        0 "initiator" Initiator,
        1 "responder" Responder,
    }
}

impl Role {
    /// The other end.
    #[must_use]
    pub const fn peer(self) -> Self {
        match self {
            Self::Initiator => Self::Responder,
            Self::Responder => Self::Initiator,
        }
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// A message's identity for replies, deletes and reads. Zero is never used: a strict client aborts on it.
    RandomId(i64)
}
id! {
    /// Names one key exchange inside a chat; compared as a signed number where two cross.
    ExchangeId(i64)
}
id! {
    /// Joins the messages of an album.
    GroupedId(i64)
}
id! {
    /// Names an output that a transport carries; unique within a chat, also over restarts.
    TransmitId(u64)
}

impl TransmitId {
    /// The request for a chat.
    pub const REQUEST: Self = Self(0);
    /// Its acceptance.
    pub const ACCEPT: Self = Self(1);
    /// The end of the chat.
    pub const DISCARD: Self = Self(2);
    /// What was read, for the server.
    pub const READ: Self = Self(3);
    /// That the user is busy, for the server.
    pub const TYPING: Self = Self(4);

    /// The message in a slot: 16 + slot (SPEC FRM-5).
    #[must_use]
    pub const fn of_slot(slot: SeqNo) -> Self {
        Self(16 + slot.0 as u64)
    }

    /// The slot whose message this is.
    #[must_use]
    pub fn slot(self) -> Option<SeqNo> {
        self.0.checked_sub(16).and_then(|slot| u32::try_from(slot).ok()).and_then(SeqNo::new)
    }
}

/// The 64-bit name of a chat key: it selects a key and proves nothing (SPEC FP-1).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyFingerprint([u8; 8]);

impl KeyFingerprint {
    /// From the eight bytes at the start of an encrypted message.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// From a TL `long`.
    #[must_use]
    pub const fn from_long(long: i64) -> Self {
        Self(long.to_le_bytes())
    }

    /// The eight bytes at the start of an encrypted message.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0
    }

    /// The same bytes read little-endian, as a TL `long`.
    #[must_use]
    pub const fn to_long(self) -> i64 {
        i64::from_le_bytes(self.0)
    }
}

impl fmt::Debug for KeyFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyFingerprint({:016x})", u64::from_be_bytes(self.0))
    }
}

/// A version of the message schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Layer(pub i32);

impl Layer {
    /// The first layer with sequence numbers and rich messages; the lowest that a client of today sends.
    pub const L46: Self = Self(46);
    /// The first layer of MTProto 2.0.
    pub const L73: Self = Self(73);
    /// Underline, strike, nested entities.
    pub const L101: Self = Self(101);
    /// Spoilers and custom emoji: the newest layer.
    pub const L144: Self = Self(144);
}

/// The parity bit of a sequence number on the wire: who sent it, and which of the two counters it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parity {
    /// The wire value is `2 * raw`.
    Even,
    /// The wire value is `2 * raw + 1`.
    Odd,
}

impl Parity {
    /// Of the `out_seq_no` in messages that `sender` sends (SPEC SEQ-1).
    #[must_use]
    pub const fn of_out_seq_no(sender: Role) -> Self {
        match sender {
            Role::Initiator => Self::Odd,
            Role::Responder => Self::Even,
        }
    }

    /// Of the `in_seq_no` in messages that `sender` sends (SPEC SEQ-1).
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

/// A raw sequence number: a slot (counted from 0), or how many slots have been used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeqNo(u32);

impl SeqNo {
    /// The first slot.
    pub const ZERO: Self = Self(0);
    /// The largest count whose wire form is a positive TL `int`. No slot has this number: the chat is used up.
    pub const MAX: Self = Self((1 << 30) - 1);

    /// `None` above [`SeqNo::MAX`].
    #[must_use]
    pub const fn new(raw: u32) -> Option<Self> {
        if raw <= Self::MAX.0 { Some(Self(raw)) } else { None }
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The next slot; `None` at [`SeqNo::MAX`].
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        Self::new(self.0 + 1)
    }

    /// The slot before; `None` at the first.
    #[must_use]
    pub const fn previous(self) -> Option<Self> {
        match self.0.checked_sub(1) {
            Some(raw) => Some(Self(raw)),
            None => None,
        }
    }
}

/// A sequence number as it stands in a message; another type than [`SeqNo`], so that the two never mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WireSeqNo(i32);

impl WireSeqNo {
    /// Creates `2 * raw + parity` (SPEC SEQ-1).
    #[must_use]
    pub const fn new(raw: SeqNo, parity: Parity) -> Self {
        Self((raw.0 * 2 + parity.bit()).cast_signed())
    }

    /// As read from a message; nothing is checked yet.
    #[must_use]
    pub const fn from_wire(wire: i32) -> Self {
        Self(wire)
    }

    /// As it is written into a message.
    #[must_use]
    pub const fn to_wire(self) -> i32 {
        self.0
    }

    /// The raw number, if sign and parity are what the sender's role demands.
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

    /// The slot, in an `out_seq_no`: the largest number is a count only.
    ///
    /// # Errors
    /// As [`WireSeqNo::to_raw`]; [`Violation::SeqExhausted`] (SPEC SEQ-6).
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

    #[test]
    fn fingerprint_reads_little_endian() {
        let fingerprint = KeyFingerprint::from_bytes([0x32, 0xd1, 0x58, 0x6e, 0xa4, 0x57, 0xdf, 0xc8]);
        assert_eq!(fingerprint.to_long(), -3_972_359_982_579_920_590);
        assert_eq!(KeyFingerprint::from_long(fingerprint.to_long()), fingerprint);
    }
}
