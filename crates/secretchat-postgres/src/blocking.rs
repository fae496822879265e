//! The store for a host of plain threads.

use std::sync::{Mutex, MutexGuard, PoisonError};

use secretchat::store::{ApplyError, AsyncStore, Entry, HostRows, Store};
use secretchat::{Batch, ChatId, Records, Timestamp};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Config, Socket};

use crate::{PostgresError, PostgresStore, Row, WorkerId};

/// A [`PostgresStore`] that blocks: [`Store`] and [`HostRows`] for a host of plain threads, with drivers as over a local
/// database.
///
/// The host's rows are kept until the next batch and sent with it. So nothing waits for them in the database, and a read sees
/// them only once they are committed.
///
/// A batch does not say when its chat wants to be called, so a worker that takes the chat over finds it due at once.
///
/// Do not use it within an asynchronous runtime: tokio panics if a thread of one blocks.
///
/// ```no_run
/// use secretchat::store::{Action, Driver, HostRows};
/// use secretchat::{Chat, Config, Env, Event, StoreKey};
/// use secretchat_postgres::{BlockingStore, NoTls, Row, WorkerId};
///
/// # fn work(env: &mut Env<'_>) -> Result<(), Box<dyn std::error::Error>> {
/// let store = BlockingStore::open("host=db.example.org user=bot dbname=bot".parse()?, NoTls, WorkerId::ALONE)?;
/// let start = Config::x25519("alice/bot", "bob/phone")?.with_store(StoreKey::new([7; 32])); // 32 random bytes
/// let mut driver = Driver::new(Chat::request(start, env)?, store);
/// while let Some(action) = driver.next_action()? {
///     if let Action::Event(Event::Message(message)) = action {
///         let insert = "INSERT INTO messages (text) VALUES ($1)";
///         let row = Row::new(insert, [Box::new(message.content.text.clone()) as _]);
///         driver.store_mut().transaction()?.push(row);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct BlockingStore {
    inner: Mutex<Inner>,
    /// The rows of the next batch, if a transaction is open.
    rows: Option<Vec<Row>>,
}

#[derive(Debug)]
struct Inner {
    // Dropped first, since its connection is driven by the runtime.
    store: PostgresStore,
    runtime: Runtime,
}

impl BlockingStore {
    /// Connects as a store of this worker, like [`PostgresStore::connect`].
    ///
    /// # Errors
    /// Those of [`PostgresStore::connect`], and [`PostgresError::Runtime`].
    pub fn open<T>(config: Config, tls: T, worker: WorkerId) -> Result<Self, PostgresError>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + 'static,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(PostgresError::Runtime)?;
        let store = runtime.block_on(PostgresStore::connect(config, tls, worker))?;
        Ok(Self { inner: Mutex::new(Inner { store, runtime }), rows: None })
    }

    /// Runs something on the asynchronous store, and waits for it.
    pub fn run<T>(&self, work: impl AsyncFnOnce(&mut PostgresStore) -> T) -> T {
        let mut inner = self.lock();
        let Inner { store, runtime } = &mut *inner;
        runtime.block_on(work(store))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Somebody panicked while a call went on: the connection is made anew or cleaned up by the next one.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the batches and all rows in one transaction, or nothing.
    fn write(&mut self, batches: &[Batch]) -> Result<Vec<ChatId>, PostgresError> {
        // A batch does not say when its chat wants to be called. So whoever takes the chat over asks it at once.
        let due = Some(Timestamp::default());
        let entry = |batch: &Batch| Entry { chat: batch.chat, batch: Some(batch.clone()), due, rows: Vec::new() };
        let mut entries: Vec<_> = batches.iter().map(entry).collect();
        if let Some(rows) = self.rows.take() {
            // They belong to no chat in particular: all is written or nothing.
            match entries.first_mut() {
                Some(entry) => entry.rows = rows,
                None => entries.push(Entry { chat: ChatId([0; 16]), batch: None, due: None, rows }),
            }
        }
        self.run(async |store| store.write(&entries, true).await)
    }
}

impl Store for BlockingStore {
    type Error = PostgresError;

    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<PostgresError>> {
        self.apply_all(std::slice::from_ref(batch))
    }

    /// Writes all batches and the host's rows in one transaction. After an error nothing of them is there, unless the
    /// connection was lost for longer than the store's patience: then all of it may be there.
    fn apply_all(&mut self, batches: &[Batch]) -> Result<(), ApplyError<PostgresError>> {
        if self.write(batches)?.is_empty() { Ok(()) } else { Err(ApplyError::Superseded) }
    }

    /// Returns `true`, because PostgreSQL cannot destroy on demand. The README says what stays, and where.
    fn scrub(&mut self) -> Result<bool, PostgresError> {
        Ok(true)
    }

    fn load(&self, chat: ChatId) -> Result<Option<Records>, PostgresError> {
        self.run(async |store| store.load(&[chat]).await.map(|mut records| records.pop()))
    }

    /// Returns the chats of this worker.
    fn chats(&self) -> Result<Vec<ChatId>, PostgresError> {
        self.run(async |store| store.chats().await)
    }

    fn delete(&mut self, chat: ChatId) -> Result<(), PostgresError> {
        if let Some(rows) = &mut self.rows {
            rows.extend(crate::store::FORGET.map(|sql| Row::new(sql, [Box::new(vec![chat.0.to_vec()]) as _])));
            return Ok(());
        }
        self.run(async |store| AsyncStore::delete(store, &[chat]).await)
    }
}

impl HostRows for BlockingStore {
    type Transaction<'a> = &'a mut Vec<Row>;

    /// Returns the rows that are sent with the next batch.
    fn transaction(&mut self) -> Result<&mut Vec<Row>, PostgresError> {
        Ok(self.rows.get_or_insert_default())
    }

    fn commit(&mut self) -> Result<(), PostgresError> {
        self.write(&[]).map(drop)
    }

    fn rollback(&mut self) -> Result<(), PostgresError> {
        self.rows = None;
        Ok(())
    }
}
