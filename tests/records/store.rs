//! The file store over damage, kills and a second reader (SPEC DRV-4, DRV-6, PEEK-4).

use std::fs;
use std::path::PathBuf;

use secretchat::store::{ApplyError, FileStore, MemoryStore, Store};
use secretchat::{Batch, ChatId, Checkpoint, RecordName, SeqNo};

struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("secretchat-test-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn file(&self, chat: ChatId) -> PathBuf {
        self.0.join(format!("{chat}.secretchat"))
    }

    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn slot(number: u32) -> RecordName {
    RecordName::Outgoing(SeqNo::new(number).unwrap())
}

fn checkpoint(generation: u64) -> Checkpoint {
    Checkpoint { generation, tag: [u8::try_from(generation).unwrap(); 16] }
}

/// A state as far as a store looks at it (SPEC REC-2).
fn state(generation: u64) -> (RecordName, Vec<u8>) {
    let Checkpoint { generation, tag } = checkpoint(generation);
    (RecordName::State, [&[2][..], &generation.to_le_bytes(), &[0; 12], b"state", &tag].concat())
}

/// The batch after that of the generation before.
fn batch(chat: ChatId, generation: u64, put: &[(RecordName, &[u8])], delete: &[RecordName]) -> Batch {
    let put = put.iter().map(|(name, sealed)| (*name, sealed.to_vec()));
    let state = (!delete.contains(&RecordName::State)).then(|| state(generation));
    Batch {
        chat,
        follows: (generation > 1).then(|| checkpoint(generation - 1)),
        checkpoint: checkpoint(generation),
        put: put.chain(state).collect(),
        delete: delete.to_vec(),
        destroys: false,
    }
}

const CHAT: ChatId = ChatId([0xab; 16]);
const OTHER: ChatId = ChatId([0xac; 16]);

fn three_batches() -> [Batch; 3] {
    [
        batch(CHAT, 1, &[(RecordName::Keys, b"keys")], &[]),
        batch(CHAT, 2, &[(slot(0), b"sealed zero"), (slot(1), b"")], &[]),
        batch(CHAT, 3, &[], &[slot(0)]),
    ]
}

#[test]
fn both_stores_hold_the_same_after_each_batch_and_after_opening_again() {
    let directory = Directory::new("same");
    let mut memory = MemoryStore::default();
    for batch in &three_batches() {
        let mut file = FileStore::open(&directory.0).unwrap();
        file.apply(batch).unwrap();
        memory.apply(batch).unwrap();
        assert_eq!(file.load(CHAT).unwrap(), memory.load(CHAT).unwrap());
        assert_eq!(memory.apply(batch), Err(ApplyError::Superseded), "SPEC REC-7");
        assert!(matches!(file.apply(batch), Err(ApplyError::Superseded)), "SPEC REC-7");
        drop(file);
        let file = FileStore::open(&directory.0).unwrap();
        assert_eq!(file.load(CHAT).unwrap(), memory.load(CHAT).unwrap());
        assert_eq!(file.chats().unwrap(), [CHAT]);
    }
    let mut file = FileStore::open(&directory.0).unwrap();
    file.delete(CHAT).unwrap();
    file.delete(CHAT).unwrap();
    assert_eq!(file.load(CHAT).unwrap(), None);
    assert_eq!(directory.names(), ["lock"]);
}

// SPEC DRV-10.
#[test]
fn batches_of_several_chats_are_all_there_after_opening_again() {
    let directory = Directory::new("several");
    let mut file = FileStore::open(&directory.0).unwrap();
    let first = [CHAT, OTHER].map(|chat| batch(chat, 1, &[(RecordName::Keys, &chat.0)], &[]));
    file.apply_all(&first).unwrap();
    drop(file);
    let file = FileStore::open(&directory.0).unwrap();
    assert_eq!(file.chats().unwrap(), [CHAT, OTHER]);
    for chat in [CHAT, OTHER] {
        assert_eq!(file.load(chat).unwrap().unwrap().rows, [(RecordName::Keys, chat.0.to_vec()), state(1)]);
    }
}

// SPEC PEEK-4.
#[test]
fn a_second_process_reads_beside_the_owner_and_changes_nothing() {
    let directory = Directory::new("beside");
    assert_eq!(FileStore::read(&directory.0, CHAT).unwrap(), None);
    assert!(!directory.0.exists(), "nothing was created");
    let mut file = FileStore::open(&directory.0).unwrap();
    for batch in &three_batches() {
        assert_eq!(FileStore::read(&directory.0, CHAT).unwrap(), file.load(CHAT).unwrap());
        file.apply(batch).unwrap();
    }
    assert_eq!(FileStore::read(&directory.0, CHAT).unwrap(), file.load(CHAT).unwrap());
    assert_eq!(FileStore::read(&directory.0, OTHER).unwrap(), None);
    // What the owner would clear away stays.
    let next = directory.0.join(format!("{CHAT}.secretchat.new"));
    fs::write(&next, b"").unwrap();
    fs::write(directory.file(OTHER), b"damaged").unwrap();
    let error = FileStore::read(&directory.0, OTHER).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    assert!(next.exists());
    assert_eq!(fs::read(directory.file(OTHER)).unwrap(), b"damaged");
}

