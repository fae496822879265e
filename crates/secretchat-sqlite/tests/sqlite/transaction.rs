//! Transactions that end otherwise than the store thinks.

use secretchat::store::{ApplyError, HostRows, Store};
use secretchat::{Batch, ChatId};
use secretchat_sqlite::SqliteError;
use store_contract::{Database, Directory, Row, contract};

use crate::database::Sqlite;

const CHAT: ChatId = ChatId([1; 16]);

fn batch() -> Batch {
    contract::batch(CHAT, 1, &[], &[])
}

fn row() -> Row {
    Row { received: true, text: "a message".to_owned() }
}

/// SQLite undoes a transaction by itself after some errors. The batch must not come without the row.
#[test]
fn a_batch_is_not_written_when_the_row_was_undone() {
    let directory = Directory::new("undone");
    let mut store = Sqlite::open(&directory.file("store")).unwrap();
    Sqlite::append(&mut store, &row()).unwrap();
    store.connection().execute_batch("ROLLBACK").unwrap();
    assert!(matches!(store.transaction(), Err(SqliteError::Undone)));
    assert!(matches!(store.delete(CHAT), Err(SqliteError::Undone)));
    assert!(matches!(store.apply(&batch()), Err(ApplyError::Store(SqliteError::Undone))));
    assert_eq!(store.load(CHAT).unwrap(), None);

    Sqlite::append(&mut store, &row()).unwrap();
    store.apply(&batch()).unwrap();
    assert_eq!(Sqlite::list(&store).unwrap(), [row()]);
    assert!(store.load(CHAT).unwrap().is_some());
}

#[test]
fn rows_are_not_told_to_be_committed_when_they_were_undone() {
    let directory = Directory::new("undone-rows");
    let mut store = Sqlite::open(&directory.file("store")).unwrap();
    Sqlite::append(&mut store, &row()).unwrap();
    store.connection().execute_batch("ROLLBACK").unwrap();
    assert!(matches!(store.commit(), Err(SqliteError::Undone)));
    store.commit().unwrap();
    assert_eq!(Sqlite::list(&store).unwrap(), []);
}

/// A constraint of the host's that is checked at the end makes COMMIT fail and leaves the transaction open.
#[test]
fn a_commit_that_fails_is_undone() {
    let directory = Directory::new("commit");
    let mut store = Sqlite::open(&directory.file("store")).unwrap();
    store
        .connection()
        .execute_batch(
            "PRAGMA foreign_keys = ON;
             CREATE TABLE people (id INTEGER PRIMARY KEY);
             CREATE TABLE letters (writer INTEGER REFERENCES people DEFERRABLE INITIALLY DEFERRED)",
        )
        .unwrap();
    store.transaction().unwrap().execute("INSERT INTO letters VALUES (1)", []).unwrap();
    assert!(matches!(store.apply(&batch()), Err(ApplyError::Store(SqliteError::Sqlite(_)))));
    assert!(store.connection().is_autocommit());
    assert_eq!(store.load(CHAT).unwrap(), None);
    store.apply(&batch()).unwrap();
    assert!(store.load(CHAT).unwrap().is_some());
}

/// Two stores on one database, as two processes have them.
#[test]
fn somebody_else_who_writes_is_an_error_that_passes() {
    let directory = Directory::new("busy");
    let path = directory.file("store");
    let mut writer = Sqlite::open(&path).unwrap();
    let mut other = Sqlite::open(&path).unwrap();
    other.connection().busy_timeout(std::time::Duration::ZERO).unwrap();
    Sqlite::append(&mut writer, &row()).unwrap();
    assert!(matches!(other.apply(&batch()), Err(ApplyError::Store(SqliteError::Sqlite(_)))));
    assert!(matches!(other.transaction(), Err(SqliteError::Sqlite(_))));
    writer.commit().unwrap();
    other.apply(&batch()).unwrap();
    assert!(writer.load(CHAT).unwrap().is_some());
}

#[test]
fn each_commit_is_synced() {
    let directory = Directory::new("pragmas");
    let store = Sqlite::open(&directory.file("store")).unwrap();
    let pragma = |name| store.connection().pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    // sqlite.org/pragma.html#pragma_synchronous: FULL is 2.
    assert_eq!(pragma("synchronous"), 2);
    assert_eq!((pragma("fullfsync"), pragma("secure_delete")), (1, 1));
}
