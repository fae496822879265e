//! What a chat keeps on disk: small, typed, sealed, versioned records (SPEC REC-1 to REC-6).
//!
//! The crate writes nothing itself. A chat hands out a [`Batch`] that the host must write as a whole, and is restored
//! from the [`Records`] that all batches together left behind.

mod checkpoint;
mod contents;
mod ledger;
mod lists;
mod seal;
mod set;
mod words;

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

pub use checkpoint::Checkpoint;
pub(crate) use checkpoint::Written;
pub(crate) use contents::{
    Blank, Contents, Decode, Decoder, Encode, Encoder, decode, decode_with, encode, encode_with,
};
pub(crate) use ledger::Ledger;
pub(crate) use lists::{fields, if_set, stored_as, variants};
pub(crate) use seal::RecordKeys;
use set::RecordSet;
pub(crate) use set::RecordSets;

use crate::error::StoreError;
use crate::id::{RandomId, SeqNo, byte_id};
use crate::secret::Secret;

/// Names a chat in a store: 16 random bytes, drawn when it is requested or accepted. Not secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChatId(pub [u8; 16]);

byte_id! { ChatId[16] }

/// The host's key over all its chats' records; each chat derives its own from it.
#[derive(Debug)]
pub struct StoreKey(Secret<32>);

impl StoreKey {
    /// Of 32 uniformly random bytes that the host keeps apart from the records.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self(Secret::new(key))
    }

    /// A second holder of the same key, for another chat.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self(self.0.duplicate())
    }

    pub(crate) const fn secret(&self) -> &Secret<32> {
        &self.0
    }
}

/// Which record of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RecordName {
    /// Configuration and keys; rewritten only when keys change.
    Keys,
    /// Counters, clock, the checkpoint before and what the other records must be; rewritten by every batch.
    State,
    /// A sealed message that the peer has not acknowledged yet.
    Outgoing(SeqNo),
    /// A message of the peer that came before an earlier one.
    Waiting(SeqNo),
    /// A sealed message that came before there were keys.
    Early(SeqNo),
    /// All that is left of a closed chat; it holds no key.
    Tombstone,
    /// A message whose timer has not ended, with the key of its medium.
    Timed(RandomId),
}

impl RecordName {
    /// The length of [`RecordName::to_bytes`].
    pub const LEN: usize = 9;

    /// The name as a database key: one byte of kind, then the number, big-endian, so that slots sort in order.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let (kind, _, number) = self.parts();
        let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
        [kind, a, b, c, d, e, f, g, h]
    }

    /// The name that [`RecordName::to_bytes`] wrote; `None` if this version writes no such name.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Option<Self> {
        let [kind, number @ ..] = bytes;
        let slot = |number| u32::try_from(number).ok().and_then(SeqNo::new);
        match (kind, u64::from_be_bytes(number)) {
            (1, 0) => Some(Self::Keys),
            (2, 0) => Some(Self::State),
            (3, number) => slot(number).map(Self::Outgoing),
            (4, number) => slot(number).map(Self::Waiting),
            (5, number) => slot(number).map(Self::Early),
            (6, 0) => Some(Self::Tombstone),
            (7, number) => Some(Self::Timed(RandomId(number.cast_signed()))),
            _ => None,
        }
    }

    /// Whether no copy of such a record may be left once it is replaced or deleted (SPEC DRV-6).
    pub(crate) const fn is_private(self) -> bool {
        match self {
            Self::Keys | Self::Waiting(_) | Self::Early(_) | Self::Timed(_) => true,
            Self::State | Self::Outgoing(_) | Self::Tombstone => false,
        }
    }

    /// Whether a chat has one record of this kind.
    pub(crate) const fn is_single(self) -> bool {
        matches!(self, Self::Keys | Self::State | Self::Tombstone)
    }

    /// The kind as a number and as a word, and which record of that kind it is.
    const fn parts(self) -> (u8, &'static str, u64) {
        match self {
            Self::Keys => (1, "keys", 0),
            Self::State => (2, "state", 0),
            Self::Outgoing(slot) => (3, "outgoing", slot.get() as u64),
            Self::Waiting(slot) => (4, "waiting", slot.get() as u64),
            Self::Early(place) => (5, "early", place.get() as u64),
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

/// A change of a chat's records. It must become durable as a whole or not at all, before the chat's next output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Whose records.
    pub chat: ChatId,
    /// The records that this batch changes: those of the batch before it; `None` for the first. A store that holds others
    /// refuses it (SPEC REC-7).
    pub follows: Option<Checkpoint>,
    /// Names the records once this is written. A host that keeps it apart from them detects a rollback (SPEC REC-6).
    pub checkpoint: Checkpoint,
    /// Records to write, new or in place of older ones.
    pub put: Vec<(RecordName, Vec<u8>)>,
    /// Records to delete.
    pub delete: Vec<RecordName>,
    /// What goes or is replaced here held a key, or content that is gone: no copy of it may be left behind (SPEC DRV-6).
    pub destroys: bool,
}

impl Batch {
    /// Whether it follows the records that a store holds of its chat (SPEC REC-7). `head` is their *state*, or the tombstone
    /// where there is no state; `None` if there is neither.
    #[must_use]
    pub fn fits(&self, head: Option<&[u8]>) -> bool {
        match (self.follows, head) {
            (None, None) => true,
            (Some(follows), Some(head)) => Checkpoint::of_record(head) == Some(follows),
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

/// All records of one chat, as the store has them, in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    /// Whose records.
    pub chat: ChatId,
    /// Names and sealed bytes.
    pub rows: Vec<(RecordName, Vec<u8>)>,
}

impl Records {
    /// The checkpoint that these records say they have; whether they open is not looked at. `None` if there is neither a
    /// state nor a tombstone.
    #[must_use]
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        let head = |wanted| self.rows.iter().find(|(name, _)| *name == wanted).map(|(_, sealed)| sealed.as_slice());
        head(RecordName::State).or_else(|| head(RecordName::Tombstone)).and_then(Checkpoint::of_record)
    }
}

/// A record's name, the generation of the batch that wrote it, and its plain contents.
pub type Opened = (RecordName, u64, Zeroizing<Vec<u8>>);

/// Opens each record (SPEC REC-2, REC-4). Whether the records belong together is not checked.
///
/// # Errors
/// [`StoreError::Damaged`], [`StoreError::NewerVersion`]: of the first record that does not open.
pub fn open(records: &Records, store_key: &StoreKey) -> Result<Vec<Opened>, StoreError> {
    let keys = RecordKeys::derive(records.chat, store_key);
    let rows = records.rows.iter();
    rows.map(|(name, sealed)| keys.open(*name, sealed).map(|(written, plain)| (*name, written.generation, plain)))
        .collect()
}
