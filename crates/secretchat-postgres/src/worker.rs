//! Workers share the chats of a database: each chat is one worker's, for as long as that worker renews its lease.

use std::time::Duration;

use secretchat::{ChatId, Timestamp};
use tokio::time::{Instant, timeout};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Config, Socket};

use crate::commit::chat_id;
use crate::link::{Call, Failure, Link, Live, answer};
use crate::store::{hint, prepare};
use crate::{PostgresError, dial};

/// Tells workers that chats are free. The channel is for all schemas of a database, which costs them a look.
pub(crate) const RELEASED: &str = "NOTIFY secretchat_released";
const LISTEN: &str = "LISTEN secretchat_released";

/// Returns whether the lease was still going. All times are the server's, so no clock of a worker matters.
const RENEW: &str = "
    WITH was AS (SELECT alive_until > now() AS alive FROM secretchat_workers WHERE worker = $1::BYTEA),
    renewed AS (
        INSERT INTO secretchat_workers (worker, name, alive_until)
        VALUES ($1::BYTEA, $2::TEXT, now() + $3::FLOAT8 * INTERVAL '1 millisecond')
        ON CONFLICT (worker) DO UPDATE SET name = excluded.name, alive_until = excluded.alive_until RETURNING 1)
    SELECT COALESCE((SELECT alive FROM was), FALSE) FROM renewed";
const TAKE_FREE: &str = "
    WITH free AS (
        SELECT chat FROM secretchat_chats WHERE worker IS NULL LIMIT $2::BIGINT FOR UPDATE SKIP LOCKED)
    UPDATE secretchat_chats AS c SET worker = $1::BYTEA FROM free WHERE c.chat = free.chat RETURNING c.chat, c.due_millis";
/// A worker whose own lease is over takes nothing: if the server stood still, all leases look over.
const TAKE_DEAD: &str = "
    WITH dead AS (
        SELECT c.chat FROM secretchat_workers AS w JOIN secretchat_chats AS c ON c.worker = w.worker
        WHERE w.alive_until <= now()
            AND EXISTS (SELECT 1 FROM secretchat_workers AS m WHERE m.worker = $1::BYTEA AND m.alive_until > now())
        LIMIT $2::BIGINT FOR UPDATE OF c SKIP LOCKED)
    UPDATE secretchat_chats AS c SET worker = $1::BYTEA FROM dead WHERE c.chat = dead.chat RETURNING c.chat, c.due_millis";
const OURS: &str = "SELECT chat, due_millis FROM secretchat_chats WHERE worker = $1::BYTEA";
/// The key of the chats' column sets it to null, which frees them.
const LEAVE: &str = "DELETE FROM secretchat_workers WHERE worker = $1::BYTEA";
/// Those that died without leaving, once others have their chats.
const TIDY: &str = "
    DELETE FROM secretchat_workers AS w WHERE w.alive_until < now() - INTERVAL '1 day'
        AND NOT EXISTS (SELECT 1 FROM secretchat_chats AS c WHERE c.worker = w.worker)";

/// A name for the worker that a chat is of: 16 bytes that the host draws at random for each process.
///
/// ```
/// use getrandom::SysRng;
/// use secretchat::rand_core::{Rng, UnwrapErr};
/// use secretchat_postgres::WorkerId;
///
/// let mut id = WorkerId([0; 16]);
/// UnwrapErr(SysRng).fill_bytes(&mut id.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerId(pub [u8; 16]);

impl WorkerId {
    /// The worker of a host that is one process. Its lease never ends, so nobody takes its chats, and after a restart it has
    /// them at once. If two processes use it, the later batch of a chat is refused, as with the stores of one machine.
    pub const ALONE: Self = Self([0; 16]);

    /// A hundred years.
    pub(crate) const FOR_EVER: Duration = Duration::from_secs(36_525 * 86_400);
}

/// A chat that this worker has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Taken {
    /// The chat.
    pub chat: ChatId,
    /// The time until which it need not be restored, unless something arrives for it: what its last batch said
    /// ([`Entry::due`](secretchat::store::Entry::due)). `None` if it waits for input alone.
    pub due: Option<Timestamp>,
}

