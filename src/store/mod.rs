//! The storage of records, and a driver that keeps them correct (SPEC REC-1, DRV-1 to DRV-5).

mod asynchronous;
mod driver;
#[cfg(feature = "std")]
mod file;
mod forward;
mod memory;
#[cfg(feature = "std")]
mod shared;

use alloc::vec::Vec;
use core::fmt;

pub use asynchronous::{AsyncStore, Entry};
pub use driver::{Action, Driver, DriverError, Step, Timing, take_actions};
#[cfg(feature = "std")]
pub use file::{FileStore, key_file};
pub use memory::MemoryStore;

use crate::record::{Batch, ChatId, Records};

/// The storage for the records of many chats.
///
/// Records are sealed: a store sees names, sizes and times, but no contents. Deleted records survive in snapshots,
/// in backups and in spare flash cells, where no program reaches them.
///
/// `&mut S` and `Box<S>` are stores too, and so is `Box<dyn Store<Error = E>>`. With the feature `std`, the drivers
/// of many chats can share an `Arc<Mutex<S>>`.
///
/// ```
/// use secretchat::store::{Driver, DriverError, Store};
/// use secretchat::{ChatState, Env, StoreKey};
///
/// /// Restores all chats of any store, and deletes those that have been over for long.
/// fn open<S: Store + Clone>(store: S, key: &StoreKey, env: &mut Env<'_>) -> Result<Vec<Driver<S>>, DriverError<S::Error>> {
///     let mut drivers = Vec::new();
///     for chat in store.chats().map_err(DriverError::Store)? {
///         let driver = Driver::restore(store.clone(), chat, key, None, env)?;
///         match driver.chat().state() {
///             ChatState::Closed(_) => store.clone().delete(chat).map_err(DriverError::Store)?,
///             _ => drivers.push(driver),
///         }
///     }
///     Ok(drivers)
/// }
/// # let mut rng = secretchat::rand_core::UnwrapErr(getrandom::SysRng);
/// # let env = &mut Env::new(secretchat::Timestamp::default(), &mut rng);
/// # assert!(open(secretchat::store::MemoryStore::default(), &StoreKey::new([7; 32]), env)?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Store {
    /// The error of the store.
    type Error: core::error::Error + Send + Sync + 'static;

    /// Writes and deletes as the batch says: all of it or nothing, durable on return. The comparison with the
    /// chat's records ([`Batch::fits`]) and the write must be one atomic step, so that of two drivers of the same
    /// chat one loses (SPEC REC-7).
    ///
    /// # Errors
    /// [`ApplyError::Superseded`]: nothing of the batch is there. [`ApplyError::Store`]: the batch must be absent,
    /// or complete once the store is opened again, or the next `load` must report damage. In each case a chat that
    /// is restored from the store is correct.
    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<Self::Error>>;

    /// Writes the batches of several chats, at most one of each. All are durable on return. A store whose chats are in
    /// one place writes them in one commit, so that the disk is synced once (SPEC DRV-10).
    ///
    /// A store with [`HostRows`] must write them in one commit, because the rows of all these chats are in one
    /// transaction. The default writes one batch after the other.
    ///
    /// # Errors
    /// As [`Store::apply`], for any of the batches. Each batch is then absent or complete, as after that call.
    fn apply_all(&mut self, batches: &[Batch]) -> Result<(), ApplyError<Self::Error>> {
        batches.iter().try_for_each(|batch| self.apply(batch))
    }

    /// Destroys what is left of records that were replaced or deleted. Afterwards no file of the store holds a copy
    /// of one, as far as a program can ensure that (SPEC DRV-6). Returns `false` if somebody still reads an older
    /// state: call it again later. No transaction of [`HostRows`] may be open.
    ///
    /// A driver calls this after each batch that destroys something. Call it yourself after you delete a chat or
    /// rows of your own.
    ///
    /// # Errors
    /// The errors of the store.
    fn scrub(&mut self) -> Result<bool, Self::Error>;

    /// Returns all records of a chat, or `None` if there are none.
    ///
    /// # Errors
    /// The errors of the store.
    fn load(&self, chat: ChatId) -> Result<Option<Records>, Self::Error>;

    /// Returns the chats that have records, in any order.
    ///
    /// # Errors
    /// The errors of the store.
    fn chats(&self) -> Result<Vec<ChatId>, Self::Error>;

    /// Deletes all records of a chat. It is not an error if there are none. An open transaction of [`HostRows`]
    /// includes the deletion.
    ///
    /// # Errors
    /// The errors of the store.
    fn delete(&mut self, chat: ChatId) -> Result<(), Self::Error>;
}

/// The reason why a batch was not written.
///
/// Not `#[non_exhaustive]`: stores build it, and a driver must handle each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplyError<E> {
    /// The chat's records are not those that the batch follows: another driver of the chat wrote first.
    Superseded,
    /// The store failed.
    Store(E),
}

impl<E> From<E> for ApplyError<E> {
    fn from(error: E) -> Self {
        Self::Store(error)
    }
}

impl<E: fmt::Display> fmt::Display for ApplyError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Superseded => f.write_str("another driver of this chat wrote first; drop this one"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl<E: core::error::Error> core::error::Error for ApplyError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            Self::Superseded => None,
        }
    }
}

/// A store that writes rows of the host's own in the transaction of a batch (SPEC DRV-5).
///
/// Events come out before the batch that makes them durable. If you write your row at the event, into this
/// transaction, a crash leaves both or neither: each message is in your list exactly once.
///
/// ```
/// use secretchat::store::{Action, Driver, HostRows};
/// use secretchat::{Event, Message};
///
/// /// Writes each message into a table of the app's own, in the transaction that takes it in.
/// fn work<S: HostRows>(
///     driver: &mut Driver<S>,
///     insert: impl Fn(&mut S::Transaction<'_>, &Message),
/// ) -> Result<(), Box<dyn std::error::Error>> {
///     while let Some(action) = driver.next_action()? {
///         if let Action::Event(Event::Message(message)) = action {
///             insert(&mut driver.store_mut().transaction()?, &message);
///         }
///     }
///     // For rows of events that no batch came after.
///     Ok(driver.store_mut().commit()?)
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait HostRows: Store {
    /// The transaction to which the host writes its rows.
    type Transaction<'a>
    where
        Self: 'a;

    /// Returns the transaction of the next batch, and begins one if there is none. [`Store::apply`] ends it. If
    /// that fails, or if the process dies, it is rolled back.
    ///
    /// Until then, other writers of the same database wait. Take all actions of one chat before you turn to the
    /// next one.
    ///
    /// # Errors
    /// The errors of the store.
    fn transaction(&mut self) -> Result<Self::Transaction<'_>, Self::Error>;

    /// Commits the transaction without a batch: for rows that belong to none, and for a [`Store::delete`] in it.
    /// Does nothing without a transaction.
    ///
    /// # Errors
    /// The errors of the store. The rows are rolled back then.
    fn commit(&mut self) -> Result<(), Self::Error>;

    /// Rolls the transaction back, for a host that fails to write its own rows and restores the chat with this same
    /// store. Does nothing without a transaction.
    ///
    /// # Errors
    /// The errors of the store.
    fn rollback(&mut self) -> Result<(), Self::Error>;
}
