//! All written batches, so that the last ones can be dropped.

use secretchat::store::{MemoryStore, Store};
use secretchat::{Batch, ChatId, Checkpoint, Records};

/// The batches of one chat, in order.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    batches: Vec<Batch>,
}

impl Disk {
    pub(crate) fn write(&mut self, batch: Batch) {
        self.batches.push(batch);
    }

    /// Returns the checkpoint of the newest batch.
    pub(crate) fn checkpoint(&self) -> Option<Checkpoint> {
        self.batches.last().map(|batch| batch.checkpoint)
    }

    /// Returns the records after all batches except the last `without`.
    pub(crate) fn records(&self, without: usize) -> Records {
        let chat = self.batches.first().map_or(ChatId([0; 16]), |batch| batch.chat);
        let mut store = MemoryStore::default();
        for batch in self.kept(without) {
            // All batches are of one chat, each written once and in order.
            store.apply(batch).unwrap_or_else(|error| panic!("{error}"));
        }
        let Ok(records) = store.load(chat);
        records.unwrap_or(Records { chat, rows: Vec::new() })
    }

    /// Drops the last `count` batches.
    pub(crate) fn forget(&mut self, count: usize) {
        self.batches.truncate(self.kept(count).len());
    }

    fn kept(&self, without: usize) -> &[Batch] {
        &self.batches[..self.batches.len().saturating_sub(without)]
    }
}
