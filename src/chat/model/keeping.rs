//! The records of a chat with a store, as far as it must know them.

use alloc::collections::BTreeSet;

use crate::record::{RecordKeys, RecordSets, Written};
use crate::types::id::SeqNo;

/// The keys of the records, and the records as the newest batch left them.
#[derive(Debug)]
pub(in crate::chat) struct Keeping {
    pub(in crate::chat) keys: RecordKeys,
    pub(in crate::chat) kept: Kept,
    /// Our messages that the transport has accepted since the newest batch (SPEC DRV-9).
    pub(in crate::chat) behind: BTreeSet<SeqNo>,
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
        Self::restored(keys, Kept::default())
    }

    /// Creates the keeping of a chat whose newest batch left the records as they are `kept`.
    pub(in crate::chat) const fn restored(keys: RecordKeys, kept: Kept) -> Self {
        Self { keys, kept, behind: BTreeSet::new() }
    }

    /// Notes that a batch has left the records as they are `kept`.
    pub(in crate::chat) fn write(&mut self, kept: Kept) {
        self.kept = kept;
        self.behind.clear();
    }
}
