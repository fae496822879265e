//! Other connections beside the one that writes.

use std::thread;

use secretchat::ChatId;
use secretchat::store::{HostRows, Store};
use secretchat_sqlite::SqliteStore;
use store_contract::contract::batch;
use store_contract::{Database, Directory, Row, readers};

use crate::database::Sqlite;

#[test]
fn a_reader_sees_whole_batches() {
    let directory = Directory::new("readers");
    let path = directory.file("store");
    let writer = SqliteStore::open(&path).unwrap();
    readers::a_reader_sees_whole_batches(writer, SqliteStore::open(&path).unwrap());
}

#[test]
fn a_store_opened_during_a_transaction_sees_the_state_before_it() {
    let directory = Directory::new("during");
    let path = directory.file("store");
    let chat = ChatId([1; 16]);
    let batch = batch(chat, 1, &[], &[]);
    let mut writer = Sqlite::open(&path).unwrap();
    writer.apply(&batch).unwrap();
    Sqlite::append(&mut writer, &Row { received: true, text: "new".to_owned() }).unwrap();
    writer.delete(chat).unwrap();
    assert_eq!(writer.load(chat).unwrap(), None);

    let reader = SqliteStore::open(&path).unwrap();
    assert_eq!(Sqlite::list(&reader).unwrap(), []);
    assert_eq!(reader.load(chat).unwrap().unwrap().rows, batch.put);
    writer.commit().unwrap();
    assert_eq!(Sqlite::list(&reader).unwrap().len(), 1);
    assert_eq!(reader.load(chat).unwrap(), None);
}

#[test]
fn several_may_make_the_same_database_at_once() {
    for round in 0..10 {
        let directory = Directory::new("at-once");
        let path = directory.file("store");
        thread::scope(|scope| {
            for number in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    let mut store = SqliteStore::open(path).unwrap();
                    store.apply(&batch(ChatId([number; 16]), 1, &[], &[])).unwrap();
                });
            }
        });
        assert_eq!(SqliteStore::open(&path).unwrap().chats().unwrap().len(), 4, "{round}");
    }
}
