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
    store.apply(&batch(CHAT, 1, &[], &[])).unwrap();
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
    one.apply(&batch(ChatId([1; 16]), 1, &[], &[])).unwrap();
    other.apply(&batch(ChatId([2; 16]), 1, &[], &[])).unwrap();
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

/// Any bytes, the same for the same seed.
struct Seeded(u64);

impl Seeded {
    fn next_u32(&mut self) -> u32 {
        // The generator splitmix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap()
    }
}

/// Which of them the file holds, whole or in part: the tag at the end of a record is what opens it.
fn remain(path: &std::path::Path, records: &[Vec<u8>]) -> usize {
    let file = std::fs::read(path).unwrap();
    let parts = records.iter().flat_map(|sealed| [&sealed[8..24], &sealed[sealed.len() - 16..]]);
    let parts: std::collections::HashSet<_> = parts.collect();
    file.windows(16).filter(|window| parts.contains(window)).count()
}

/// Records of all sizes, none of which has a part of another one.
fn sealed(rng: &mut Seeded, number: u32) -> Vec<u8> {
    let mut sealed = vec![0; 40 + (number as usize * 97) % 9_000];
    sealed.fill_with(|| rng.next_u32().to_le_bytes()[0]);
    sealed
}

// SPEC DRV-6.
#[test]
fn fa_20_no_deleted_or_replaced_record_stays_in_the_file_once_it_is_scrubbed() {
    for seed in 0_u32..if std::env::var_os("SECRETCHAT_SLOW").is_some() { 40 } else { 4 } {
        let directory = Directory::new("remains");
        let path = directory.file("store");
        let mut rng = Seeded(seed.into());
        let slot = |number| RecordName::Outgoing(SeqNo::new(number).unwrap());
        let mut store = RedbStore::open(&path).unwrap();
        let mut host = Vec::new();
        let (mut gone, mut kept): (Vec<Vec<u8>>, std::collections::BTreeMap<u32, Vec<u8>>) = Default::default();
        for generation in 1..=20_u64 {
            store.transaction().unwrap().open_table(HOST).unwrap().insert(generation, "a row of the host's").unwrap();
            host.push(generation);
            let fresh: Vec<u32> = (0..12).map(|_| rng.next_u32() % 40).collect();
            let deleted: Vec<u32> = (0..8).map(|_| rng.next_u32() % 40).filter(|slot| !fresh.contains(slot)).collect();
            let mut put = std::collections::BTreeMap::new();
            for number in fresh {
                put.insert(number, sealed(&mut rng, number + seed));
            }
            let rows: Vec<(_, &[u8])> = put.iter().map(|(number, sealed)| (slot(*number), sealed.as_slice())).collect();
            let delete: Vec<_> = deleted.iter().map(|number| slot(*number)).collect();
            let batch = batch(CHAT, generation, &rows, &delete);
            store.apply(&Batch { destroys: generation % 5 == 0, ..batch }).unwrap();
            gone.extend(deleted.iter().filter_map(|number| kept.remove(number)));
            gone.extend(put.into_iter().filter_map(|(number, sealed)| kept.insert(number, sealed)));
            if generation == 10 {
                assert!(remain(&path, &gone) > 0, "why it is there");
            }
            if generation % 5 == 0 {
                assert!(store.scrub().unwrap());
                assert_eq!(remain(&path, &gone), 0, "{seed} {generation}");
            }
        }
        let held: Vec<_> = store.load(CHAT).unwrap().unwrap().rows;
        for (number, sealed) in &kept {
            assert!(held.contains(&(slot(*number), sealed.clone())));
        }
        let table = store.database().begin_read().unwrap().open_table(HOST).unwrap();
        assert_eq!(table.len().unwrap(), 20);
        drop(table);
        let size = std::fs::metadata(&path).unwrap().len();
        for _ in 0..5 {
            assert!(store.scrub().unwrap());
        }
        // What it grows by for the filling goes again; a few pages more or less stay.
        assert!(std::fs::metadata(&path).unwrap().len() <= 2 * size, "{seed}");
        store.delete(CHAT).unwrap();
        gone.extend(kept.into_values());
        assert!(remain(&path, &gone) > 0);
        if seed % 2 == 0 {
            // A process that died before it came to that.
            drop(store);
            store = RedbStore::open(&path).unwrap();
        } else {
            assert!(store.scrub().unwrap());
        }
        assert_eq!(remain(&path, &gone), 0, "{seed}");
        assert_eq!(store.chats().unwrap(), []);
    }
}

#[test]
fn a_reader_of_an_older_state_keeps_it_and_an_open_transaction_is_left_alone() {
    let directory = Directory::new("remains-reader");
    let path = directory.file("store");
    let mut rng = Seeded(9);
    let mut store = RedbStore::open(&path).unwrap();
    let gone = [sealed(&mut rng, 3)];
    store.apply(&batch(CHAT, 1, &[(RecordName::Keys, &gone[0])], &[])).unwrap();
    let reader = store.database().begin_read().unwrap();
    store.delete(CHAT).unwrap();
    assert!(!store.scrub().unwrap());
    assert!(reader.open_table(RECORDS).unwrap().len().unwrap() > 0, "it still reads what was there");
    drop(reader);
    store.transaction().unwrap().open_table(HOST).unwrap().insert(1, "kept").unwrap();
    assert!(!store.scrub().unwrap());
    store.commit().unwrap();
    assert!(store.scrub().unwrap());
    assert_eq!(remain(&path, &gone), 0);
    let host = store.database().begin_read().unwrap().open_table(HOST).unwrap();
    assert_eq!(host.get(1).unwrap().unwrap().value(), "kept");
}

#[test]
fn what_a_killed_creation_left_is_in_nobodys_way() {
    let directory = Directory::new("creation");
    let path = directory.file("store");
    let half = directory.file("store.new");
    std::fs::write(&half, [0; 4096]).unwrap();
    let mut store = RedbStore::open(&path).unwrap();
    store.apply(&batch(CHAT, 1, &[], &[])).unwrap();
    assert!(!half.exists());
    // A file that is not the database's is left alone.
    let other = directory.file("other");
    std::fs::write(&other, [7; 4096]).unwrap();
    assert!(matches!(RedbStore::open(&other), Err(RedbError::Database(_))));
    assert_eq!(std::fs::read(&other).unwrap(), [7; 4096]);
}
