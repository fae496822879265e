//! Where a record is once it is deleted.

use std::fs;
use std::time::Duration;

use secretchat::store::{HostRows, Store};
use secretchat::{ChatId, RecordName, SeqNo};
use secretchat_sqlite::SqliteStore;
use store_contract::Directory;
use store_contract::contract::batch;
use store_contract::{processes, remains};

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
    let slots = slots();
    let put: Vec<(_, &[u8])> = slots.iter().map(|(name, sealed)| (*name, sealed.as_slice())).collect();
    store.apply(&batch(CHAT, 1, &put, &[])).unwrap();
    // Into the database itself.
    assert!(store.scrub().unwrap());
    let delete: Vec<_> = slots.iter().map(|(name, _)| *name).collect();
    store.apply(&batch(CHAT, 2, &[], &delete)).unwrap();
    assert!(is_in_a_file(&directory), "as the documentation says");

    let reader = SqliteStore::open(&path).unwrap();
    store.apply(&batch(CHAT, 3, &put, &[])).unwrap();
    reader.connection().execute_batch("BEGIN; SELECT count(*) FROM secretchat_records").unwrap();
    store.delete(CHAT).unwrap();
    // A call that waits for the reader would not come back.
    let timeout = |store: &SqliteStore| -> u32 {
        store.connection().pragma_query_value(None, "busy_timeout", |row| row.get(0)).unwrap()
    };
    assert_eq!(timeout(&store), 5_000);
    store.connection().busy_timeout(Duration::from_secs(86_400)).unwrap();
    assert!(!store.scrub().unwrap(), "a reader still needs the old state");
    reader.connection().execute_batch("COMMIT").unwrap();
    store.transaction().unwrap();
    assert!(!store.scrub().unwrap(), "a transaction is open");
    store.commit().unwrap();
    assert!(store.scrub().unwrap());
    assert!(!is_in_a_file(&directory));
    assert_eq!(timeout(&store), 86_400_000, "it is as the host set it");
}

#[test]
fn what_a_process_that_died_left_in_the_log_is_gone_once_the_store_is_opened() {
    let directory = Directory::new("old-copies-died");
    let path = directory.file("store");
    let mut store = SqliteStore::open(&path).unwrap();
    let slots = slots();
    let put: Vec<(_, &[u8])> = slots.iter().map(|(name, sealed)| (*name, sealed.as_slice())).collect();
    store.apply(&batch(CHAT, 1, &put, &[])).unwrap();
    store.delete(CHAT).unwrap();
    // A copy of the files is what the next process finds; closing in order would empty the log.
    let died = Directory::new("old-copies-found");
    for file in fs::read_dir(directory.path()).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), died.file(file.file_name().to_str().unwrap())).unwrap();
    }
    assert!(is_in_a_file(&died));
    let store = SqliteStore::open(died.file("store")).unwrap();
    assert!(!is_in_a_file(&died));
    assert_eq!(store.chats().unwrap(), []);
}

#[test]
fn fa_20_nothing_that_went_stays() {
    remains::nothing_that_went_stays(|directory| SqliteStore::open(directory.join("store")));
}

#[test]
fn fa_21_of_two_processes_one_drives_a_chat() {
    let test = "old_copies::fa_21_of_two_processes_one_drives_a_chat";
    processes::of_two_processes_one_drives_a_chat(test, true, |directory| SqliteStore::open(directory.join("store")));
}
