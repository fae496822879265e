//! Records in memory: for tests, and for chats that need not outlive the process.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::convert::Infallible;

use super::{ApplyError, Store};
use crate::record::{Batch, ChatId, RecordName, Records};

/// Records of many chats in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    chats: BTreeMap<ChatId, BTreeMap<RecordName, Vec<u8>>>,
}

impl Store for MemoryStore {
    type Error = Infallible;

    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<Infallible>> {
        let stored = self.chats.get(&batch.chat);
        let head = |name| stored.and_then(|rows| rows.get(&name)).map(Vec::as_slice);
        if !batch.fits(head(RecordName::State).or_else(|| head(RecordName::Tombstone))) {
            return Err(ApplyError::Superseded);
        }
        let rows = self.chats.entry(batch.chat).or_default();
        for name in &batch.delete {
            rows.remove(name);
        }
        for (name, sealed) in &batch.put {
            rows.insert(*name, sealed.clone());
        }
        if rows.is_empty() {
            self.chats.remove(&batch.chat);
        }
        Ok(())
    }

    fn load(&self, chat: ChatId) -> Result<Option<Records>, Infallible> {
        Ok(self
            .chats
            .get(&chat)
            .map(|rows| Records { chat, rows: rows.iter().map(|(name, sealed)| (*name, sealed.clone())).collect() }))
    }

    fn chats(&self) -> Result<Vec<ChatId>, Infallible> {
        Ok(self.chats.keys().copied().collect())
    }

    fn delete(&mut self, chat: ChatId) -> Result<(), Infallible> {
        self.chats.remove(&chat);
        Ok(())
    }

    /// Does nothing: there are no files.
    fn scrub(&mut self) -> Result<bool, Infallible> {
        Ok(true)
    }
}