/// One process among those that share the chats of a database, with a connection of its own.
///
/// A chat is taken by one worker. A worker that dies does not renew its lease; once that is over, the others take its chats.
/// A worker that is only slow loses them, too, and then each of its batches is refused.
///
/// ```no_run
/// use std::time::Duration;
///
/// use secretchat::store::AsyncStore;
/// use secretchat_postgres::{NoTls, PostgresStore, Worker, WorkerId};
///
/// # async fn run(id: WorkerId) -> Result<(), Box<dyn std::error::Error>> {
/// # use secretchat_postgres::tokio_postgres;
/// let config: tokio_postgres::Config = "host=db.example.org user=bot dbname=bots".parse()?;
/// let lease = Duration::from_millis(1_500);
/// let mut worker = Worker::join(config.clone(), NoTls, id, "bot-7", lease).await?;
/// let mut store = PostgresStore::connect(config, NoTls, worker.id()).await?;
/// loop {
///     worker.renew().await?;
///     let taken = worker.take(1_000).await?;
///     let due_now = taken.iter().filter(|taken| taken.due.is_some()).map(|taken| taken.chat);
///     for _records in store.load(&due_now.collect::<Vec<_>>()).await? {
///         // Driver::from_records(…), in the task that has this store
///     }
///     worker.wait(lease / 5).await;
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Worker {
    link: Link,
    id: WorkerId,
    name: String,
    lease: Duration,
    /// The connection that was last seen. Another one means that there was an outage, which others may have had as well.
    seen: u64,
    /// From this time on the leases of others can be trusted to be over: they had as long as a lease to renew them.
    trusted_from: Instant,
}

impl Worker {
    /// Joins as a worker with this id, or goes on as one that has it already. `name` is for operators. Each renewal makes the
    /// lease last for `lease` from then on, by the server's clock. Makes or updates the tables, too.
    ///
    /// A short lease lets others take over soon after a crash; a long one forgives a slow server. Renew it several times in
    /// its length.
    ///
    /// Must be called within a runtime of tokio.
    ///
    /// # Errors
    /// As [`PostgresStore::connect`](crate::PostgresStore::connect).
    pub async fn join<T>(
        config: Config,
        tls: T,
        id: WorkerId,
        name: &str,
        lease: Duration,
    ) -> Result<Self, PostgresError>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + 'static,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let mut link = Link::new(dial::with(config, tls), id.0, lease);
        prepare(&mut link).await?;
        let mut worker = Self { link, id, name: name.to_owned(), lease, seen: 0, trusted_from: Instant::now() + lease };
        worker.renew().await?;
        let mut call = worker.link.call();
        loop {
            let live = worker.live(&mut call).await?;
            match live.client.batch_execute(TIDY).await {
                Ok(()) => return Ok(worker),
                Err(error) => worker.link.failed(error.into(), &mut call).await?,
            }
        }
    }

    /// Returns the id, for the stores of this worker.
    #[must_use]
    pub const fn id(&self) -> WorkerId {
        self.id
    }

    /// Sets how long a call goes on with a server that cannot be reached: 30 seconds by default.
    pub const fn set_patience(&mut self, patience: Duration) {
        self.link.patience = patience;
    }

    /// Renews the lease. Returns whether it was still going: if not, others may have taken chats, whose batches are refused.
    /// [`Worker::chats`] says which ones are left.
    ///
    /// # Errors
    /// The errors of the store.
    pub async fn renew(&mut self) -> Result<bool, PostgresError> {
        let mut call = self.link.call();
        let (id, name, lease, patience) = (self.id, self.name.clone(), self.lease, self.link.patience);
        loop {
            let live = self.live(&mut call).await?;
            match answer(patience, renew(live, id, &name, lease)).await {
                Ok(going) => {
                    if !going {
                        self.trusted_from = Instant::now() + self.lease;
                    }
                    return Ok(going);
                }
                Err(failure) => self.link.failed(failure, &mut call).await?,
            }
        }
    }

    /// Takes up to `at_most` chats that no worker has, then those of workers whose leases are over. Takes nothing from a
    /// worker that is alive.
    ///
    /// After an outage all leases look over. So a worker that has just joined, that lost its connection or was late with its
    /// own renewal leaves the chats of others alone for as long as one lease, in which they can renew theirs.
    ///
    /// If the answer is lost the chats are this worker's although nobody told it; [`Worker::chats`] has them.
    ///
    /// # Errors
    /// The errors of the store.
    pub async fn take(&mut self, at_most: usize) -> Result<Vec<Taken>, PostgresError> {
        let (id, patience) = (self.id, self.link.patience);
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
        let mut taken = Vec::new();
        let mut call = self.link.call();
        loop {
            self.live(&mut call).await?;
            let trusted = Instant::now() >= self.trusted_from;
            let live = self.live(&mut call).await?;
            match answer(patience, take(live, id, limit, trusted, &mut taken)).await {
                Ok(()) => return Ok(taken),
                Err(failure) => self.link.failed(failure, &mut call).await?,
            }
        }
    }

    /// Returns all chats that this worker has, in any order.
    ///
    /// # Errors
    /// The errors of the store.
    pub async fn chats(&mut self) -> Result<Vec<Taken>, PostgresError> {
        chats_of(&mut self.link, self.id).await
    }

    /// Waits until chats may be free, at most for this time. A worker that leaves or releases chats tells the others through
    /// `NOTIFY`, where the engine has it. That is only a hint: nobody is told of a worker that died, so poll.
    pub async fn wait(&mut self, at_most: Duration) {
        let _by_time = timeout(at_most, self.link.woken.notified()).await;
    }

    /// Lets other workers have all chats of this one, and leaves. Its drivers must be gone: its batches are refused.
    ///
    /// # Errors
    /// The errors of the store. The others then have the chats once the lease is over.
    pub async fn leave(mut self) -> Result<(), PostgresError> {
        let (id, patience) = (self.id, self.link.patience);
        let mut call = self.link.call();
        loop {
            let live = self.link.live(&mut call).await?;
            let left = async {
                let statement = live.own(LEAVE).await?;
                live.client.execute(&statement, &[&&id.0[..]]).await?;
                hint(live).await
            };
            match answer(patience, left).await {
                Ok(()) => return Ok(()),
                Err(failure) => self.link.failed(failure, &mut call).await?,
            }
        }
    }

    /// Returns the connection. If it is another one than before, notices that.
    async fn live(&mut self, call: &mut Call) -> Result<&mut Live, PostgresError> {
        loop {
            self.link.live(call).await?;
            if self.seen == self.link.connections {
                return self.link.live(call).await;
            }
            // A wait has nothing to wait for until this is done: the hint may come on the new connection alone.
            let live = self.link.live(call).await?;
            let listened = live.client.batch_execute(LISTEN).await;
            match listened {
                Err(error) if error.as_db_error().is_none() => self.link.failed(error.into(), call).await?,
                // Engines without it refuse.
                _ => {
                    self.seen = self.link.connections;
                    self.trusted_from = Instant::now() + self.lease;
                }
            }
        }
    }
}

