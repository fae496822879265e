//! A shelf in a redb database: the rows in a table of their own, next to the store's.

use std::path::Path;

use secretchat::store::HostRows;
use secretchat_redb::RedbStore;
use secretchat_redb::redb::{ReadableDatabase, ReadableTable, TableDefinition};

use crate::story::{Result, Row, Shelf};

/// Lines by their numbers.
const ROWS: TableDefinition<'_, u64, &str> = TableDefinition::new("rows");

impl Shelf for RedbStore {
    const ATOMIC: bool = true;

    fn open(directory: &Path) -> Result<(Self, Vec<Row>)> {
        let mut store = Self::open(directory.join("phone.redb"))?;
        // The first phone creates the table.
        store.transaction()?.open_table(ROWS)?;
        HostRows::commit(&mut store)?;
        let table = store.database().begin_read()?.open_table(ROWS)?;
        let rows = table.iter()?.map(|row| {
            let (_, line) = row?;
            Row::from_line(line.value()).ok_or_else(|| "a row of the phone is damaged".into())
        });
        let rows = rows.collect::<Result<_>>()?;
        Ok((store, rows))
    }

    fn add(&mut self, row: &Row) -> Result<()> {
        let transaction = self.transaction()?;
        let mut table = transaction.open_table(ROWS)?;
        let number = table.last()?.map_or(0, |(number, _)| number.value() + 1);
        table.insert(number, &*row.to_line())?;
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        Ok(HostRows::commit(self)?)
    }
}
