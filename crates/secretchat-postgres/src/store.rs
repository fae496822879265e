//! The records of many chats, for one task of a worker.

use std::collections::BTreeMap;
use std::time::Duration;

use secretchat::store::{AsyncStore, Entry};
use secretchat::{ChatId, RecordName, Records};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Config, Socket};

use crate::commit::{self, Outcome, chat_id};
use crate::link::{Failure, Link, Live, answer};
use crate::schema::{STEPS, migrate};
use crate::worker::{RELEASED, register};
use crate::{PostgresError, Row, WorkerId, dial};

/// The chats of one read.
const AT_ONCE: usize = 1_000;
/// A server that hears nothing for this long in the middle of a transaction undoes it, so that another worker can take the
/// chats of a machine that is gone.
const IDLE: Duration = Duration::from_secs(2);

const LOAD: &str = "SELECT chat, name, record FROM secretchat_records WHERE chat = ANY($1::BYTEA[])";
const RELEASE: &str = "UPDATE secretchat_chats SET worker = NULL WHERE chat = ANY($1::BYTEA[]) AND worker = $2::BYTEA";
/// The rows of the chats first: a commit that is under way holds them, and then this waits for it.
pub(crate) const FORGET: [&str; 2] = [
    "DELETE FROM secretchat_chats WHERE chat = ANY($1::BYTEA[])",
    "DELETE FROM secretchat_records WHERE chat = ANY($1::BYTEA[])",
];

/// Records of many chats in a PostgreSQL database, which may also have tables of the host.
///
/// A store is one connection. Each task of a worker that writes has its own; all of them name the same [`WorkerId`]. A batch
/// is written only if it follows the chat's records **and** the chat is this worker's, so after a take-over nothing that the
/// old worker does comes through.
///
/// ```no_run
/// use secretchat::store::{AsyncStore, Driver, Entry};
/// use secretchat_postgres::{NoTls, PostgresStore, Row, WorkerId};
///
/// # async fn work(batch: secretchat::Batch, text: String) -> Result<(), Box<dyn std::error::Error>> {
/// let config: tokio_postgres::Config = "host=db.example.org user=bot dbname=bot".parse()?;
/// # use secretchat_postgres::tokio_postgres;
/// let mut store = PostgresStore::connect(config, NoTls, WorkerId::ALONE).await?;
/// let row = Row::new("INSERT INTO messages (text) VALUES ($1)", [Box::new(text) as _]);
/// let entry = Entry { chat: batch.chat, batch: Some(batch), due: None, rows: vec![row] };
/// let refused = store.commit(&[entry]).await?; // durable, with its row
/// assert!(refused.is_empty(), "another driver wrote first: drop this one");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PostgresStore {
    link: Link,
    worker: WorkerId,
}

