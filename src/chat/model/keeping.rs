//! The records of a chat with a store, as far as it must know them.

use alloc::collections::BTreeSet;

use crate::record::{PackedSets, RecordKeys, RecordSets, Written};
use crate::types::id::SeqNo;

/// The keys of the records, and the records as the newest batch left them.
#[derive(Debug)]
pub(in crate::chat) struct Keeping {
    pub(in crate::chat) keys: RecordKeys,
    newest: Written,
    before: [u8; 16],
    sets: PackedSets,
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
    /// The other records, as they must be.
    pub(in crate::chat) sets: RecordSets,
}

impl Keeping {
    /// Creates the keeping of a chat that has written nothing yet.
    pub(in crate::chat) fn of_new_chat(keys: RecordKeys) -> Self {
        Self::restored(keys, Kept::default())
    }

    /// Creates the keeping of a chat whose newest batch left the records as they are `kept`.
    pub(in crate::chat) fn restored(keys: RecordKeys, kept: Kept) -> Self {
        let Kept { newest, before, .. } = kept;
        let mut keeping = Self { keys, newest, before, sets: PackedSets::default(), behind: BTreeSet::new() };
        keeping.write(kept);
        keeping
    }

    /// Returns the records as the newest batch left them.
    pub(in crate::chat) fn kept(&self) -> Kept {
        Kept { newest: self.newest, before: self.before, sets: self.sets.get() }
    }

    /// Returns the record of the state, or the newest one of an older state.
    pub(in crate::chat) const fn newest(&self) -> Written {
        self.newest
    }

    /// Notes that a batch has left the records as they are `kept`.
    pub(in crate::chat) fn write(&mut self, kept: Kept) {
        let Kept { newest, before, sets } = kept;
        (self.newest, self.before) = (newest, before);
        self.sets.set(sets);
        self.behind.clear();
    }
}
