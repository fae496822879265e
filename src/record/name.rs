//! The names of records and of their chat, and the host's key for all of them (SPEC REC-1, REC-2).

use core::fmt;

use crate::types::id::{RandomId, SeqNo, byte_id};
use crate::types::secret::Secret;

/// The name of a chat in a store: 16 random bytes, drawn when it is requested or accepted. It is not secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChatId(pub [u8; 16]);

byte_id! { ChatId[16] }

/// The host's key for the records of all its chats. Each chat derives its own key from it.
///
/// ```
/// use getrandom::SysRng;
/// use secretchat::rand_core::{Rng, UnwrapErr};
/// use secretchat::{Config, StoreKey};
///
/// // Once, at the first start. Then it comes from the system's keychain.
/// let mut bytes = [0; 32];
/// UnwrapErr(SysRng).fill_bytes(&mut bytes);
/// let key = StoreKey::new(bytes);
/// // One key is for all chats of a store.
/// let start = Config::x25519("alice/phone", "bob/phone")?.with_store(key.duplicate());
/// # let _ = start;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct StoreKey(Secret<32>);

impl StoreKey {
    /// Creates a key from 32 uniformly random bytes. Store it apart from the records.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self(Secret::new(key))
    }

    /// Copies the key for another chat. There is no `Clone`, so every copy is visible in the code.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self(self.0.duplicate())
    }

    pub(crate) const fn secret(&self) -> &Secret<32> {
        &self.0
    }
}

/// The name of a record within its chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RecordName {
    /// Configuration and keys. Rewritten only when keys change.
    Keys,
    /// Counters, the clock, the previous checkpoint, and the digests of the other records. Rewritten by every
    /// batch.
    State,
    /// A sealed message that the peer has not acknowledged yet.
    Outgoing(SeqNo),
    /// A message of the peer that came before an earlier one.
    Waiting(SeqNo),
    /// A sealed message that came before there were keys: the *early* record of SPEC REC-1.
    Unopened(SeqNo),
    /// The remains of a closed chat. It holds no key.
    Tombstone,
    /// A message whose timer has not ended, with the key of its medium.
    Timed(RandomId),
}

impl RecordName {
    /// The length of [`RecordName::to_bytes`].
    pub const LEN: usize = 9;

    /// Returns the name as a database key: one byte for the kind, then the number in big-endian order, so that
    /// slots sort correctly.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let (kind, _, number) = self.parts();
        let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
        [kind, a, b, c, d, e, f, g, h]
    }

    /// Reads a name that [`RecordName::to_bytes`] wrote. Returns `None` if this version writes no such name.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Option<Self> {
        let [kind, number @ ..] = bytes;
        let slot = |number| u32::try_from(number).ok().and_then(SeqNo::new);
        match (kind, u64::from_be_bytes(number)) {
            (1, 0) => Some(Self::Keys),
            (2, 0) => Some(Self::State),
            (3, number) => slot(number).map(Self::Outgoing),
            (4, number) => slot(number).map(Self::Waiting),
            (5, number) => slot(number).map(Self::Unopened),
            (6, 0) => Some(Self::Tombstone),
            (7, number) => Some(Self::Timed(RandomId(number.cast_signed()))),
            _ => None,
        }
    }

    /// Returns whether no copy of such a record may be left once it is replaced or deleted (SPEC DRV-6).
    pub(crate) const fn is_private(self) -> bool {
        match self {
            Self::Keys | Self::Waiting(_) | Self::Unopened(_) | Self::Timed(_) => true,
            Self::State | Self::Outgoing(_) | Self::Tombstone => false,
        }
    }

    /// Returns whether a chat has one record of this kind, without a number.
    pub(crate) const fn is_single(self) -> bool {
        matches!(self, Self::Keys | Self::State | Self::Tombstone)
    }

    /// Returns the kind as a number and as a word, and the number of the record within its kind.
    const fn parts(self) -> (u8, &'static str, u64) {
        match self {
            Self::Keys => (1, "keys", 0),
            Self::State => (2, "state", 0),
            Self::Outgoing(slot) => (3, "outgoing", slot.get() as u64),
            Self::Waiting(slot) => (4, "waiting", slot.get() as u64),
            Self::Unopened(place) => (5, "early", place.get() as u64),
            Self::Tombstone => (6, "tombstone", 0),
            Self::Timed(random_id) => (7, "timed", random_id.0.cast_unsigned()),
        }
    }
}

impl fmt::Display for RecordName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, kind, number) = self.parts();
        match self {
            Self::Timed(_) => write!(f, "{kind}/{number:016x}"),
            _ if self.is_single() => f.write_str(kind),
            _ => write!(f, "{kind}/{number}"),
        }
    }
}
