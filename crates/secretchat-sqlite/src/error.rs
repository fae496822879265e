//! What can go wrong.

use core::fmt;

/// What can go wrong in a [`SqliteStore`](crate::SqliteStore).
#[derive(Debug)]
#[non_exhaustive]
pub enum SqliteError {
    /// SQLite's own: the disk is full, somebody else writes for longer than the busy timeout, the file is no database.
    Sqlite(rusqlite::Error),
    /// The tables are those of a newer version of this crate. Nothing has changed.
    NewerVersion,
    /// A row that no version of this crate writes.
    Damaged,
    /// The database cannot have a write-ahead log: it is in memory, say.
    NoLog,
    /// The transaction is over although the store has not ended it: SQLite undid it after an error, or the host ended it.
    /// Rows of the host's are lost, so the batch was not written either.
    Undone,
    /// An earlier failure could not be undone. What the database holds is known only after opening it again.
    Broken,
}

impl fmt::Display for SqliteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "SQLite failed",
            Self::NewerVersion => "the tables are of a newer version",
            Self::Damaged => "a row of the tables is damaged",
            Self::NoLog => "the database cannot have a write-ahead log",
            Self::Undone => "the transaction was ended by somebody else than the store",
            Self::Broken => "an earlier failure could not be undone: open the store again",
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
