//! A batch in progress: each record that it writes or deletes, and the digests of all records after it (SPEC
//! REC-3).

use alloc::vec::Vec;

use aes::Aes256Enc;
use rand_core::CryptoRng;

use super::{Batch, Plain, RecordKeys, RecordName, RecordSets, Written};

/// How many records most batches write: a message, and the state.
const USUAL_RECORDS: usize = 2;

/// Collects the changes of a batch.
pub(crate) struct Ledger<'a> {
    keys: &'a RecordKeys,
    /// The record key, expanded once for all records of the batch.
    aes: Aes256Enc,
    rng: &'a mut dyn CryptoRng,
    follows: Written,
    generation: u64,
    sets: RecordSets,
    put: Vec<(RecordName, Vec<u8>)>,
    delete: Vec<RecordName>,
    destroys: bool,
}

impl<'a> Ledger<'a> {
    /// Begins the batch after the one that wrote `follows`, when the records had the digests `sets`.
    pub(crate) fn new(keys: &'a RecordKeys, follows: Written, sets: RecordSets, rng: &'a mut dyn CryptoRng) -> Self {
        let generation = follows.generation.saturating_add(1);
        let (aes, put) = (keys.expanded(), Vec::with_capacity(USUAL_RECORDS));
        Self { keys, aes, rng, follows, generation, sets, put, delete: Vec::new(), destroys: false }
    }

    /// Writes a record. `old` is the one of this name that it replaces.
    pub(crate) fn put(&mut self, name: RecordName, old: Option<Written>, contents: Plain) -> Written {
        if let Some(old) = old {
            self.remove(name, old);
        }
        let (sealed, written) = self.keys.seal(&self.aes, name, self.generation, contents, self.rng);
        self.sets.insert(name, &self.keys.member(name, written));
        self.put.push((name, sealed));
        written
    }

    /// Writes a record that is alone in its kind, in place of the one that was there before.
    pub(crate) fn put_alone(&mut self, name: RecordName, contents: Plain) {
        self.destroys |= self.sets.clear(name) && name.is_private();
        self.put(name, None, contents);
    }

    /// Deletes a record.
    pub(crate) fn delete(&mut self, name: RecordName, old: Written) {
        self.remove(name, old);
        self.delete.push(name);
    }

    /// Deletes records of a chat that ends. No state is left to hold their digests.
    pub(crate) fn delete_all(&mut self, names: impl IntoIterator<Item = RecordName>) {
        self.delete.extend(names);
    }

    /// Notes that no copy of what this batch replaces or deletes may be left (SPEC DRV-6).
    pub(crate) const fn destroy(&mut self) {
        self.destroys = true;
    }

    /// Returns the digests of the records as they are now.
    pub(crate) const fn sets(&self) -> RecordSets {
        self.sets
    }

    /// Returns the name of a batch that leaves no record, by its generation alone (SPEC REC-6).
    pub(crate) const fn nothing_left(&self) -> Written {
        Written { generation: self.generation, tag: [0; 16] }
    }

    /// Ends the batch. `newest` is its state or tombstone, which names the records from now on.
    pub(crate) fn finish(self, newest: Written) -> Batch {
        Batch {
            chat: self.keys.chat(),
            follows: self.follows.checkpoint(),
            checkpoint: newest.into(),
            put: self.put,
            delete: self.delete,
            destroys: self.destroys,
        }
    }

    fn remove(&mut self, name: RecordName, old: Written) {
        self.sets.remove(name, &self.keys.member(name, old));
        self.destroys |= name.is_private();
    }
}
