//! One store that the drivers of many chats share.

use std::sync::{Arc, Mutex, MutexGuard};
use std::vec::Vec;

use super::{ApplyError, Store};
use crate::record::{Batch, ChatId, Records};

/// One store for the drivers of many chats, on any number of threads. Each driver gets a clone of the [`Arc`].
///
/// A host with rows of its own ([`HostRows`](super::HostRows)) locks the store and writes them as it would with a store of
/// one driver. It must then drive all chats that share the store on one thread: the next batch ends the transaction,
/// whichever chat it belongs to. With several threads, give each thread its own store over the same database.
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use getrandom::SysRng;
/// use secretchat::rand_core::UnwrapErr;
/// use secretchat::store::{Driver, MemoryStore, Store};
/// use secretchat::{Chat, Config, Env, StoreKey, Timestamp};
///
/// let store = Arc::new(Mutex::new(MemoryStore::default())); // or a `FileStore`, or a database
/// let mut rng = UnwrapErr(SysRng);
/// let env = &mut Env::new(Timestamp::from_unix_seconds(1_800_000_000), &mut rng);
/// let mut drivers = Vec::new();
/// for peer in ["bob/phone", "carol/phone"] {
///     let start = Config::x25519("alice/phone", peer)?.with_store(StoreKey::new([7; 32])); // 32 random bytes
///     drivers.push(Driver::new(Chat::request(start, env)?, store.clone()));
/// }
/// for driver in &mut drivers {
///     while let Some(_action) = driver.next_action()? {} // the requests are durable, and carried
/// }
/// // One timer for all of them: the earliest timeout. For more than a few, see `Timetable`.
/// let due = drivers.iter().filter_map(Driver::poll_timeout).min();
/// # assert_eq!(due, Some(Timestamp::from_unix_seconds(1_800_000_005)));
/// // After a restart, all are restored.
/// assert_eq!(store.chats()?.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
/// Panics if a thread panicked while it held the lock. The state of the store is then unknown, so nothing more is
/// written.
impl<S: Store + ?Sized> Store for Arc<Mutex<S>> {
    type Error = S::Error;

    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<Self::Error>> {
        lock(self).apply(batch)
    }

    fn apply_all(&mut self, batches: &[Batch]) -> Result<(), ApplyError<Self::Error>> {
        lock(self).apply_all(batches)
    }

    fn scrub(&mut self) -> Result<bool, Self::Error> {
        lock(self).scrub()
    }

    fn load(&self, chat: ChatId) -> Result<Option<Records>, Self::Error> {
        lock(self).load(chat)
    }

    fn chats(&self) -> Result<Vec<ChatId>, Self::Error> {
        lock(self).chats()
    }

    fn delete(&mut self, chat: ChatId) -> Result<(), Self::Error> {
        lock(self).delete(chat)
    }
}

#[expect(clippy::expect_used, reason = "a store that panicked in the middle of a write must not write on")]
fn lock<S: ?Sized>(store: &Mutex<S>) -> MutexGuard<'_, S> {
    store.lock().expect("a thread panicked while it held the store")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    #[test]
    #[should_panic(expected = "a thread panicked while it held the store")]
    fn a_store_that_panicked_is_not_written_again() {
        let store = Arc::new(Mutex::new(MemoryStore::default()));
        let shared = Arc::clone(&store);
        let panicked = std::thread::spawn(move || {
            let _held = shared.lock();
            panic!("in the middle of a write");
        });
        assert!(panicked.join().is_err());
        let _chats = store.chats();
    }
}
