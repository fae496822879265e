//! The records of a chat with a store, as far as it must know them.

use crate::record::{RecordKeys, RecordSets, Written};

/// The keys of the records, and the records as the newest batch left them.
#[derive(Debug)]
pub(in crate::chat) struct Keeping {
    pub(in crate::chat) keys: RecordKeys,
    pub(in crate::chat) kept: Kept,
}

/// The records as a batch leaves them. Like the state, it is built beside the current one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::chat) struct Kept {
    /// The record of the state, or the newest one of an older state.
    pub(in crate::chat) newest: Written,
    /// The tag of the record before that one (SPEC REC-6).
    pub(in crate::chat) before: [u8; 16],
    /// The record of keys.
    pub(in crate::chat) keys: Option<Written>,
    /// The other records, as they must be.
    pub(in crate::chat) sets: RecordSets,
}

impl Keeping {
    /// Creates the keeping of a chat that has written nothing yet.
    pub(in crate::chat) fn of_new_chat(keys: RecordKeys) -> Self {
        Self { keys, kept: Kept::default() }
    }
}
