//! A shelf in a SQLite database: the rows in a table of their own, next to the store's.

use std::path::Path;

use secretchat::store::HostRows;
use secretchat_sqlite::SqliteStore;
use secretchat_sqlite::rusqlite::Connection;

use crate::story::{Result, Row, Shelf};

impl Shelf for SqliteStore {
    const ATOMIC: bool = true;

    fn open(directory: &Path) -> Result<(Self, Vec<Row>)> {
        let store = Self::open(directory.join("phone.sqlite"))?;
        store
            .connection()
            .execute_batch("CREATE TABLE IF NOT EXISTS rows (number INTEGER PRIMARY KEY, line TEXT NOT NULL)")?;
        let rows = read(store.connection())?;
        Ok((store, rows))
    }

    fn add(&mut self, row: &Row) -> Result<()> {
        self.transaction()?.execute("INSERT INTO rows (line) VALUES (?1)", [row.to_line()])?;
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        Ok(HostRows::commit(self)?)
    }
}

fn read(connection: &Connection) -> Result<Vec<Row>> {
    let mut lines = connection.prepare("SELECT line FROM rows ORDER BY number")?;
    let mut lines = lines.query([])?;
    let mut rows = Vec::new();
    while let Some(line) = lines.next()? {
        let line: String = line.get(0)?;
        rows.push(Row::from_line(&line).ok_or("a row of the phone is damaged")?);
    }
    Ok(rows)
}
