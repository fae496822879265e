//! The errors of the store.

use core::fmt;

/// The error of a [`SqliteStore`](crate::SqliteStore).
#[derive(Debug)]
#[non_exhaustive]
pub enum SqliteError {
    /// SQLite's own error: for example the disk is full, another writer exceeds the busy timeout, or the file is not a database.
    Sqlite(rusqlite::Error),
    /// A newer version of this crate wrote the tables. Nothing has changed.
    NewerVersion,
    /// A row was not written by any version of this crate.
    Damaged,
    /// The database cannot have a write-ahead log, for example because it is in memory.
    NoLog,
    /// The transaction has ended, but not by the store: SQLite rolled it back after an error, or the host ended it. The
    /// host's rows in it are lost, so the batch was not written either.
    Undone,
    /// An earlier failure could not be undone. Open the database again to see what it holds.
    Broken,
}

impl fmt::Display for SqliteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "SQLite failed; see its error, then restore the chat",
            Self::NewerVersion => "a newer version wrote the tables; update this program",
            Self::Damaged => "a row of the tables is damaged; restore the database from a backup",
            Self::NoLog => "the database cannot have a write-ahead log; use a file on a local disk",
            Self::Undone => "the transaction was ended outside the store; restore the chat",
            Self::Broken => "an earlier failure could not be undone; open the store again",
        })
    }
}

impl core::error::Error for SqliteError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        if let Self::Sqlite(error) = self { Some(error) } else { None }
    }
}

impl From<rusqlite::Error> for SqliteError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}