/// Renews the lease of a worker, or begins it.
pub(crate) async fn register(link: &mut Link, id: WorkerId, name: &str, lease: Duration) -> Result<(), PostgresError> {
    let patience = link.patience;
    let mut call = link.call();
    loop {
        let live = link.live(&mut call).await?;
        match answer(patience, renew(live, id, name, lease)).await {
            Ok(_going) => return Ok(()),
            Err(failure) => link.failed(failure, &mut call).await?,
        }
    }
}

async fn renew(live: &mut Live, id: WorkerId, name: &str, lease: Duration) -> Result<bool, Failure> {
    let statement = live.own(RENEW).await?;
    let millis = lease.as_secs_f64() * 1_000.0;
    let row = live.client.query_one(&statement, &[&&id.0[..], &name, &millis]).await?;
    Ok(row.try_get(0)?)
}

async fn take(
    live: &mut Live,
    id: WorkerId,
    at_most: i64,
    trusted: bool,
    taken: &mut Vec<Taken>,
) -> Result<(), Failure> {
    for sql in [TAKE_FREE].into_iter().chain(trusted.then_some(TAKE_DEAD)) {
        let left = at_most.saturating_sub(i64::try_from(taken.len()).unwrap_or(i64::MAX));
        if left > 0 {
            let statement = live.own(sql).await?;
            taken.extend(read(&live.client.query(&statement, &[&&id.0[..], &left]).await?)?);
        }
    }
    Ok(())
}

pub(crate) async fn chats_of(link: &mut Link, id: WorkerId) -> Result<Vec<Taken>, PostgresError> {
    let patience = link.patience;
    let mut call = link.call();
    loop {
        let live = link.live(&mut call).await?;
        let found = async {
            live.close().await?;
            let statement = live.own(OURS).await?;
            read(&live.client.query(&statement, &[&&id.0[..]]).await?)
        };
        match answer(patience, found).await {
            Ok(chats) => return Ok(chats),
            Err(failure) => link.failed(failure, &mut call).await?,
        }
    }
}

fn read(rows: &[tokio_postgres::Row]) -> Result<Vec<Taken>, Failure> {
    let taken = |row: &tokio_postgres::Row| {
        let due = row.try_get::<_, Option<i64>>(1)?.and_then(|due| due.try_into().ok());
        Ok(Taken { chat: chat_id(row.try_get(0)?)?, due: due.map(Timestamp::from_millis) })
    };
    rows.iter().map(taken).collect()
}
