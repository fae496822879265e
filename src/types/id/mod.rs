//! Roles, ids, layers and sequence numbers.

mod position;
mod role;
mod seq;
mod text;

use core::fmt;
use core::str::FromStr;

pub use position::Position;
pub use role::Role;
pub use seq::{Parity, SeqNo, WireSeqNo};
pub use text::ParseIdError;
pub(crate) use text::{byte_id, bytes_of_hex};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        /// This is a plain number with a public field, since every value is valid. `Display` and `FromStr` are
        /// decimal.
        /// A plain number, with a public field since every value is one. `Display` and `FromStr` are decimal.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                text.parse().map(Self).map_err(|_| ParseIdError)
            }
        }
    };
}

id! {
    /// The identity of a message for replies, deletes and reads. Zero is never used, because a strict client aborts
    /// on it.
    RandomId(i64)
}
id! {
    /// The name of one key exchange inside a chat. Compared as a signed number when two exchanges cross.
    ExchangeId(i64)
}
id! {
    /// The number that joins the messages of an album.
    GroupedId(i64)
}
id! {
    /// The name of an output for the transport. Unique within a chat, even across restarts.
    TransmitId(u64)
}

impl TransmitId {
    /// The request for a chat.
    pub const REQUEST: Self = Self(0);
    /// The acceptance of a request.
    pub const ACCEPT: Self = Self(1);
    /// The end of the chat.
    pub const DISCARD: Self = Self(2);
    /// A read receipt for the server.
    pub const READ: Self = Self(3);
    /// A notice for the server that the user is busy, such as typing.
    pub const TYPING: Self = Self(4);

    /// Returns the name of the message in a slot: 16 + slot (SPEC FRM-5).
    #[must_use]
    pub const fn of_slot(slot: SeqNo) -> Self {
        Self(16 + slot.get() as u64)
    }

    /// Returns the slot whose message this is.
    #[must_use]
    pub fn slot(self) -> Option<SeqNo> {
        self.0.checked_sub(16).and_then(|slot| u32::try_from(slot).ok()).and_then(SeqNo::new)
    }
}

/// The 64-bit name of a chat key. It selects a key and proves nothing (SPEC FP-1).
///
/// ```
/// use secretchat::KeyFingerprint;
///
/// # fn main() -> Result<(), secretchat::ParseIdError> {
/// let fingerprint = KeyFingerprint::from_bytes([0x32, 0xd1, 0x58, 0x6e, 0xa4, 0x57, 0xdf, 0xc8]);
/// assert_eq!("32d1586ea457dfc8".parse::<KeyFingerprint>()?, fingerprint);
/// assert_eq!(KeyFingerprint::try_from(fingerprint.as_ref())?, fingerprint);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyFingerprint([u8; 8]);

byte_id! { KeyFingerprint[8] }

impl KeyFingerprint {
    /// Creates a fingerprint from the eight bytes at the start of an encrypted message.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// Creates a fingerprint from a TL `long`.
    #[must_use]
    pub const fn from_long(long: i64) -> Self {
        Self(long.to_le_bytes())
    }

    /// Returns the eight bytes at the start of an encrypted message.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0
    }

    /// Returns the same bytes read little-endian, as a TL `long`.
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
    /// The first layer with sequence numbers and rich messages, and the lowest that current clients send.
    pub const L46: Self = Self(46);
    /// The first layer of MTProto 2.0.
    pub const L73: Self = Self(73);
    /// The layer of underline, strike and nested entities.
    pub const L101: Self = Self(101);
    /// The newest layer, with spoilers and custom emoji.
    pub const L144: Self = Self(144);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::string::ToString;

    use super::*;

    #[test]
    fn fingerprint_reads_little_endian() {
        let fingerprint = KeyFingerprint::from_bytes([0x32, 0xd1, 0x58, 0x6e, 0xa4, 0x57, 0xdf, 0xc8]);
        assert_eq!(fingerprint.to_long(), -3_972_359_982_579_920_590);
        assert_eq!(KeyFingerprint::from_long(fingerprint.to_long()), fingerprint);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn ids_come_back_from_their_text(number in any::<i64>(), id in any::<u64>(), bytes in any::<[u8; 8]>()) {
            prop_assert_eq!(RandomId(number).to_string().parse(), Ok(RandomId(number)));
            prop_assert_eq!(ExchangeId(number).to_string().parse(), Ok(ExchangeId(number)));
            prop_assert_eq!(GroupedId(number).to_string().parse(), Ok(GroupedId(number)));
            prop_assert_eq!(TransmitId(id).to_string().parse(), Ok(TransmitId(id)));
            let fingerprint = KeyFingerprint::from_bytes(bytes);
            prop_assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
            prop_assert_eq!(KeyFingerprint::try_from(fingerprint.as_ref()), Ok(fingerprint));
        }

        #[test]
        fn no_other_text_is_an_id(text in "[0-9a-fA-F+ éx-]{0,20}") {
            if let Ok(id) = text.parse::<KeyFingerprint>() {
                prop_assert_eq!(id.to_string(), text.to_lowercase());
            }
        }
    }
}