// What every bit, cut and power failure does is shown over a folder in memory, in the store's own tests.
#[test]
fn fa_17_and_fa_18_damage_is_the_error_of_one_chat_and_the_file_stays() {
    let directory = Directory::new("damage");
    let mut file = FileStore::open(&directory.0).unwrap();
    for chat in [CHAT, OTHER] {
        file.apply(&batch(chat, 1, &[(RecordName::Keys, b"keys")], &[])).unwrap();
    }
    assert!(FileStore::open(&directory.0).is_err(), "a second owner");
    drop(file);
    let whole = fs::read(directory.file(CHAT)).unwrap();
    // A flipped bit in a length, a file cut off, zeros behind it, another chat's file.
    let mut flipped = whole.clone();
    flipped[25] ^= 1;
    let others = fs::read(directory.file(OTHER)).unwrap();
    for damaged in [flipped, whole[..40].to_vec(), [&whole[..], &[0; 21]].concat(), others] {
        fs::write(directory.file(CHAT), &damaged).unwrap();
        let mut file = FileStore::open(&directory.0).unwrap();
        assert_eq!(file.chats().unwrap(), [CHAT, OTHER]);
        let error = file.load(CHAT).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
        assert!(error.to_string().contains(&CHAT.to_string()), "{error}");
        assert!(file.apply(&batch(CHAT, 1, &[], &[])).is_err());
        let next = file.load(OTHER).unwrap().unwrap().checkpoint().unwrap().generation + 1;
        file.apply(&batch(OTHER, next, &[], &[])).unwrap();
        drop(file);
        assert_eq!(fs::read(directory.file(CHAT)).unwrap(), damaged);
    }
    // The host's word removes it.
    FileStore::open(&directory.0).unwrap().delete(CHAT).unwrap();
    assert_eq!(directory.names(), [format!("{OTHER}.secretchat"), "lock".to_owned()]);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_the_error_of_its_chat_and_nothing_waits_for_it() {
    let directory = Directory::new("pipe");
    fs::create_dir_all(&directory.0).unwrap();
    let made = std::process::Command::new("mkfifo").arg(directory.file(CHAT)).status().unwrap();
    assert!(made.success());
    fs::create_dir(directory.file(OTHER)).unwrap();
    let file = FileStore::open(&directory.0).unwrap();
    assert!(file.load(CHAT).is_err() && file.load(OTHER).is_err());
}

// SPEC DRV-6. A second name of the old file shows what becomes of it.
#[cfg(unix)]
#[test]
fn fa_20_the_old_file_is_overwritten_when_a_batch_destroys_and_when_the_chat_is_deleted() {
    let directory = Directory::new("overwritten");
    let mut file = FileStore::open(&directory.0).unwrap();
    let link = directory.0.join("link");
    let old = |secret: &[u8]| fs::read(&link).unwrap().windows(secret.len()).any(|window| window == secret);
    file.apply(&batch(CHAT, 1, &[(slot(0), b"first")], &[])).unwrap();
    fs::hard_link(directory.file(CHAT), &link).unwrap();
    file.apply(&batch(CHAT, 2, &[(slot(0), b"second")], &[])).unwrap();
    assert!(old(b"first"), "nothing was to be destroyed");

    fs::remove_file(&link).unwrap();
    fs::hard_link(directory.file(CHAT), &link).unwrap();
    assert!(old(b"second"));
    file.apply(&Batch { destroys: true, ..batch(CHAT, 3, &[(slot(0), b"third")], &[]) }).unwrap();
    assert!(fs::read(&link).unwrap().iter().all(|byte| *byte == 0));
    assert!(file.scrub().unwrap());

    fs::remove_file(&link).unwrap();
    fs::hard_link(directory.file(CHAT), &link).unwrap();
    assert!(old(b"third"));
    file.delete(CHAT).unwrap();
    assert!(fs::read(&link).unwrap().iter().all(|byte| *byte == 0));
    assert_eq!(directory.names(), ["link", "lock"]);
}

#[test]
fn fa_19_what_a_killed_process_left_is_wiped_and_gone_once_the_store_is_opened() {
    let directory = Directory::new("stray");
    let mut file = FileStore::open(&directory.0).unwrap();
    file.apply(&batch(CHAT, 1, &[], &[])).unwrap();
    drop(file);
    let whole = fs::read(directory.file(CHAT)).unwrap();
    for ending in ["new", "old"] {
        fs::write(directory.0.join(format!("{CHAT}.secretchat.{ending}")), &whole[..whole.len() / 2]).unwrap();
        let file = FileStore::open(&directory.0).unwrap();
        assert_eq!(file.load(CHAT).unwrap().unwrap().rows, [state(1)]);
        assert_eq!(directory.names(), [format!("{CHAT}.secretchat"), "lock".to_owned()]);
    }
}

#[test]
fn an_emptied_chat_leaves_no_file() {
    let directory = Directory::new("emptied");
    let mut file = FileStore::open(&directory.0).unwrap();
    let (_, tombstone) = state(1);
    let closed = batch(CHAT, 1, &[(RecordName::Tombstone, &tombstone)], &[RecordName::State]);
    file.apply(&closed).unwrap();
    file.apply(&batch(CHAT, 2, &[], &[RecordName::Tombstone, RecordName::State])).unwrap();
    assert_eq!(directory.names(), ["lock"]);
    assert_eq!(file.chats().unwrap(), []);
}
