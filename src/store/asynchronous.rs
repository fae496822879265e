//! The storage of records behind a connection: one commit for the batches of many chats, awaited.

use alloc::vec::Vec;
use core::future::Future;

use crate::record::{Batch, ChatId, Records};
use crate::types::time::Timestamp;

/// The part of one chat in a commit.
///
/// Not `#[non_exhaustive]`: a store must handle every field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<R> {
    /// The chat.
    pub chat: ChatId,
    /// The chat's batch, or `None` for rows of events that no batch came after.
    pub batch: Option<Batch>,
    /// The time at which the chat wants to be called, `None` if it waits for input alone. A store that several workers
    /// share keeps it beside the records, so that a worker which takes a chat over need not restore it before that time.
    pub due: Option<Timestamp>,
    /// Rows of the host's own that belong to the batch.
    pub rows: Vec<R>,
}

/// A store whose calls wait for a server: [`Store`](super::Store) for asynchronous hosts (SPEC DRV-11, DRV-12).
///
/// The futures are `Send`, so a task that awaits them may move between threads. A future that is dropped leaves its call
/// undecided: restore the chats of that call before you go on with them.
///
/// The drivers of such a host are [`Driver<()>`](super::Driver): their batches are collected and committed together. The
/// crate `secretchat-async` does so for any number of chats in one task; `secretchat-postgres` is such a store.
pub trait AsyncStore: Send {
    /// The error of the store.
    type Error: core::error::Error + Send + Sync + 'static;

    /// A row of the host's own, in the form in which the store writes it.
    type Row: Send + Sync;

    /// Writes the entries of many chats in one transaction, at most one entry with a batch for each chat. Returns the
    /// chats whose batch was refused, because it does not follow the chat's records or because another worker has taken
    /// the chat ([`ApplyError::Superseded`](super::ApplyError::Superseded)). Of such an entry nothing is written, not its
    /// rows either. Everything else is durable on return.
    ///
    /// # Errors
    /// The errors of the store. Each entry is then absent or complete: a chat that is restored from the store is correct.
    fn commit(&mut self, entries: &[Entry<Self::Row>])
    -> impl Future<Output = Result<Vec<ChatId>, Self::Error>> + Send;

    /// Destroys what is left of records that were replaced or deleted, like [`Store::scrub`](super::Store::scrub).
    /// Returns `false` if it must be called again later. A store that cannot do this on demand returns `true` and says
    /// in its documentation what stays.
    ///
    /// # Errors
    /// The errors of the store.
    fn scrub(&mut self) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Returns the records of these chats, in any order. A chat without records is left out.
    ///
    /// # Errors
    /// The errors of the store.
    fn load(&mut self, chats: &[ChatId]) -> impl Future<Output = Result<Vec<Records>, Self::Error>> + Send;

    /// Lets other workers have these chats. Their drivers must be gone. A store that is not shared does nothing.
    ///
    /// # Errors
    /// The errors of the store. Other workers then have the chats once the lease is over.
    fn release(&mut self, chats: &[ChatId]) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Deletes all records of these chats. It is not an error if there are none.
    ///
    /// # Errors
    /// The errors of the store.
    fn delete(&mut self, chats: &[ChatId]) -> impl Future<Output = Result<(), Self::Error>> + Send;
}
