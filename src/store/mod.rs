//! Where records are kept, and a driver that keeps them right (SPEC REC-1, DRV-1 to DRV-5).

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
    /// The store's. Nothing of the batch is there then, or all of it once the store is opened again, or the store says on the
    /// next load that it is damaged. A chat that is restored from it is right in each case.
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

    /// Forgets a chat. One that is not there is no error. A transaction of [`HostRows`] that is open takes the deletion in.
    ///
    /// # Errors
    /// The store's.
    fn delete(&mut self, chat: ChatId) -> Result<(), Self::Error>;
}

/// A store that writes rows of the host's own in the transaction of a batch (SPEC DRV-5).
///
/// What a chat tells of comes before the batch that holds it. A host that writes its row at the event, here, therefore has
/// both or neither after a crash: each message is in its list exactly once.
pub trait HostRows: Store {
    /// What the host writes its rows to.
    type Transaction<'a>
    where
        Self: 'a;

    /// The transaction that the next batch is written in, begun if there is none. [`Store::apply`] ends it; a failure of
    /// that, or the end of the process, undoes it.
    ///
    /// Until then others that write to the same database wait: take the actions of one chat to their end before those of
    /// the next one.
    ///
    /// # Errors
    /// The store's.
    fn transaction(&mut self) -> Result<Self::Transaction<'_>, Self::Error>;

    /// Ends the transaction without a batch: for rows that hang on none, and for what [`Store::delete`] did in it. Without
    /// a transaction nothing happens.
    ///
    /// # Errors
    /// The store's. The rows are undone then.
    fn commit(&mut self) -> Result<(), Self::Error>;

    /// Undoes the transaction: for a host that fails at rows of its own and restores the chat with this same store. Without
    /// a transaction nothing happens.
    ///
    /// # Errors
    /// The store's.
    fn rollback(&mut self) -> Result<(), Self::Error>;
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

impl<S: HostRows + ?Sized> HostRows for &mut S {
    type Transaction<'a>
        = S::Transaction<'a>
    where
        Self: 'a;

    fn transaction(&mut self) -> Result<Self::Transaction<'_>, Self::Error> {
        (**self).transaction()
    }

    fn commit(&mut self) -> Result<(), Self::Error> {
        (**self).commit()
    }

    fn rollback(&mut self) -> Result<(), Self::Error> {
        (**self).rollback()
    }
}
