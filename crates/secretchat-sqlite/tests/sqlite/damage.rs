//! Rows and tables that this version does not write.

use std::fs;

use secretchat::ChatId;
use secretchat::store::Store;
use secretchat_sqlite::rusqlite::Connection;
use secretchat_sqlite::{SqliteError, SqliteStore};
use store_contract::Directory;

const CHAT: ChatId = ChatId([1; 16]);

#[test]
fn a_name_that_is_none_is_damage() {
    let directory = Directory::new("damage");
    let store = SqliteStore::open(directory.file("store")).unwrap();
    // Too short, too long, of an unknown kind, and the name of the state with a number.
    for name in ["01", "02000000000000000000", "ff0000000000000000", "020000000000000001"] {
        store.connection().execute("DELETE FROM secretchat_records", []).unwrap();
        let insert = format!("INSERT INTO secretchat_records VALUES (?1, x'{name}', x'00')");
        store.connection().execute(&insert, [CHAT.0]).unwrap();
        assert!(matches!(store.load(CHAT), Err(SqliteError::Damaged)), "{name}");
        assert_eq!(store.chats().unwrap(), [CHAT]);
    }
}

#[test]
fn a_chat_without_a_whole_id_is_damage() {
    let directory = Directory::new("damaged-chat");
    let store = SqliteStore::open(directory.file("store")).unwrap();
    store
        .connection()
        .execute("INSERT INTO secretchat_records VALUES (x'01', x'010000000000000000', x'00')", [])
        .unwrap();
    assert!(matches!(store.chats(), Err(SqliteError::Damaged)));
}

#[test]
fn tables_of_a_newer_version_are_left_as_they_are() {
    let directory = Directory::new("newer");
    let path = directory.file("store");
    let newer = Connection::open(&path).unwrap();
    newer
        .execute_batch("CREATE TABLE secretchat_version (version); INSERT INTO secretchat_version VALUES (1000)")
        .unwrap();
    drop(newer);
    let before = fs::read(&path).unwrap();
    assert!(matches!(SqliteStore::open(&path), Err(SqliteError::NewerVersion)));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_no_database_is_an_error_and_left_as_it_is() {
    let directory = Directory::new("none");
    let path = directory.file("store");
    fs::write(&path, [b'x'; 4096]).unwrap();
    assert!(matches!(SqliteStore::open(&path), Err(SqliteError::Sqlite(_))));
    assert_eq!(fs::read(&path).unwrap(), [b'x'; 4096]);
}

#[test]
fn a_database_in_memory_is_refused() {
    let connection = Connection::open_in_memory().unwrap();
    assert!(matches!(SqliteStore::with_connection(connection), Err(SqliteError::NoLog)));
}

#[test]
fn neither_debug_nor_error_texts_show_records() {
    let directory = Directory::new("debug");
    let store = SqliteStore::open(directory.file("store")).unwrap();
    let insert = "INSERT INTO secretchat_records VALUES (?1, x'01', x'5ea1ed5ea1ed')";
    store.connection().execute(insert, [CHAT.0]).unwrap();
    let error = store.load(CHAT).unwrap_err();
    for shown in [format!("{store:?}"), format!("{error:?}"), error.to_string()] {
        assert!(!shown.to_lowercase().contains("5ea1ed") && !shown.contains("94, 161, 237"), "{shown}");
    }
}
