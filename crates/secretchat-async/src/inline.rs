//! A synchronous store where an asynchronous one is asked for.

use core::convert::Infallible;
use core::fmt;
use core::marker::PhantomData;

use secretchat::store::{ApplyError, AsyncStore, Entry, HostRows, Store};
use secretchat::{Batch, ChatId, Records};

/// A [`Store`] as an [`AsyncStore`], without rows of the host's own: for small hosts, and for tests.
///
/// Each call is made in place and waits for the disk, so run such a shard on a thread of its own. A commit is one
/// [`Store::apply_all`]. If one of its chats was superseded, each batch is written by itself, so that the others are not
/// refused with it.
///
/// ```
/// use secretchat::store::MemoryStore;
/// use secretchat_async::Inline;
///
/// let store = Inline::new(MemoryStore::default());
/// # let _ = store;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Inline<S>(S);

impl<S: Store> Inline<S> {
    /// Wraps a store.
    #[must_use]
    pub const fn new(store: S) -> Self {
        Self(store)
    }

    /// Returns the store.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.0
    }
}

impl<S: Store + Send> AsyncStore for Inline<S> {
    type Error = S::Error;
    type Row = Infallible;

    async fn commit(&mut self, entries: &[Entry<Infallible>]) -> Result<Vec<ChatId>, S::Error> {
        commit(&mut self.0, entries, |store, entries| {
            let batches: Vec<Batch> = entries.iter().filter_map(|entry| entry.batch.clone()).collect();
            if batches.is_empty() { Ok(()) } else { store.apply_all(&batches) }
        })
    }

    async fn scrub(&mut self) -> Result<bool, S::Error> {
        self.0.scrub()
    }

    async fn load(&mut self, chats: &[ChatId]) -> Result<Vec<Records>, S::Error> {
        load(&self.0, chats)
    }

    async fn release(&mut self, _: &[ChatId]) -> Result<(), S::Error> {
        Ok(())
    }

    async fn delete(&mut self, chats: &[ChatId]) -> Result<(), S::Error> {
        chats.iter().try_for_each(|chat| self.0.delete(*chat))
    }
}

/// A store with [`HostRows`] as an [`AsyncStore`]: rows of the host's own go into the transaction of the batches.
/// Otherwise like [`Inline`].
///
/// `write` writes one row into the open transaction: it calls [`HostRows::transaction`], and neither commits nor rolls back.
pub struct InlineRows<S, R, W> {
    store: S,
    write: W,
    row: PhantomData<fn(&R)>,
}

impl<S: HostRows, R, W: FnMut(&mut S, &R) -> Result<(), S::Error>> InlineRows<S, R, W> {
    /// Wraps a store, with the function that writes a row.
    pub const fn new(store: S, write: W) -> Self {
        Self { store, write, row: PhantomData }
    }

    /// Returns the store.
    pub fn into_inner(self) -> S {
        self.store
    }
}

impl<S, R, W> AsyncStore for InlineRows<S, R, W>
where
    S: HostRows + Send,
    R: Send + Sync,
    W: FnMut(&mut S, &R) -> Result<(), S::Error> + Send,
{
    type Error = S::Error;
    type Row = R;

    async fn commit(&mut self, entries: &[Entry<R>]) -> Result<Vec<ChatId>, S::Error> {
        let Self { store, write, .. } = self;
        commit(store, entries, |store, entries| apply(store, write, entries))
    }

    async fn scrub(&mut self) -> Result<bool, S::Error> {
        self.store.scrub()
    }

    async fn load(&mut self, chats: &[ChatId]) -> Result<Vec<Records>, S::Error> {
        load(&self.store, chats)
    }

    async fn release(&mut self, _: &[ChatId]) -> Result<(), S::Error> {
        Ok(())
    }

    async fn delete(&mut self, chats: &[ChatId]) -> Result<(), S::Error> {
        chats.iter().try_for_each(|chat| self.store.delete(*chat))
    }
}

impl<S: fmt::Debug, R, W> fmt::Debug for InlineRows<S, R, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InlineRows").field("store", &self.store).finish_non_exhaustive()
    }
}

/// Writes all rows and batches in one transaction.
fn apply<S: HostRows, R>(
    store: &mut S,
    write: &mut impl FnMut(&mut S, &R) -> Result<(), S::Error>,
    entries: &[Entry<R>],
) -> Result<(), ApplyError<S::Error>> {
    for row in entries.iter().flat_map(|entry| &entry.rows) {
        if let Err(error) = write(store, row) {
            // The rows before it must not end up in a later commit.
            store.rollback()?;
            return Err(error.into());
        }
    }
    let batches: Vec<Batch> = entries.iter().filter_map(|entry| entry.batch.clone()).collect();
    if batches.is_empty() { Ok(store.commit()?) } else { store.apply_all(&batches) }
}

/// Writes all entries at once or, if one was superseded, one by one. Returns the chats of those that were.
fn commit<S: Store, R>(
    store: &mut S,
    entries: &[Entry<R>],
    mut apply: impl FnMut(&mut S, &[Entry<R>]) -> Result<(), ApplyError<S::Error>>,
) -> Result<Vec<ChatId>, S::Error> {
    match apply(store, entries) {
        Ok(()) => return Ok(Vec::new()),
        Err(ApplyError::Store(error)) => return Err(error),
        Err(ApplyError::Superseded) => {}
    }
    let mut refused = Vec::new();
    for entry in entries {
        match apply(store, core::slice::from_ref(entry)) {
            Ok(()) => {}
            // A store without common commits has written those before the one that was superseded.
            Err(ApplyError::Superseded) if is_written(store, entry)? => {}
            Err(ApplyError::Superseded) => refused.push(entry.chat),
            Err(ApplyError::Store(error)) => return Err(error),
        }
    }
    Ok(refused)
}

/// Returns whether the store has the very batch of an entry.
fn is_written<S: Store, R>(store: &S, entry: &Entry<R>) -> Result<bool, S::Error> {
    let found = store.load(entry.chat)?.and_then(|records| records.checkpoint());
    Ok(entry.batch.as_ref().is_some_and(|batch| found == Some(batch.checkpoint)))
}

fn load<S: Store>(store: &S, chats: &[ChatId]) -> Result<Vec<Records>, S::Error> {
    chats.iter().filter_map(|chat| store.load(*chat).transpose()).collect()
}
