//! The promises of [`Store`], compared with the store in memory.

use rand_core::Rng;
use recordings::Seeded;
use secretchat::store::{ApplyError, MemoryStore, Store};
use secretchat::{Batch, ChatId, Checkpoint, RandomId, RecordName, Records, SeqNo};

use crate::{Database, Directory, Row};

const CHAT: ChatId = ChatId([0xab; 16]);
const OTHER: ChatId = ChatId([0xac; 16]);

/// Tests that records are there after reopening. A new record replaces the old one, and a deleted one is gone.
pub fn a_chat_is_what_its_batches_left<D: Database>() {
    let directory = Directory::new("batches");
    let path = directory.file("store");
    let slot = |number| RecordName::Outgoing(SeqNo::new(number).unwrap());
    let batches = [
        batch(CHAT, 1, &[(RecordName::Keys, b"keys")], &[]),
        batch(CHAT, 2, &[(slot(0), b"zero"), (slot(1), b"")], &[]),
        batch(CHAT, 3, &[], &[slot(0), slot(7)]),
    ];
    let mut store = D::open(&path).unwrap();
    assert_eq!(store.load(CHAT).unwrap(), None);
    assert_eq!(store.chats().unwrap(), []);
    for batch in &batches {
        store.apply(batch).unwrap();
        drop(store);
        store = D::open(&path).unwrap();
    }
    let left = [(RecordName::Keys, b"keys".to_vec()), state(3), (slot(1), Vec::new())];
    assert_eq!(sorted(store.load(CHAT).unwrap().unwrap()), left);
    assert_eq!(store.chats().unwrap(), [CHAT]);
}

/// Tests that equal names in two chats are two records. Deleting a chat leaves the others, and deleting it again is not an
/// error.
pub fn chats_do_not_touch_each_other<D: Database>() {
    let directory = Directory::new("chats");
    let path = directory.file("store");
    let mut store = D::open(&path).unwrap();
    store.apply(&batch(CHAT, 1, &[(RecordName::Keys, b"one")], &[])).unwrap();
    store.apply(&batch(OTHER, 1, &[(RecordName::Keys, b"two")], &[])).unwrap();
    let mut chats = store.chats().unwrap();
    chats.sort();
    assert_eq!(chats, [CHAT, OTHER]);
    assert_eq!(sorted(store.load(CHAT).unwrap().unwrap()), [(RecordName::Keys, b"one".to_vec()), state(1)]);

    store.delete(CHAT).unwrap();
    store.delete(CHAT).unwrap();
    drop(store);
    let store = D::open(&path).unwrap();
    assert_eq!(store.load(CHAT).unwrap(), None);
    assert_eq!(store.chats().unwrap(), [OTHER]);
    assert_eq!(sorted(store.load(OTHER).unwrap().unwrap()), [(RecordName::Keys, b"two".to_vec()), state(1)]);
}

/// Tests that a batch that does not follow the stored state changes nothing, and that the right one is written (SPEC REC-7).
pub fn a_batch_that_does_not_follow_is_superseded<D: Database>() {
    let directory = Directory::new("superseded");
    let path = directory.file("store");
    let mut store = D::open(&path).unwrap();
    let slot = |number| RecordName::Outgoing(SeqNo::new(number).unwrap());
    let refused = |store: &mut D::Store, batch: &Batch| {
        let before = store.load(CHAT).unwrap();
        D::append(store, &Row { received: true, text: "of the loser".to_owned() }).unwrap();
        assert!(matches!(store.apply(batch), Err(ApplyError::Superseded)));
        assert_eq!(store.load(CHAT).unwrap(), before);
        assert_eq!(D::list(store).unwrap(), [], "its rows are undone with it");
    };
    refused(&mut store, &batch(CHAT, 2, &[(slot(0), b"follows nothing")], &[]));
    store.apply(&batch(CHAT, 1, &[], &[])).unwrap();
    refused(&mut store, &batch(CHAT, 1, &[(slot(0), b"another first")], &[]));
    store.apply(&batch(CHAT, 2, &[(slot(0), b"right")], &[])).unwrap();
    let right = batch(CHAT, 3, &[(slot(0), b"one more")], &[]);
    let other_tag = Checkpoint { generation: 2, tag: [0; 16] };
    let other_generation = right.follows.map(|follows| Checkpoint { generation: 1, ..follows });
    for follows in [None, Some(other_tag), other_generation] {
        refused(&mut store, &Batch { follows, ..right.clone() });
    }
    // For another chat, and after reopening.
    refused(&mut store, &batch(CHAT, 2, &[(slot(0), b"a second second")], &[]));
    store.apply(&batch(OTHER, 1, &[], &[])).unwrap();
    drop(store);
    let mut store = D::open(&path).unwrap();
    refused(&mut store, &batch(CHAT, 2, &[(slot(0), b"a second second")], &[]));
    store.apply(&right).unwrap();

    let closed = batch(CHAT, 4, &[(RecordName::Tombstone, &state(4).1)], &[RecordName::State]);
    store.apply(&closed).unwrap();
    refused(&mut store, &right);
    store.apply(&batch(CHAT, 5, &[], &[RecordName::Tombstone, slot(0)])).unwrap();
    refused(&mut store, &batch(CHAT, 6, &[], &[]));
    assert_eq!(store.chats().unwrap(), [OTHER]);
}

