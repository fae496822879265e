//! What [`Store`] promises, held against the store in memory.

use rand_core::Rng;
use secretchat::store::{MemoryStore, Store};
use secretchat::{Batch, ChatId, Checkpoint, RandomId, RecordName, Records, SeqNo};

use crate::rng::Seeded;
use crate::{Database, Directory};

const CHAT: ChatId = ChatId([0xab; 16]);
const OTHER: ChatId = ChatId([0xac; 16]);

/// What was written is there after opening again; a new record takes the place of an old one, a deleted one is gone.
pub fn a_chat_is_what_its_batches_left<D: Database>() {
    let directory = Directory::new("batches");
    let path = directory.file("store");
    let slot = |number| RecordName::Outgoing(SeqNo::new(number).unwrap());
    let batches = [
        batch(CHAT, 1, &[(RecordName::Keys, b"keys"), (RecordName::State, b"s1")], &[]),
        batch(CHAT, 2, &[(slot(0), b"zero"), (slot(1), b""), (RecordName::State, b"s2")], &[]),
        batch(CHAT, 3, &[(RecordName::State, b"s3")], &[slot(0), slot(7)]),
    ];
    let mut store = D::open(&path).unwrap();
    assert_eq!(store.load(CHAT).unwrap(), None);
    assert_eq!(store.chats().unwrap(), []);
    for batch in &batches {
        store.apply(batch).unwrap();
        drop(store);
        store = D::open(&path).unwrap();
    }
    let left = [(RecordName::Keys, b"keys".to_vec()), (RecordName::State, b"s3".to_vec()), (slot(1), Vec::new())];
    assert_eq!(sorted(store.load(CHAT).unwrap().unwrap()), left);
    assert_eq!(store.chats().unwrap(), [CHAT]);
}

/// Equal names in two chats are two records; a chat is deleted alone, and deleting it again is no error.
pub fn chats_do_not_touch_each_other<D: Database>() {
    let directory = Directory::new("chats");
    let path = directory.file("store");
    let mut store = D::open(&path).unwrap();
    store.apply(&batch(CHAT, 1, &[(RecordName::State, b"one")], &[])).unwrap();
    store.apply(&batch(OTHER, 1, &[(RecordName::State, b"two")], &[])).unwrap();
    let mut chats = store.chats().unwrap();
    chats.sort();
    assert_eq!(chats, [CHAT, OTHER]);
    assert_eq!(sorted(store.load(CHAT).unwrap().unwrap()), [(RecordName::State, b"one".to_vec())]);

    store.delete(CHAT).unwrap();
    store.delete(CHAT).unwrap();
    drop(store);
    let store = D::open(&path).unwrap();
    assert_eq!(store.load(CHAT).unwrap(), None);
    assert_eq!(store.chats().unwrap(), [OTHER]);
    assert_eq!(sorted(store.load(OTHER).unwrap().unwrap()), [(RecordName::State, b"two".to_vec())]);
}

/// A chat whose last record a batch deletes is none.
pub fn an_emptied_chat_is_none<D: Database>() {
    let directory = Directory::new("emptied");
    let mut store = D::open(&directory.file("store")).unwrap();
    store.apply(&batch(CHAT, 1, &[(RecordName::Tombstone, b"t")], &[])).unwrap();
    store.apply(&batch(CHAT, 2, &[], &[RecordName::Tombstone])).unwrap();
    assert_eq!(store.load(CHAT).unwrap(), None);
    assert_eq!(store.chats().unwrap(), []);
}

/// Two hundred batches over three chats, with names of every kind, leave what they leave in memory.
pub fn any_batches_leave_what_they_leave_in_memory<D: Database>() {
    let directory = Directory::new("any");
    let path = directory.file("store");
    let mut rng = Seeded::new(1);
    let mut memory = MemoryStore::default();
    let mut store = D::open(&path).unwrap();
    for generation in 0..200 {
        let chat = ChatId([below(&mut rng, 3); 16]);
        let mut batch = Batch {
            chat,
            follows: None,
            checkpoint: Checkpoint { generation, tag: [0; 16] },
            put: Vec::new(),
            delete: Vec::new(),
            destroys: false,
        };
        for _ in 0..below(&mut rng, 6) {
            let mut sealed = vec![0; usize::from(below(&mut rng, 250)) * 40];
            rng.fill_bytes(&mut sealed);
            let name = any_name(&mut rng);
            if batch.put.iter().all(|(other, _)| *other != name) {
                batch.put.push((name, sealed));
            }
            batch.delete.push(any_name(&mut rng));
        }
        store.apply(&batch).unwrap();
        memory.apply(&batch).unwrap();
        if below(&mut rng, 20) == 0 {
            drop(store);
            store = D::open(&path).unwrap();
        }
        let left = memory.load(chat).unwrap().map(sorted);
        assert_eq!(store.load(chat).unwrap().map(sorted), left);
    }
    let mut chats = store.chats().unwrap();
    chats.sort();
    assert_eq!(chats, memory.chats().unwrap());
}

fn below(rng: &mut Seeded, limit: u32) -> u8 {
    u8::try_from(rng.next_u32() % limit).unwrap()
}

fn any_name(rng: &mut Seeded) -> RecordName {
    let number = below(rng, 4);
    let slot = SeqNo::new(number.into()).unwrap();
    match below(rng, 7) {
        0 => RecordName::Keys,
        1 => RecordName::State,
        2 => RecordName::Outgoing(slot),
        3 => RecordName::Waiting(slot),
        4 => RecordName::Early(slot),
        5 => RecordName::Tombstone,
        _ => RecordName::Timed(RandomId(i64::from(number) - 2)),
    }
}

pub(crate) fn batch(chat: ChatId, generation: u64, put: &[(RecordName, &[u8])], delete: &[RecordName]) -> Batch {
    let put = put.iter().map(|(name, sealed)| (*name, sealed.to_vec())).collect();
    Batch {
        chat,
        follows: None,
        checkpoint: Checkpoint { generation, tag: [0; 16] },
        put,
        delete: delete.to_vec(),
        destroys: false,
    }
}

/// The records of a chat, in the order of their names.
pub(crate) fn sorted(records: Records) -> Vec<(RecordName, Vec<u8>)> {
    let mut rows = records.rows;
    rows.sort();
    rows
}
