//! The process dies; what the database holds is right.

use std::path::Path;

use secretchat_sqlite::rusqlite::Connection;
use secretchat_sqlite::{SqliteError, SqliteStore};
use store_contract::{Database, Row, kill};

use crate::database::{Sqlite, with_list};

#[test]
fn each_message_is_there_once() {
    kill::each_message_is_there_once::<Sqlite>("kill::each_message_is_there_once");
}

#[test]
fn each_message_is_there_once_over_deaths_inside_of_commits() {
    kill::each_message_is_there_once::<Dying>("kill::each_message_is_there_once_over_deaths_inside_of_commits");
}

/// Commits of one database before the process dies.
const MOST_COMMITS: u32 = 30;

/// Ends the process inside of a commit, when everything is written but the commit itself.
struct Dying;

impl Database for Dying {
    type Store = SqliteStore;

    fn open(path: &Path) -> Result<SqliteStore, SqliteError> {
        let mut connection = Connection::open(path)?;
        if let Some(seed) = kill::seed() {
            let mut left = seed % MOST_COMMITS;
            let commit = move || {
                left = left.checked_sub(1).unwrap_or_else(|| std::process::abort());
                false
            };
            connection.commit_hook(Some(commit))?;
        }
        with_list(SqliteStore::with_connection(connection)?)
    }

    fn append(store: &mut SqliteStore, row: &Row) -> Result<(), SqliteError> {
        Sqlite::append(store, row)
    }

    fn list(store: &SqliteStore) -> Result<Vec<Row>, SqliteError> {
        Sqlite::list(store)
    }
}