/// Tests that batches of several chats are one commit, with the host's rows: all of it, or nothing if one of them does not
/// follow the stored state (SPEC DRV-10).
pub fn batches_of_several_chats_are_one_commit<D: Database>() {
    let directory = Directory::new("several");
    let path = directory.file("store");
    let mut store = D::open(&path).unwrap();
    let row = |text: &str| Row { received: true, text: text.to_owned() };
    D::append(&mut store, &row("before both")).unwrap();
    store.apply_all(&[batch(CHAT, 1, &[(RecordName::Keys, b"one")], &[]), batch(OTHER, 1, &[], &[])]).unwrap();
    D::append(&mut store, &row("before the one that is superseded")).unwrap();
    let late = [batch(CHAT, 2, &[(RecordName::Keys, b"two")], &[]), batch(OTHER, 1, &[], &[])];
    assert!(matches!(store.apply_all(&late), Err(ApplyError::Superseded)));
    store.apply_all(&[]).unwrap();
    drop(store);
    let store = D::open(&path).unwrap();
    assert_eq!(D::list(&store).unwrap(), [row("before both")]);
    assert_eq!(sorted(store.load(CHAT).unwrap().unwrap()), [(RecordName::Keys, b"one".to_vec()), state(1)]);
    assert_eq!(sorted(store.load(OTHER).unwrap().unwrap()), [state(1)]);
}

/// Tests that a chat is no longer listed once a batch has deleted its last record.
pub fn an_emptied_chat_is_none<D: Database>() {
    let directory = Directory::new("emptied");
    let mut store = D::open(&directory.file("store")).unwrap();
    store.apply(&batch(CHAT, 1, &[], &[])).unwrap();
    let (_, tombstone) = state(2);
    store.apply(&batch(CHAT, 2, &[(RecordName::Tombstone, &tombstone)], &[RecordName::State])).unwrap();
    assert_eq!(store.load(CHAT).unwrap().unwrap().rows, [(RecordName::Tombstone, tombstone)]);
    store.apply(&batch(CHAT, 3, &[], &[RecordName::Tombstone])).unwrap();
    assert_eq!(store.load(CHAT).unwrap(), None);
    assert_eq!(store.chats().unwrap(), []);
}

/// Tests that two hundred batches over three chats, with names of every kind, leave the same records as in memory.
pub fn any_batches_leave_what_they_leave_in_memory<D: Database>() {
    let directory = Directory::new("any");
    let path = directory.file("store");
    let mut rng = Seeded::new(1);
    let mut memory = MemoryStore::default();
    let mut store = D::open(&path).unwrap();
    for generation in 1..=200 {
        let chat = ChatId([below(&mut rng, 3); 16]);
        let mut batch = batch(chat, generation, &[], &[]);
        batch.follows = memory.load(chat).unwrap().and_then(|records| records.checkpoint());
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
    match below(rng, 5) {
        0 => RecordName::Keys,
        1 => RecordName::Outgoing(slot),
        2 => RecordName::Waiting(slot),
        3 => RecordName::Unopened(slot),
        _ => RecordName::Timed(RandomId(i64::from(number) - 2)),
    }
}

/// Returns the batch that follows the previous generation. It has a state, unless it deletes that or the tombstone.
#[must_use]
pub fn batch(chat: ChatId, generation: u64, put: &[(RecordName, &[u8])], delete: &[RecordName]) -> Batch {
    let goes = |name| matches!(name, &RecordName::State | &RecordName::Tombstone);
    let mut put: Vec<_> = put.iter().map(|(name, sealed)| (*name, sealed.to_vec())).collect();
    put.extend((!delete.iter().any(goes)).then(|| state(generation)));
    Batch {
        chat,
        follows: (generation > 1).then(|| checkpoint(generation - 1)),
        checkpoint: checkpoint(generation),
        put,
        delete: delete.to_vec(),
        destroys: false,
    }
}

/// Returns a state with only the fields that a store reads (SPEC REC-2).
#[must_use]
pub fn state(generation: u64) -> (RecordName, Vec<u8>) {
    let Checkpoint { generation, tag } = checkpoint(generation);
    (RecordName::State, [&[2][..], &generation.to_le_bytes(), &[0; 12], b"state", &tag].concat())
}

fn checkpoint(generation: u64) -> Checkpoint {
    let mut tag = [0xee; 16];
    tag[..8].copy_from_slice(&generation.to_le_bytes());
    Checkpoint { generation, tag }
}

/// Returns the records of a chat, in the order of their names.
pub(crate) fn sorted(records: Records) -> Vec<(RecordName, Vec<u8>)> {
    let mut rows = records.rows;
    rows.sort();
    rows
}
