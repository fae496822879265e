//! Records in a table, and the transaction that they share with the host's rows.

use std::path::Path;
use std::slice;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OptionalExtension};
use secretchat::store::{ApplyError, HostRows, Store};
use secretchat::{Batch, ChatId, RecordName, Records};

use crate::SqliteError;
use crate::schema::{STEPS, migrate};

/// How long a call waits while another process writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Records of many chats in a SQLite database, which may also have tables of the host.
///
/// Any number of connections and processes may read at the same time. Two may write to different chats. If two drive the
/// same **chat**, the later batch is refused ([`ApplyError::Superseded`]).
///
/// ```
/// use getrandom::SysRng;
/// use secretchat::rand_core::UnwrapErr;
/// use secretchat::store::{Driver, Store};
/// use secretchat::{Chat, Config, Env, StoreKey, Timestamp};
/// use secretchat_sqlite::SqliteStore;
///
/// # let path = std::env::temp_dir().join(format!("secretchat-sqlite-doc-{}.db", std::process::id()));
/// let mut rng = UnwrapErr(SysRng);
/// let env = &mut Env::new(Timestamp::from_unix_seconds(1_800_000_000), &mut rng);
/// let key = StoreKey::new([7; 32]); // 32 random bytes, from the system's keychain
/// let start = Config::x25519("alice/phone", "bob/phone")?.with_store(key.duplicate());
/// let mut driver = Driver::new(Chat::request(start, env)?, SqliteStore::open(&path)?);
/// while let Some(_action) = driver.next_action()? {} // the request is durable, and carried
/// drop(driver);
///
/// // After a restart. A table of the app's own is in the same database.
/// let store = SqliteStore::open(&path)?;
/// store.connection().execute_batch("CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, text TEXT)")?;
/// let chat = store.chats()?[0];
/// let driver = Driver::restore(store, chat, &key, None, env)?;
/// # drop(driver);
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    transaction: State,
}

/// The state of the transaction in which the next batch is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    None,
    /// The store has begun a transaction and not ended it.
    Open,
    /// A failed transaction could not be undone.
    Broken,
}

impl SqliteStore {
    /// Opens the database file, or creates it, with a busy timeout of five seconds.
    ///
    /// # Errors
    /// As [`SqliteStore::with_connection`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SqliteError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        Self::with_connection(connection)
    }

    /// Creates a store over a connection that the host has set up with a busy timeout and, if the database is encrypted, its
    /// key.
    ///
    /// This switches the connection to the settings that durability and deletion need: `journal_mode = WAL`, `synchronous =
    /// FULL`, `fullfsync = ON`, `secure_delete = ON`. The host must leave these as they are.
    ///
    /// # Errors
    /// [`SqliteError::NewerVersion`], after which the database is unchanged; [`SqliteError::NoLog`],
    /// [`SqliteError::Damaged`], [`SqliteError::Sqlite`].
    pub fn with_connection(connection: Connection) -> Result<Self, SqliteError> {
        // FULL: a commit is on the disk when it returns. WAL alone only guarantees consistency.
        connection.pragma_update(None, "synchronous", "FULL")?;
        // On Apple's systems fsync does not empty the drive's cache; elsewhere this does nothing.
        connection.pragma_update(None, "fullfsync", true)?;
        // This pragma returns the new value, so it is a query.
        connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
        migrate(&connection, STEPS)?;
        if write_ahead(&connection)? != "wal" {
            return Err(SqliteError::NoLog);
        }
        let mut store = Self { connection, transaction: State::None };
        // Destroys the old copies that a process left when it died. If others are reading, one of them does it later.
        Store::scrub(&mut store)?;
        Ok(store)
    }

    /// Returns the connection, to read the host's own tables. It sees rows that are not committed yet.
    ///
    /// Anything written through it outside [`HostRows::transaction`] is not part of a batch's transaction.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    fn begin(&mut self) -> Result<(), SqliteError> {
        match self.transaction {
            State::None => {
                // Takes the write lock now and not at the first write, as plain BEGIN does: a transaction that has already
                // read may be refused the lock at once.
                run(&self.connection, "BEGIN IMMEDIATE")?;
                self.transaction = State::Open;
                Ok(())
            }
            // An error such as a full disk undoes the whole transaction (sqlite.org/lang_transaction.html). A batch that
            // continued in a new one would be stored without the host's rows.
            State::Open if self.connection.is_autocommit() => Err(SqliteError::Undone),
            State::Open => Ok(()),
            State::Broken => Err(SqliteError::Broken),
        }
    }

    /// Runs the last part of a transaction and commits it; begins a transaction if there is none. A failure undoes it.
    fn end<E: From<SqliteError>>(&mut self, last: impl FnOnce(&Connection) -> Result<(), E>) -> Result<(), E> {
        let begun = self.begin().map_err(E::from).and_then(|()| last(&self.connection));
        let done = begun.and_then(|()| Ok(run(&self.connection, "COMMIT").map_err(SqliteError::from)?));
        match done {
            Ok(()) => self.transaction = State::None,
            // Report the first failure; the next call reports `Broken`.
            Err(_) if self.transaction == State::Open => _ = self.undo(),
            Err(_) => {}
        }
        done
    }

    /// Rolls the transaction back, unless SQLite has already done so.
    fn undo(&mut self) -> Result<(), SqliteError> {
        let undone = if self.connection.is_autocommit() { Ok(()) } else { self.connection.execute_batch("ROLLBACK") };
        self.transaction = if undone.is_ok() { State::None } else { State::Broken };
        Ok(undone?)
    }

    /// Returns the connection to read from, unless a failure could not be undone.
    fn reader(&self) -> Result<&Connection, SqliteError> {
        if self.transaction == State::Broken { Err(SqliteError::Broken) } else { Ok(&self.connection) }
    }
}

