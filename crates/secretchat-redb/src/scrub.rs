//! Destroys old copies of records (SPEC DRV-6).
//!
//! redb never overwrites a page that somebody may still read. It writes a new page, and the old one becomes free after a
//! while and keeps its bytes until it is used again. Its API does not show which pages are free. Therefore all free pages
//! are filled once with zeros. Then the records are written anew, since a page in use may have old bytes after its rows.
//! Then the pages that this freed are also filled.

use redb::{CompactionError, Database, ReadableTable, TableDefinition, WriteTransaction};

use crate::RedbError;
use crate::schema::{self, RECORDS};

const FILL: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("secretchat_fill");
/// A page of a table with one row: four bytes of header, four of the value's end, eight of the key.
const OVERHEAD: usize = 4 + 4 + 8;
/// Tables of one page each, for the pages that are left at the end of a long table.
const REST: [&str; 8] = [
    "secretchat_fill_0",
    "secretchat_fill_1",
    "secretchat_fill_2",
    "secretchat_fill_3",
    "secretchat_fill_4",
    "secretchat_fill_5",
    "secretchat_fill_6",
    "secretchat_fill_7",
];

/// Returns `false` if somebody reads, or holds a savepoint.
pub(crate) fn scrub(database: &mut Database) -> Result<bool, RedbError> {
    if !compact(database)? {
        return Ok(false);
    }
    fill(database)?;
    write_anew(database)?;
    if !compact(database)? {
        return Ok(false);
    }
    fill(database)?;
    let transaction = database.begin_write()?;
    schema::set_unscrubbed(&transaction, false)?;
    transaction.commit()?;
    // Gives back the pages by which filling made the file grow; they hold only zeros.
    compact(database)
}

/// Frees all pages that nobody reads, and cuts the file to about the space in use.
fn compact(database: &mut Database) -> Result<bool, RedbError> {
    match database.compact() {
        Ok(_) => Ok(true),
        Err(CompactionError::Storage(error)) => Err(error.into()),
        Err(_) => Ok(false),
    }
}

/// Fills all free space with zeros.
fn fill(database: &Database) -> Result<(), RedbError> {
    let transaction = database.begin_write()?;
    // The free pages, and the unused space in others. This may be a few too many: the file then grows for a while.
    let stats = transaction.stats()?;
    let page = stats.page_size();
    let free = stats.fragmented_bytes() / u64::try_from(page).unwrap_or(u64::MAX) + 8;
    insert(&transaction, free, page)?;
    transaction.commit()?;

    let transaction = database.begin_write()?;
    for name in REST {
        transaction.open_table(TableDefinition::<u64, &[u8]>::new(name))?.insert(0, zeros(page).as_slice())?;
    }
    transaction.commit()?;
    remove(database)
}

fn insert(transaction: &WriteTransaction, pages: u64, page: usize) -> Result<(), RedbError> {
    let mut table = transaction.open_table(FILL)?;
    for number in 0..pages {
        table.insert(number, zeros(page).as_slice())?;
    }
    Ok(())
}

fn zeros(page: usize) -> Vec<u8> {
    vec![0; page - OVERHEAD]
}

fn remove(database: &Database) -> Result<(), RedbError> {
    let transaction = database.begin_write()?;
    transaction.delete_table(FILL)?;
    for name in REST {
        transaction.delete_table(TableDefinition::<u64, &[u8]>::new(name))?;
    }
    Ok(transaction.commit()?)
}

/// Writes the records into pages that were zeros.
fn write_anew(database: &Database) -> Result<(), RedbError> {
    let transaction = database.begin_write()?;
    let rows = {
        let records = transaction.open_table(RECORDS)?;
        let mut rows = Vec::new();
        for row in records.iter()? {
            let (key, sealed) = row?;
            let (chat, name) = key.value();
            rows.push((*chat, *name, sealed.value().to_vec()));
        }
        rows
    };
    transaction.delete_table(RECORDS)?;
    let mut records = transaction.open_table(RECORDS)?;
    for (chat, name, sealed) in &rows {
        records.insert((chat, name), sealed.as_slice())?;
    }
    drop(records);
    Ok(transaction.commit()?)
}
