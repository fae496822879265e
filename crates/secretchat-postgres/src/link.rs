//! A connection that comes back: it is made again after a loss, and what the server wants tried again is tried again.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, Statement};

use crate::PostgresError;
use crate::dial::Dial;

/// How long a call goes on with a server that cannot be reached.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// The pauses between attempts double from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// A call that the server wants tried again this often meets with more than bad luck.
const MOST_CONFLICTS: u32 = 100;
/// The statements of the host that are kept prepared.
const MOST_STATEMENTS: usize = 256;

/// Settings of a session. Each may be unknown to an engine that only speaks PostgreSQL's protocol, and is then left out.
const SETTINGS: [&str; 2] = [
    // A commit is on the disk when it returns. Stronger settings of the operator stay.
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
    // Each of the store's statements finds its rows by their keys. A plan from when the tables were small would read them
    // whole later on.
    "SELECT set_config('enable_seqscan', 'off', false), set_config('enable_hashjoin', 'off', false),
        set_config('enable_mergejoin', 'off', false), set_config('jit', 'off', false)",
];

/// The reason why an attempt failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The connection is lost, or the server goes down or is not up yet. What the attempt did is unknown.
    Lost(PostgresError),
    /// Others were in the way and nothing was done: a serialization failure or a deadlock.
    Conflict(PostgresError),
    /// Nothing that passes by itself.
    Other(PostgresError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let again = match error.code() {
            Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => Self::Conflict,
            Some(code) if is_down(code) => Self::Lost,
            None if error.is_closed() || is_io(&error) => Self::Lost,
            _ => Self::Other,
        };
        again(error.into())
    }
}

/// Returns whether another connection, maybe to another server, is the remedy.
fn is_down(code: &SqlState) -> bool {
    let known = [
        &SqlState::ADMIN_SHUTDOWN,
        &SqlState::CRASH_SHUTDOWN,
        &SqlState::CANNOT_CONNECT_NOW,
        &SqlState::TOO_MANY_CONNECTIONS,
        // A standby that was the primary, or is about to be.
        &SqlState::READ_ONLY_SQL_TRANSACTION,
        &SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        // Somebody between here and the server gave the session to another client meanwhile.
        &SqlState::INVALID_SQL_STATEMENT_NAME,
    ];
    code.code().starts_with("08") || known.contains(&code)
}

fn is_stale(error: &PostgresError) -> bool {
    matches!(error, PostgresError::Postgres(error) if error.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED))
}

fn is_io(error: &Error) -> bool {
    let source = std::error::Error::source(error);
    source.is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
}

/// One call of the host, with all its attempts.
#[derive(Debug)]
pub(crate) struct Call {
    deadline: Instant,
    attempts: u32,
    conflicts: u32,
}

/// A connection, if there is one, and how to get another one.
#[derive(Debug)]
pub(crate) struct Link {
    dial: Arc<dyn Dial>,
    live: Option<Live>,
    pub(crate) patience: Duration,
    /// Calls this at each notification, and when the connection is lost.
    pub(crate) woken: Arc<Notify>,
    /// How often a connection was made.
    pub(crate) connections: u64,
    /// How often something was tried again because others were in the way.
    pub(crate) conflicts: u64,
    /// A server that gets no statement for this long in a transaction gives its locks back.
    idle: Duration,
    jitter: u64,
}

/// A connection that was there a moment ago.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) client: Client,
    statements: HashMap<Arc<str>, Statement>,
    /// A transaction may be open, since nobody waited for its end.
    pub(crate) open: bool,
    task: JoinHandle<()>,
}

impl Drop for Live {
    fn drop(&mut self) {
        // A server that does not answer would keep the task for ever.
        self.task.abort();
    }
}

impl Link {
    pub(crate) fn new(dial: Arc<dyn Dial>, seed: [u8; 16], idle: Duration) -> Self {
        let jitter = seed.iter().fold(1, |seed: u64, byte| seed.wrapping_mul(257).wrapping_add((*byte).into()));
        Self { dial, live: None, patience: PATIENCE, woken: Arc::default(), connections: 0, conflicts: 0, idle, jitter }
    }

