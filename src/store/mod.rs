//! Where records are kept, and a driver that keeps them right (SPEC REC-1, DRV-1 to DRV-4).

mod driver;
mod file;
mod memory;

use std::vec::Vec;

pub use driver::{Action, Driver, DriverError, Timing};
pub use file::FileStore;
pub use memory::MemoryStore;

use crate::record::{Batch, ChatId, Records};

/// A place for the records of many chats.
///
/// Records are sealed: a store sees names, sizes and times, not contents. Deleted records may live on in logs, snapshots
/// and flash cells; what a store does about that is its own to say.
pub trait Store {
    /// What can go wrong.
    type Error: core::error::Error + Send + Sync + 'static;

    /// Writes and deletes as the batch says: all of it or nothing, durable on return.
    ///
    /// # Errors
    /// The store's. Nothing of the batch is there then, or the store says on the next load that it is damaged.
    fn apply(&mut self, batch: &Batch) -> Result<(), Self::Error>;

    /// All records of a chat; `None` if there is none.
    ///
    /// # Errors
    /// The store's.
    fn load(&self, chat: ChatId) -> Result<Option<Records>, Self::Error>;

    /// The chats that have records, in any order.
    ///
    /// # Errors
    /// The store's.
    fn chats(&self) -> Result<Vec<ChatId>, Self::Error>;

    /// Forgets a chat. One that is not there is no error.
    ///
    /// # Errors
    /// The store's.
    fn delete(&mut self, chat: ChatId) -> Result<(), Self::Error>;
}

impl<S: Store + ?Sized> Store for &mut S {
    type Error = S::Error;

    fn apply(&mut self, batch: &Batch) -> Result<(), Self::Error> {
        (**self).apply(batch)
    }

    fn load(&self, chat: ChatId) -> Result<Option<Records>, Self::Error> {
        (**self).load(chat)
    }

    fn chats(&self) -> Result<Vec<ChatId>, Self::Error> {
        (**self).chats()
    }

    fn delete(&mut self, chat: ChatId) -> Result<(), Self::Error> {
        (**self).delete(chat)
    }
}
