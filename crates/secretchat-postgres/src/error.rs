//! The errors of the store.

use core::fmt;

/// The error of a [`PostgresStore`](crate::PostgresStore) or a [`Worker`](crate::Worker).
#[derive(Debug)]
#[non_exhaustive]
pub enum PostgresError {
    /// The server's or the client's own error: for example the server cannot be reached for longer than the store's
    /// patience, a row of the host's own breaks a constraint, or the password is wrong.
    Postgres(tokio_postgres::Error),
    /// The server did not answer in time, again and again until the store's patience ended.
    NoAnswer,
    /// A newer version of this crate wrote the tables. Nothing has changed.
    NewerVersion,
    /// A row was not written by any version of this crate.
    Damaged,
    /// The worker has left, or it was silent for so long that it was removed. Join again, or renew.
    NotJoined,
    /// The runtime of a [`BlockingStore`](crate::BlockingStore) cannot be made.
    Runtime(std::io::Error),
}

impl fmt::Display for PostgresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres(_) => "PostgreSQL failed; see its error, then restore the chats of the call",
            Self::NoAnswer => "the server does not answer; restore the chats of the call once it does",
            Self::NewerVersion => "a newer version wrote the tables; update this program",
            Self::Damaged => "a row of the tables is damaged; restore the database from a backup",
            Self::NotJoined => "this worker is not registered; join again, or renew",
            Self::Runtime(_) => "the runtime of the connection cannot be made",
        })
    }
}

impl core::error::Error for PostgresError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Postgres(error) => Some(error),
            Self::Runtime(error) => Some(error),
            Self::NoAnswer | Self::NewerVersion | Self::Damaged | Self::NotJoined => None,
        }
    }
}

impl From<tokio_postgres::Error> for PostgresError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(error)
    }
}