    pub(crate) fn call(&self) -> Call {
        Call { deadline: Instant::now() + self.patience, attempts: 0, conflicts: 0 }
    }

    /// Returns the connection. Makes one if there is none, again and again until the patience of the call ends.
    pub(crate) async fn live(&mut self, call: &mut Call) -> Result<&mut Live, PostgresError> {
        if self.live.as_ref().is_some_and(|live| live.client.is_closed()) {
            self.live = None;
        }
        while self.live.is_none() {
            match answer(self.patience, connect(&self.dial, &self.woken, self.idle)).await {
                Ok(live) => {
                    self.connections += 1;
                    self.live = Some(live);
                }
                Err(failure) => self.failed(failure, call).await?,
            }
        }
        // There is one by now.
        self.live.as_mut().ok_or(PostgresError::NoAnswer)
    }

    /// Decides whether the call goes on, and pauses before it does.
    pub(crate) async fn failed(&mut self, failure: Failure, call: &mut Call) -> Result<(), PostgresError> {
        let pause = self.pause(call);
        match failure {
            Failure::Other(error) => {
                // What was prepared before a table changed may be refused for ever.
                self.live = self.live.take().filter(|_| !is_stale(&error));
                return Err(error);
            }
            Failure::Conflict(error) if call.conflicts >= MOST_CONFLICTS => return Err(error),
            Failure::Conflict(_) => {
                call.conflicts += 1;
                self.conflicts += 1;
            }
            Failure::Lost(error) => {
                self.live = None;
                if Instant::now() + pause >= call.deadline {
                    return Err(error);
                }
            }
        }
        sleep(pause).await;
        Ok(())
    }

    /// Returns the next pause: between half of it and all of it, so that two who are in each other's way part.
    fn pause(&mut self, call: &mut Call) -> Duration {
        let longest = FIRST_PAUSE.saturating_mul(1 << call.attempts.min(10)).min(LONGEST_PAUSE);
        call.attempts += 1;
        // xorshift64: nobody gains from guessing it.
        self.jitter ^= self.jitter << 13;
        self.jitter ^= self.jitter >> 7;
        self.jitter ^= self.jitter << 17;
        let part = u32::try_from(self.jitter % 1024).unwrap_or(0);
        longest / 2 + longest / 2048 * part
    }
}

impl Live {
    /// Returns the statement, prepared once for this connection.
    pub(crate) async fn prepare(&mut self, sql: &Arc<str>) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        if self.statements.len() >= MOST_STATEMENTS {
            self.statements.clear();
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.insert(Arc::clone(sql), statement.clone());
        Ok(statement)
    }

    /// Prepares a statement of the store's own.
    pub(crate) async fn own(&mut self, sql: &str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        self.prepare(&sql.into()).await
    }

    /// Ends a transaction that may still be open. Does nothing otherwise.
    pub(crate) async fn close(&mut self) -> Result<(), Error> {
        if self.open {
            // Outside of a transaction this is a warning.
            self.client.batch_execute("ROLLBACK").await?;
            self.open = false;
        }
        Ok(())
    }
}

async fn connect(dial: &Arc<dyn Dial>, woken: &Arc<Notify>, idle: Duration) -> Result<Live, Failure> {
    let (client, task) = dial.dial(Arc::clone(woken)).await?;
    let live = Live { client, statements: HashMap::new(), open: false, task };
    let idle = format!("SET idle_in_transaction_session_timeout = {}", idle.as_millis().clamp(1_000, 600_000));
    for setting in [idle.as_str()].iter().chain(&SETTINGS) {
        match live.client.batch_execute(setting).await {
            Err(error) if error.as_db_error().is_none() => return Err(error.into()),
            _ => {}
        }
    }
    Ok(live)
}

/// Waits for the answer for half of the patience: then there is time for another attempt.
pub(crate) async fn answer<T, E: Into<Failure>>(
    patience: Duration,
    attempt: impl Future<Output = Result<T, E>>,
) -> Result<T, Failure> {
    match timeout(patience / 2, attempt).await {
        Ok(answer) => answer.map_err(E::into),
        Err(_) => Err(Failure::Lost(PostgresError::NoAnswer)),
    }
}
