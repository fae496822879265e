//! What this store adds to what every store does.

use std::sync::Arc;

use redb::{ReadableDatabase, ReadableTableMetadata, TableDefinition};
use secretchat::store::{HostRows, Store};
use secretchat::{Batch, ChatId, Checkpoint, RecordName, SeqNo};
use secretchat_redb::{RedbError, RedbStore, redb};
use store_contract::Directory;
use store_contract::contract::batch;

const CHAT: ChatId = ChatId([0xff; 16]);
const RECORDS: TableDefinition<'_, (&[u8; 16], &[u8; 9]), &[u8]> = TableDefinition::new("secretchat_records");
const HOST: TableDefinition<'_, u64, &str> = TableDefinition::new("host");

fn state(chat: ChatId, sealed: &[u8]) -> Batch {
    Batch {
        chat,
        follows: None,
        checkpoint: Checkpoint { generation: 1, tag: [0; 16] },
        put: vec![(RecordName::State, sealed.to_vec())],
        delete: vec![],
        destroys: false,
    }
}

#[test]
fn a_read_that_began_before_a_batch_sees_what_was_there() {
    let directory = Directory::new("snapshot");
    let mut store = RedbStore::open(directory.file("store")).unwrap();
    store.apply(&batch(CHAT, 1, &[(RecordName::Keys, b"old")], &[])).unwrap();
    let before = store.database().begin_read().unwrap();
    store.apply(&batch(CHAT, 2, &[(RecordName::Keys, b"new")], &[])).unwrap();
    store.transaction().unwrap().open_table(HOST).unwrap().insert(1, "not committed").unwrap();

    let read = |transaction: &redb::ReadTransaction| {
        let records = transaction.open_table(RECORDS).unwrap();
        records.get((&CHAT.0, &RecordName::Keys.to_bytes())).unwrap().unwrap().value().to_vec()
    };
    assert_eq!(read(&before), b"old");
    // A reader waits for no writer, and the store itself reads what is committed.
    assert_eq!(read(&store.database().begin_read().unwrap()), b"new");
    assert_eq!(store.load(CHAT).unwrap().unwrap().rows[0], (RecordName::Keys, b"new".to_vec()));
}

#[test]
fn rows_of_the_hosts_that_were_rolled_back_are_not_in_the_next_batch() {
    let directory = Directory::new("rollback");
    let mut store = RedbStore::open(directory.file("store")).unwrap();
    store.transaction().unwrap().open_table(HOST).unwrap().insert(1, "undone").unwrap();
    store.rollback().unwrap();
    store.rollback().unwrap();
    store.transaction().unwrap().open_table(HOST).unwrap().insert(2, "kept").unwrap();
    store.apply(&state(CHAT, b"s")).unwrap();
    let host = store.database().begin_read().unwrap().open_table(HOST).unwrap();
    assert_eq!(host.len().unwrap(), 1);
    assert_eq!(host.get(2).unwrap().unwrap().value(), "kept");
}

#[test]
fn many_chats_with_neighbouring_ids_stay_apart() {
    let directory = Directory::new("neighbours");
    let mut store = RedbStore::open(directory.file("store")).unwrap();
    let last = |byte| {
        let mut id = [0xff; 16];
        id[15] = byte;
        ChatId(id)
    };
    let chats: Vec<_> = [ChatId([0; 16])].into_iter().chain((0..=255).map(last)).collect();
    for (chat, byte) in chats.iter().zip((0..=255).chain([7])) {
        let rows = [RecordName::Keys, RecordName::State, RecordName::Tombstone].map(|name| (name, vec![byte]));
        store
            .apply(&Batch {
                chat: *chat,
                follows: None,
                checkpoint: Checkpoint { generation: 1, tag: [0; 16] },
                put: rows.to_vec(),
                delete: vec![],
                destroys: false,
            })
            .unwrap();
    }
    assert_eq!(store.chats().unwrap(), chats);
    store.delete(last(3)).unwrap();
    assert_eq!(store.load(last(3)).unwrap(), None);
    for neighbour in [2, 4] {
        assert_eq!(store.load(last(neighbour)).unwrap().unwrap().rows.len(), 3);
    }
    assert_eq!(store.chats().unwrap().len(), chats.len() - 1);
}

#[test]
fn stores_and_the_host_share_one_database_and_a_second_one_on_the_file_is_refused() {
    let directory = Directory::new("shared");
    let path = directory.file("store");
    let mut one = RedbStore::open(&path).unwrap();
    // Waits for nobody although a transaction is open: the tables are there.
    one.transaction().unwrap();
    let mut other = RedbStore::with_database(Arc::clone(one.database())).unwrap();
    one.apply(&state(ChatId([1; 16]), b"one")).unwrap();
    other.apply(&state(ChatId([2; 16]), b"two")).unwrap();
    assert_eq!(one.chats().unwrap(), [ChatId([1; 16]), ChatId([2; 16])]);
    let RedbError::Database(error) = RedbStore::open(&path).unwrap_err() else { panic!() };
    assert!(matches!(*error, redb::Error::DatabaseAlreadyOpen));
}

#[test]
fn a_row_with_a_name_of_no_record_is_damage() {
    let directory = Directory::new("damage");
    let mut store = RedbStore::open(directory.file("store")).unwrap();
    let key = (&CHAT.0, &[0xee; 9]);
    store.transaction().unwrap().open_table(RECORDS).unwrap().insert(key, b"x".as_slice()).unwrap();
    store.commit().unwrap();
    assert!(matches!(store.load(CHAT), Err(RedbError::Damaged)));
    // It can be deleted with the chat.
    store.delete(CHAT).unwrap();
    assert_eq!(store.load(CHAT).unwrap(), None);
}

/// What the documentation warns of.
#[test]
fn deleted_records_stay_in_the_file() {
    let directory = Directory::new("remains");
    let path = directory.file("store");
    let sealed = |number| format!("sealed record {number:03}").repeat(50).into_bytes();
    let slot = |number| RecordName::Outgoing(SeqNo::new(number).unwrap());
    let put = (0..200).map(|number| (slot(number), sealed(number))).collect();
    let mut store = RedbStore::open(&path).unwrap();
    store
        .apply(&Batch {
            chat: CHAT,
            follows: None,
            checkpoint: Checkpoint { generation: 1, tag: [0; 16] },
            put,
            delete: vec![],
            destroys: false,
        })
        .unwrap();
    store.delete(CHAT).unwrap();
    assert_eq!(store.chats().unwrap(), []);
    drop(store);
    let file = std::fs::read(&path).unwrap();
    let remain = (0..200).map(sealed).filter(|sealed| file.windows(sealed.len()).any(|window| window == sealed));
    assert!(remain.count() > 100);
}

#[test]
fn what_a_killed_creation_left_is_in_nobodys_way() {
    let directory = Directory::new("creation");
    let path = directory.file("store");
    let half = directory.file("store.new");
    std::fs::write(&half, [0; 4096]).unwrap();
    let mut store = RedbStore::open(&path).unwrap();
    store.apply(&state(CHAT, b"s")).unwrap();
    assert!(!half.exists());
    // A file that is not the database's is left alone.
    let other = directory.file("other");
    std::fs::write(&other, [7; 4096]).unwrap();
    assert!(matches!(RedbStore::open(&other), Err(RedbError::Database(_))));
    assert_eq!(std::fs::read(&other).unwrap(), [7; 4096]);
}
