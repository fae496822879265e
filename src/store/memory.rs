//! Records in memory, for tests and for chats that need not outlive the process.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::convert::Infallible;

use super::{ApplyError, Store};
use crate::record::{Batch, ChatId, RecordName, Records};

/// Records of many chats in memory.
///
/// ```
/// use getrandom::SysRng;
/// use secretchat::rand_core::UnwrapErr;
/// use secretchat::store::{Driver, MemoryStore, Store};
/// use secretchat::{Chat, Config, Env, StoreKey, Timestamp};
///
/// let mut rng = UnwrapErr(SysRng);
/// let env = &mut Env::new(Timestamp::from_unix_seconds(1_800_000_000), &mut rng);
/// let start = Config::x25519("alice/phone", "bob/phone")?.with_store(StoreKey::new([7; 32]));
/// let mut driver = Driver::new(Chat::request(start, env)?, MemoryStore::default());
/// while let Some(_action) = driver.next_action()? {}
///
/// // A test of crashes: what was written so far is all that the next process finds.
/// let after_the_crash = driver.store().clone();
/// drop(driver);
/// let chat = after_the_crash.chats()?[0];
/// let restored = Driver::restore(after_the_crash, chat, &StoreKey::new([7; 32]), None, env)?;
/// # assert!(restored.chat().awaits_transport());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