impl Store for SqliteStore {
    type Error = SqliteError;

    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<SqliteError>> {
        self.apply_all(slice::from_ref(batch))
    }

    /// Writes all batches and the host's rows in one transaction. After an error nothing of them is there.
    fn apply_all(&mut self, batches: &[Batch]) -> Result<(), ApplyError<SqliteError>> {
        self.end(|connection| {
            batches.iter().try_for_each(|batch| {
                // This is inside the transaction, so other writers wait.
                if !batch.fits(head(connection, batch.chat)?.as_deref()) {
                    return Err(ApplyError::Superseded);
                }
                Ok(write(connection, batch)?)
            })
        })
    }

    /// Moves the contents of the log into the database, where deleted rows are zeros, and truncates the log. It does not
    /// wait: it returns `false` while another connection reads an old state, or a transaction is open here.
    fn scrub(&mut self) -> Result<bool, SqliteError> {
        if self.transaction != State::None {
            return Ok(false);
        }
        let timeout: u32 = self.connection.pragma_query_value(None, "busy_timeout", |row| row.get(0))?;
        self.connection.busy_timeout(Duration::ZERO)?;
        let truncated = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        self.connection.busy_timeout(Duration::from_millis(timeout.into()))?;
        match truncated {
            Ok(busy) => Ok(!busy),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn load(&self, chat: ChatId) -> Result<Option<Records>, SqliteError> {
        let mut statement = self.reader()?.prepare("SELECT name, record FROM secretchat_records WHERE chat = ?1")?;
        let mut found = statement.query([chat.0])?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let name = row.get_ref(0)?.as_blob().ok().and_then(|name| name.try_into().ok());
            let name = name.and_then(RecordName::from_bytes).ok_or(SqliteError::Damaged)?;
            rows.push((name, row.get(1)?));
        }
        Ok(if rows.is_empty() { None } else { Some(Records { chat, rows }) })
    }

    fn chats(&self) -> Result<Vec<ChatId>, SqliteError> {
        let mut statement = self.reader()?.prepare("SELECT DISTINCT chat FROM secretchat_records")?;
        let mut found = statement.query([])?;
        let mut chats = Vec::new();
        while let Some(row) = found.next()? {
            let chat = row.get_ref(0)?.as_blob().ok().and_then(|chat| chat.try_into().ok());
            chats.push(chat.map(ChatId).ok_or(SqliteError::Damaged)?);
        }
        Ok(chats)
    }

    /// Deletes in the open transaction, if there is one, and leaves it open.
    fn delete(&mut self, chat: ChatId) -> Result<(), SqliteError> {
        let forget = |connection: &Connection| -> Result<(), SqliteError> {
            connection.execute("DELETE FROM secretchat_records WHERE chat = ?1", [chat.0])?;
            Ok(())
        };
        if self.transaction == State::Open {
            self.begin()?;
            forget(&self.connection)
        } else {
            self.end(forget)
        }
    }
}

impl HostRows for SqliteStore {
    type Transaction<'a> = &'a Connection;

    fn transaction(&mut self) -> Result<&Connection, SqliteError> {
        self.begin()?;
        Ok(&self.connection)
    }

    fn commit(&mut self) -> Result<(), SqliteError> {
        if self.transaction == State::None { Ok(()) } else { self.end(|_| Ok::<_, SqliteError>(())) }
    }

    fn rollback(&mut self) -> Result<(), SqliteError> {
        match self.transaction {
            State::None => Ok(()),
            State::Broken => Err(SqliteError::Broken),
            State::Open => self.undo(),
        }
    }
}

/// Switches to the write-ahead log and returns the resulting mode. The switch needs exclusive access to the database, and
/// the busy timeout does not apply to it. It is therefore retried: others that open a new database at the same time finish
/// soon.
fn write_ahead(connection: &Connection) -> rusqlite::Result<String> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(5));
            }
            mode => return mode,
        }
    }
}

/// Runs a statement of each batch, which is parsed once for the connection.
fn run(connection: &Connection, statement: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement)?.execute([]).map(drop)
}

/// Returns the state of the chat, or its tombstone if there is no state.
fn head(connection: &Connection, chat: ChatId) -> Result<Option<Vec<u8>>, SqliteError> {
    let mut find = connection.prepare_cached("SELECT record FROM secretchat_records WHERE chat = ?1 AND name = ?2")?;
    let mut record = |name: RecordName| find.query_row((chat.0, name.to_bytes()), |row| row.get(0)).optional();
    Ok(match record(RecordName::State)? {
        None => record(RecordName::Tombstone)?,
        state => state,
    })
}

fn write(connection: &Connection, batch: &Batch) -> Result<(), SqliteError> {
    let mut delete = connection.prepare_cached("DELETE FROM secretchat_records WHERE chat = ?1 AND name = ?2")?;
    for name in &batch.delete {
        delete.execute((batch.chat.0, name.to_bytes()))?;
    }
    let mut put =
        connection.prepare_cached("REPLACE INTO secretchat_records (chat, name, record) VALUES (?1, ?2, ?3)")?;
    for (name, sealed) in &batch.put {
        put.execute((batch.chat.0, name.to_bytes(), sealed))?;
    }
    Ok(())
}
