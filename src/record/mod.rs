//! The records that a chat keeps on disk: small, typed, sealed and versioned (SPEC REC-1 to REC-6).
//!
//! The crate writes nothing itself. A chat returns a [`Batch`] that the host must write as a whole. It is restored
//! from the [`Records`] that all batches together leave behind.

mod checkpoint;
mod contents;
mod derivation;
mod ledger;
mod lists;
mod name;
mod options;
mod seal;
mod set;
mod words;

use alloc::vec::Vec;

use zeroize::Zeroizing;

pub use checkpoint::Checkpoint;
pub(crate) use checkpoint::{NONCE_LEN, Written};
pub(crate) use contents::{
    Blank, Contents, Decode, Decoder, Encode, Encoder, Plain, decode, decode_with, encode, encode_with,
};
pub(crate) use ledger::Ledger;
pub(crate) use lists::{fields, if_set, stored_as, stored_secret, variants};
pub use name::{ChatId, RecordName, StoreKey};
pub(crate) use options::{if_option, next_option, options, read_option, unknown_option, write_option};
pub(crate) use seal::RecordKeys;
pub(crate) use set::{PackedSets, RecordSets};

use crate::types::error::StoreError;

/// A change of a chat's records. It must become durable as a whole or not at all, before the chat's next output.
///
/// Not `#[non_exhaustive]`: a store must handle every field of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The chat that the records belong to.
    pub chat: ChatId,
    /// The checkpoint of the records that this batch changes: that of the batch before it, or `None` for the first.
    /// A store that holds other records refuses the batch (SPEC REC-7).
    pub follows: Option<Checkpoint>,
    /// The checkpoint of the records once this batch is written. A host that keeps it apart from them detects a
    /// rollback (SPEC REC-6).
    pub checkpoint: Checkpoint,
    /// Records to write, new or in place of older ones.
    pub put: Vec<(RecordName, Vec<u8>)>,
    /// Records to delete.
    pub delete: Vec<RecordName>,
    /// Whether the replaced or deleted records held a key, or content that is gone. No copy of them may be left
    /// (SPEC DRV-6).
    pub destroys: bool,
}

impl Batch {
    /// Returns whether the batch follows the records that a store holds for its chat (SPEC REC-7). `head` is their
    /// *state*, or the tombstone if there is no state, or `None` if there is neither.
    #[must_use]
    pub fn fits(&self, head: Option<&[u8]>) -> bool {
        match (self.follows, head) {
            (None, None) => true,
            (Some(follows), Some(head)) => Checkpoint::of_record(head) == Some(follows),
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

/// All records of one chat as the store has them, in any order.
///
/// Not `#[non_exhaustive]`: a store builds it, and has only names and bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    /// The chat that the records belong to.
    pub chat: ChatId,
    /// The names and the sealed bytes of the records.
    pub rows: Vec<(RecordName, Vec<u8>)>,
}

impl Records {
    /// Returns the checkpoint that these records claim, without opening them. Returns `None` if there is neither a
    /// state nor a tombstone.
    #[must_use]
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        let head = |wanted| self.rows.iter().find(|(name, _)| *name == wanted).map(|(_, sealed)| sealed.as_slice());
        head(RecordName::State).or_else(|| head(RecordName::Tombstone)).and_then(Checkpoint::of_record)
    }
}

/// A record's name, the generation of the batch that wrote it, and its plain contents.
pub type Opened = (RecordName, u64, Zeroizing<Vec<u8>>);

/// Opens each record (SPEC REC-2, REC-4). It does not check whether the records belong together.
///
/// # Errors
/// [`StoreError::Damaged`], [`StoreError::OlderVersion`] or [`StoreError::NewerVersion`], for the first record that
/// does not open.
pub fn open(records: &Records, store_key: &StoreKey) -> Result<Vec<Opened>, StoreError> {
    let keys = RecordKeys::derive(records.chat, store_key);
    let rows = records.rows.iter();
    rows.map(|(name, sealed)| keys.open(*name, sealed).map(|(written, plain)| (*name, written.generation, plain)))
        .collect()
}
