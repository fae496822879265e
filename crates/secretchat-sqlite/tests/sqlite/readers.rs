//! Other connections beside the one that writes.

use std::thread;

use secretchat::store::{HostRows, Store};
use secretchat::{Batch, ChatId, Checkpoint, RecordName};
use secretchat_sqlite::SqliteStore;
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
    let batch = |value: &[u8]| {
        let put = vec![(RecordName::State, value.to_vec())];
        Batch {
            chat,
            follows: None,
            checkpoint: Checkpoint { generation: 1, tag: [0; 16] },
            put,
            delete: Vec::new(),
            destroys: false,
        }
    };
    let mut writer = Sqlite::open(&path).unwrap();
    writer.apply(&batch(b"old")).unwrap();
    Sqlite::append(&mut writer, &Row { received: true, text: "new".to_owned() }).unwrap();
    writer.delete(chat).unwrap();
    assert_eq!(writer.load(chat).unwrap(), None);

    let reader = SqliteStore::open(&path).unwrap();
    assert_eq!(Sqlite::list(&reader).unwrap(), []);
    assert_eq!(reader.load(chat).unwrap().unwrap().rows, [(RecordName::State, b"old".to_vec())]);
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
                    let put = vec![(RecordName::State, vec![number])];
                    let chat = ChatId([number; 16]);
                    store
                        .apply(&Batch {
                            chat,
                            follows: None,
                            checkpoint: Checkpoint { generation: 1, tag: [0; 16] },
                            put,
                            delete: Vec::new(),
                            destroys: false,
                        })
                        .unwrap();
                });
            }
        });
        assert_eq!(SqliteStore::open(&path).unwrap().chats().unwrap().len(), 4, "{round}");
    }
}
