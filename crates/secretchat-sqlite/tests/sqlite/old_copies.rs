//! Where a record is once it is deleted.

use std::fs;

use secretchat::store::Store;
use secretchat::{Batch, ChatId, Checkpoint, RecordName, SeqNo};
use secretchat_sqlite::{SqliteError, SqliteStore};
use store_contract::Directory;

const CHAT: ChatId = ChatId([1; 16]);
const SEALED: &[u8] = b"a sealed record that is deleted";

/// Long enough for pages of its own, and short enough to lie among others.
fn slots() -> Vec<(RecordName, Vec<u8>)> {
    [1, 500]
        .map(|times| SEALED.repeat(times))
        .into_iter()
        .zip(0..)
        .map(|(sealed, slot)| (RecordName::Outgoing(SeqNo::new(slot).unwrap()), sealed))
        .collect()
}

fn is_in_a_file(directory: &Directory) -> bool {
    fs::read_dir(directory.path()).unwrap().any(|file| {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        bytes.windows(SEALED.len()).any(|window| window == SEALED)
    })
}

#[test]
fn a_deleted_record_is_in_the_log_until_it_is_scrubbed() {
    let directory = Directory::new("old-copies");
    let path = directory.file("store");
    let mut store = SqliteStore::open(&path).unwrap();
    let keep = (RecordName::State, b"s".to_vec());
    store
        .apply(&Batch {
            chat: CHAT,
            follows: None,
            checkpoint: Checkpoint { generation: 1, tag: [0; 16] },
            put: [vec![keep], slots()].concat(),
            delete: Vec::new(),
            destroys: false,
        })
        .unwrap();
    // Into the database itself.
    store.scrub().unwrap();
    let delete = slots().into_iter().map(|(name, _)| name).collect();
    store
        .apply(&Batch {
            chat: CHAT,
            follows: None,
            checkpoint: Checkpoint { generation: 2, tag: [0; 16] },
            put: Vec::new(),
            delete,
            destroys: false,
        })
        .unwrap();
    assert!(is_in_a_file(&directory), "as the documentation says");

    let reader = SqliteStore::open(&path).unwrap();
    store.connection().busy_timeout(std::time::Duration::ZERO).unwrap();
    reader.connection().execute_batch("BEGIN; SELECT count(*) FROM secretchat_records").unwrap();
    store
        .apply(&Batch {
            chat: CHAT,
            follows: None,
            checkpoint: Checkpoint { generation: 3, tag: [0; 16] },
            put: slots(),
            delete: Vec::new(),
            destroys: false,
        })
        .unwrap();
    store.delete(CHAT).unwrap();
    assert!(matches!(store.scrub(), Err(SqliteError::Busy)), "a reader still needs the old state");
    reader.connection().execute_batch("COMMIT").unwrap();
    store.scrub().unwrap();
    assert!(!is_in_a_file(&directory));
}