impl PostgresStore {
    /// Connects as a store of this worker, and makes or updates the tables. They are in the first schema of the connection's
    /// `search_path`.
    ///
    /// [`WorkerId::ALONE`] is for hosts that are one process. Others call [`Worker::join`](crate::Worker::join) first.
    ///
    /// Must be called within a runtime of tokio.
    ///
    /// # Errors
    /// [`PostgresError::NewerVersion`], after which the database is unchanged; [`PostgresError::Damaged`],
    /// [`PostgresError::Postgres`], [`PostgresError::NoAnswer`].
    pub async fn connect<T>(config: Config, tls: T, worker: WorkerId) -> Result<Self, PostgresError>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + 'static,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let mut link = Link::new(dial::with(config, tls), worker.0, IDLE);
        prepare(&mut link).await?;
        if worker == WorkerId::ALONE {
            register(&mut link, worker, "alone", WorkerId::FOR_EVER).await?;
        }
        Ok(Self { link, worker })
    }

    /// Sets how long a call goes on with a server that cannot be reached or does not answer: 30 seconds by default. A single
    /// attempt gets half of it.
    pub const fn set_patience(&mut self, patience: Duration) {
        self.link.patience = patience;
    }

    /// Returns how often this store was in the way of others and tried again: serialization failures and deadlocks.
    #[must_use]
    pub const fn conflicts(&self) -> u64 {
        self.link.conflicts
    }

    /// Returns how many connections this store has made: one, and one more after each loss.
    #[must_use]
    pub const fn connections(&self) -> u64 {
        self.link.connections
    }

    /// Frees what replaced and deleted records take up, as `VACUUM` does. PostgreSQL does so by itself every now and then.
    /// The README says what of them stays.
    ///
    /// # Errors
    /// The errors of the store. Other engines may not know `VACUUM`.
    pub async fn vacuum(&mut self) -> Result<(), PostgresError> {
        let mut call = self.link.call();
        loop {
            let live = self.link.live(&mut call).await?;
            let done = async {
                live.close().await?;
                live.client.batch_execute("VACUUM secretchat_records").await?;
                live.client.batch_execute("VACUUM secretchat_chats").await
            };
            match done.await {
                Ok(()) => return Ok(()),
                Err(error) => self.link.failed(error.into(), &mut call).await?,
            }
        }
    }

    /// Runs a query of the host's own, outside of any transaction, and returns its rows. It may be run again if the
    /// connection is lost, so it must only read.
    ///
    /// # Errors
    /// The errors of the store.
    pub async fn query(&mut self, query: &Row) -> Result<Vec<tokio_postgres::Row>, PostgresError> {
        let patience = self.link.patience;
        let mut call = self.link.call();
        loop {
            let live = self.link.live(&mut call).await?;
            match answer(patience, ask(live, query)).await {
                Ok(rows) => return Ok(rows),
                Err(failure) => self.link.failed(failure, &mut call).await?,
            }
        }
    }

    /// Returns the chats of this worker, in any order.
    pub(crate) async fn chats(&mut self) -> Result<Vec<ChatId>, PostgresError> {
        Ok(crate::worker::chats_of(&mut self.link, self.worker).await?.into_iter().map(|taken| taken.chat).collect())
    }

    /// Writes the entries and returns the chats that were refused. If `whole`, nothing is written once one is refused.
    pub(crate) async fn write(&mut self, entries: &[Entry<Row>], whole: bool) -> Result<Vec<ChatId>, PostgresError> {
        let (patience, worker) = (self.link.patience, self.worker);
        let mut wanted: Vec<&Entry<Row>> = entries.iter().collect();
        let mut refused = Vec::new();
        // Whether an attempt may have been written although nobody said so.
        let mut unsure = false;
        let mut call = self.link.call();
        while !wanted.is_empty() {
            let live = self.link.live(&mut call).await?;
            let attempt = async {
                if unsure && commit::heads(live, &wanted, worker).await?.show(&wanted) {
                    return Ok(None);
                }
                match commit::write(live, &wanted, worker).await? {
                    Outcome::Written => Ok(None),
                    Outcome::Refused => commit::heads(live, &wanted, worker).await.map(Some),
                }
            };
            match answer(patience, attempt).await {
                Ok(None) => break,
                // The server still had an earlier attempt in hand when it was asked.
                Ok(Some(heads)) if unsure && heads.show(&wanted) => break,
                Ok(Some(heads)) => {
                    let fits = |entry: &&Entry<Row>| entry.batch.as_ref().is_none_or(|batch| heads.fits(batch));
                    let (left, lost): (Vec<&Entry<Row>>, Vec<_>) = wanted.into_iter().partition(fits);
                    wanted = left;
                    if lost.is_empty() {
                        // What was in the way has gone again.
                        self.link.failed(Failure::Conflict(PostgresError::NoAnswer), &mut call).await?;
                    }
                    refused.extend(lost.iter().map(|entry| entry.chat));
                    if whole && !refused.is_empty() {
                        break;
                    }
                }
                Err(failure) => {
                    unsure |= matches!(failure, Failure::Lost(_));
                    self.link.failed(failure, &mut call).await?;
                }
            }
        }
        Ok(refused)
    }

    async fn read(&mut self, chats: &[ChatId]) -> Result<Vec<Records>, PostgresError> {
        let chats: Vec<&[u8]> = chats.iter().map(|chat| &chat.0[..]).collect();
        let mut call = self.link.call();
        loop {
            let patience = self.link.patience;
            let live = self.link.live(&mut call).await?;
            match answer(patience, load(live, &chats)).await {
                Ok(records) => return Ok(records),
                Err(failure) => self.link.failed(failure, &mut call).await?,
            }
        }
    }
}

/// Connects and brings the tables up.
pub(crate) async fn prepare(link: &mut Link) -> Result<(), PostgresError> {
    let patience = link.patience;
    let mut call = link.call();
    loop {
        let live = link.live(&mut call).await?;
        match answer(patience, migrate(live, STEPS)).await {
            Ok(()) => return Ok(()),
            Err(failure) => link.failed(failure, &mut call).await?,
        }
    }
}

