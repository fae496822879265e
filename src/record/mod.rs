//! What a chat keeps on disk: small, typed, sealed, versioned records (SPEC REC-1 to REC-6).
//!
//! The crate writes nothing itself. A chat hands out a [`Batch`] that the host must write as a whole, and is restored
//! from the [`Records`] that all batches together left behind.

mod checkpoint;
mod contents;
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
pub(crate) use checkpoint::Written;
pub(crate) use contents::{
    Blank, Contents, Decode, Decoder, Encode, Encoder, decode, decode_with, encode, encode_with,
};
pub(crate) use ledger::Ledger;
pub(crate) use lists::{fields, if_set, stored_as, stored_secret, variants};
pub use name::{ChatId, RecordName, StoreKey};
pub(crate) use options::{if_option, next_option, options, read_option, unknown_option, write_option};
pub(crate) use seal::RecordKeys;
pub(crate) use set::RecordSets;

use crate::types::error::StoreError;

/// A change of a chat's records. Not `#[non_exhaustive]`: a store has to heed all that a batch says.
///
/// It must become durable as a whole or not at all, before the chat's next output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Whose records.
    pub chat: ChatId,
    /// Names the records that this batch changes, those of the batch before it; `None` for the first. A store that holds
    /// others refuses it (SPEC REC-7).
    pub follows: Option<Checkpoint>,
    /// Names the records once this is written. A host that keeps it apart from them detects a rollback (SPEC REC-6).
    pub checkpoint: Checkpoint,
    /// Records to write, new or in place of older ones.
    pub put: Vec<(RecordName, Vec<u8>)>,
    /// Records to delete.
    pub delete: Vec<RecordName>,
    /// Whether what is replaced or deleted held a key, or content that is gone: no copy of it may be left (SPEC DRV-6).
    pub destroys: bool,
}

impl Batch {
    /// Returns whether the batch follows the records that a store holds of its chat (SPEC REC-7). `head` is their *state*,
    /// or the tombstone where there is no state; `None` if there is neither.
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
///
/// Not `#[non_exhaustive]`: a store builds it, and has names and bytes alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    /// Whose records.
    pub chat: ChatId,
    /// Names and sealed bytes.
    pub rows: Vec<(RecordName, Vec<u8>)>,
}

impl Records {
    /// Returns the checkpoint that these records claim, without opening them; `None` if there is neither a state nor a
    /// tombstone.
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
/// [`StoreError::Damaged`], [`StoreError::OlderVersion`], [`StoreError::NewerVersion`]: of the first record that does not
/// open.
pub fn open(records: &Records, store_key: &StoreKey) -> Result<Vec<Opened>, StoreError> {
    let keys = RecordKeys::derive(records.chat, store_key);
    let rows = records.rows.iter();
    rows.map(|(name, sealed)| keys.open(*name, sealed).map(|(written, plain)| (*name, written.generation, plain)))
        .collect()
}
