//! A host's message list in a SQLite database.

use std::path::Path;

use secretchat::store::HostRows;
use secretchat_sqlite::{SqliteError, SqliteStore};
use store_contract::{Database, Row};

pub(crate) struct Sqlite;

impl Database for Sqlite {
    type Store = SqliteStore;

    fn open(path: &Path) -> Result<SqliteStore, SqliteError> {
        with_list(SqliteStore::open(path)?)
    }

    fn append(store: &mut SqliteStore, row: &Row) -> Result<(), SqliteError> {
        store.transaction()?.execute("INSERT INTO list VALUES (?1, ?2)", (row.received, &row.text))?;
        Ok(())
    }

    fn list(store: &SqliteStore) -> Result<Vec<Row>, SqliteError> {
        let mut statement = store.connection().prepare("SELECT received, text FROM list ORDER BY rowid")?;
        let rows = statement.query_map([], |row| Ok(Row { received: row.get(0)?, text: row.get(1)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

pub(crate) fn with_list(store: SqliteStore) -> Result<SqliteStore, SqliteError> {
    store.connection().execute_batch("CREATE TABLE IF NOT EXISTS list (received INTEGER, text TEXT)")?;
    Ok(store)
}