async fn ask(live: &mut Live, query: &Row) -> Result<Vec<tokio_postgres::Row>, Failure> {
    live.close().await?;
    let statement = live.prepare(query.sql()).await?;
    Ok(live.client.query(&statement, &query.parameters()).await?)
}

async fn load(live: &mut Live, chats: &[&[u8]]) -> Result<Vec<Records>, Failure> {
    live.close().await?;
    let statement = live.own(LOAD).await?;
    let mut found = BTreeMap::<ChatId, Vec<(RecordName, Vec<u8>)>>::new();
    for row in live.client.query(&statement, &[&chats]).await? {
        let name = row.try_get::<_, &[u8]>(1)?.try_into().ok().and_then(RecordName::from_bytes);
        let name = name.ok_or(Failure::Other(PostgresError::Damaged))?;
        found.entry(chat_id(row.try_get(0)?)?).or_default().push((name, row.try_get(2)?));
    }
    Ok(found.into_iter().map(|(chat, rows)| Records { chat, rows }).collect())
}

async fn release(live: &mut Live, chats: &[&[u8]], worker: WorkerId) -> Result<(), Failure> {
    live.close().await?;
    let statement = live.own(RELEASE).await?;
    if live.client.execute(&statement, &[&chats, &&worker.0[..]]).await? > 0 {
        hint(live).await?;
    }
    Ok(())
}

/// Tells waiting workers that chats are free. An engine without notifications refuses, and they find out by polling.
pub(crate) async fn hint(live: &Live) -> Result<(), Failure> {
    match live.client.batch_execute(RELEASED).await {
        Err(error) if error.as_db_error().is_none() => Err(error.into()),
        _ => Ok(()),
    }
}

async fn forget(live: &mut Live, chats: &[&[u8]]) -> Result<(), Failure> {
    live.close().await?;
    let [of_chats, of_records] = FORGET;
    let statements = [live.own(of_chats).await?, live.own(of_records).await?];
    live.open = true;
    live.client.batch_execute("BEGIN").await?;
    for statement in &statements {
        live.client.execute(statement, &[&chats]).await?;
    }
    live.client.batch_execute("COMMIT").await?;
    live.open = false;
    Ok(())
}

impl AsyncStore for PostgresStore {
    type Error = PostgresError;
    type Row = Row;

    /// Writes all entries in one transaction and one round trip. If some of them are refused, it takes two more.
    ///
    /// If the connection is lost meanwhile, the store connects again and looks whether the transaction is there, for as long
    /// as its patience lasts.
    async fn commit(&mut self, entries: &[Entry<Row>]) -> Result<Vec<ChatId>, PostgresError> {
        self.write(entries, false).await
    }

    /// Returns `true`, because PostgreSQL cannot destroy on demand. The README says what stays, and where.
    async fn scrub(&mut self) -> Result<bool, PostgresError> {
        Ok(true)
    }

    async fn load(&mut self, chats: &[ChatId]) -> Result<Vec<Records>, PostgresError> {
        let mut records = Vec::new();
        for chats in chats.chunks(AT_ONCE) {
            records.extend(self.read(chats).await?);
        }
        Ok(records)
    }

    async fn release(&mut self, chats: &[ChatId]) -> Result<(), PostgresError> {
        let (patience, worker) = (self.link.patience, self.worker);
        let chats: Vec<&[u8]> = chats.iter().map(|chat| &chat.0[..]).collect();
        let mut call = self.link.call();
        loop {
            let live = self.link.live(&mut call).await?;
            match answer(patience, release(live, &chats, worker)).await {
                Ok(()) => return Ok(()),
                Err(failure) => self.link.failed(failure, &mut call).await?,
            }
        }
    }

    /// Deletes, whichever worker has the chats.
    async fn delete(&mut self, chats: &[ChatId]) -> Result<(), PostgresError> {
        let patience = self.link.patience;
        let chats: Vec<&[u8]> = chats.iter().map(|chat| &chat.0[..]).collect();
        let mut call = self.link.call();
        loop {
            let live = self.link.live(&mut call).await?;
            match answer(patience, forget(live, &chats)).await {
                Ok(()) => return Ok(()),
                Err(failure) => self.link.failed(failure, &mut call).await?,
            }
        }
    }
}
