//! The errors of the store.

use core::fmt;

/// The error of a [`RedbStore`](crate::RedbStore).
#[derive(Debug)]
#[non_exhaustive]
pub enum RedbError {
    /// The database's own error, [`redb::Error::Io`] for a full disk. After a failed write the database accepts no more
    /// writes: close it, repair the disk, and open it again.
    Database(Box<redb::Error>),
    /// The tables were written by a newer version of this crate. Nothing was changed.
    NewerVersion,
    /// A row has a name that is not the name of a record.
    Damaged,
}

impl fmt::Display for RedbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Database(_) => "the database failed; close it, repair its disk and open it again",
            Self::NewerVersion => "a newer version wrote the tables; update this program",
            Self::Damaged => "the table of records is damaged; restore the database from a backup",
        })
    }
}

impl core::error::Error for RedbError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Database(error) => Some(error),
            Self::NewerVersion | Self::Damaged => None,
        }
    }
}

macro_rules! from_redb {
    ($($error:ident)+) => {$(
        impl From<redb::$error> for RedbError {
            fn from(error: redb::$error) -> Self {
                Self::Database(Box::new(error.into()))
            }
        }
    )+};
}

from_redb! { DatabaseError TransactionError TableError StorageError CommitError }

impl From<std::io::Error> for RedbError {
    fn from(error: std::io::Error) -> Self {
        Self::Database(Box::new(redb::Error::Io(error)))
    }
}
