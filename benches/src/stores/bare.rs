//! The same rows without a store: no comparison with what is there, nothing but the writes.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use redb::{Database, TableDefinition};
use rusqlite::Connection;
use secretchat::{Batch, RecordName};

const TABLE: TableDefinition<'_, (&[u8; 16], &[u8; RecordName::LEN]), &[u8]> = TableDefinition::new("records");

/// Returns the length of a row with the chat and the name of its record, in bytes.
pub(super) fn row_len((name, sealed): &(RecordName, Vec<u8>)) -> usize {
    16 + name.to_bytes().len() + sealed.len()
}

/// A client that has prepared its statements, with the settings of the store.
pub(super) fn sqlite(path: &Path, durable: bool) -> impl FnMut(&Batch) + 'static {
    // As long as the process, for the statements that borrow it.
    let connection: &'static Connection = Box::leak(Box::new(Connection::open(path).unwrap()));
    let set = |name, value: &str| connection.pragma_update_and_check(None, name, value, |_| Ok(()));
    set("journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "synchronous", if durable { "FULL" } else { "OFF" }).unwrap();
    connection.pragma_update(None, "fullfsync", true).unwrap();
    set("secure_delete", "ON").unwrap();
    connection
        .execute_batch(
            "CREATE TABLE records (chat BLOB NOT NULL, name BLOB NOT NULL, record BLOB NOT NULL, PRIMARY KEY (chat, name))
             STRICT, WITHOUT ROWID",
        )
        .unwrap();
    let prepare = |statement| connection.prepare(statement).unwrap();
    let mut delete = prepare("DELETE FROM records WHERE chat = ?1 AND name = ?2");
    let mut put = prepare("REPLACE INTO records (chat, name, record) VALUES (?1, ?2, ?3)");
    let [mut begin, mut commit] = ["BEGIN IMMEDIATE", "COMMIT"].map(prepare);
    move |batch| {
        begin.execute([]).unwrap();
        for name in &batch.delete {
            delete.execute((batch.chat.0, name.to_bytes())).unwrap();
        }
        for (name, sealed) in &batch.put {
            put.execute((batch.chat.0, name.to_bytes(), sealed)).unwrap();
        }
        commit.execute([]).unwrap();
    }
}

pub(super) fn redb(path: &Path) -> impl FnMut(&Batch) + 'static {
    let database = Database::create(path).unwrap();
    move |batch| {
        let transaction = database.begin_write().unwrap();
        {
            let mut table = transaction.open_table(TABLE).unwrap();
            for name in &batch.delete {
                table.remove((&batch.chat.0, &name.to_bytes())).unwrap();
            }
            for (name, sealed) in &batch.put {
                table.insert((&batch.chat.0, &name.to_bytes()), &sealed[..]).unwrap();
            }
        }
        transaction.commit().unwrap();
    }
}

/// The least that is durable: the same bytes at the end of a file.
pub(super) fn append(path: &Path) -> impl FnMut(&Batch) + 'static {
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    move |batch| {
        let bytes = vec![0x5a; batch.put.iter().map(row_len).sum()];
        file.write_all(&bytes).unwrap();
        file.sync_data().unwrap();
    }
}
