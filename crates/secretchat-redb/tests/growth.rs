//! How large the file becomes of scrubbing (SPEC DRV-6).

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use redb::backends::InMemoryBackend;
use redb::{Database, StorageBackend, TableDefinition};
use secretchat::store::{HostRows, Store};
use secretchat::{Batch, ChatId, RecordName, SeqNo};
use secretchat_redb::{RedbStore, redb};
use store_contract::contract::batch;

const CHAT: ChatId = ChatId([1; 16]);
const ROUNDS: u64 = 300;
const SLOTS: u32 = 40;
/// Every how many rounds the whole file is searched.
const CHECKED: u64 = 5;
/// Rows of the host's, which lie between the records and are not written anew.
const HOST: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("host");
/// redb joins a page with its neighbour when it is less than a third full; a row alone in its page, whose size is a power of
/// two, takes less than twice what it holds.
const PAGES_FOR_ROWS: u64 = 3;
/// Header, roots, and the tables that redb keeps of its pages: some pages of 4 KiB, and as many free ones among them.
const BOOKKEEPING: u64 = 16 * 4_096;
/// redb doubles a file that has no room: once for the batch or for the records that are written anew, once for the zeros.
const DOUBLED: u64 = 4;

/// A file in memory, since a disk takes its time to sync, that knows how large it ever was.
#[derive(Debug, Clone, Default)]
struct File {
    bytes: Arc<InMemoryBackend>,
    largest: Arc<AtomicU64>,
}

impl StorageBackend for File {
    fn len(&self) -> io::Result<u64> {
        self.bytes.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.bytes.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.largest.fetch_max(len, Ordering::Relaxed);
        self.bytes.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.bytes.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.bytes.write(offset, data)
    }
}

impl File {
    /// How many records of these it holds the end of, without which none opens.
    fn remain(&self, gone: &[Vec<u8>]) -> usize {
        let mut bytes = vec![0; usize::try_from(self.bytes.len().unwrap()).unwrap()];
        self.bytes.read(0, &mut bytes).unwrap();
        let tags: HashSet<&[u8]> = gone.iter().map(|sealed| &sealed[sealed.len() - 16..]).collect();
        bytes.windows(16).filter(|window| tags.contains(window)).count()
    }
}

/// Any numbers, the same in every run (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from(self.0 >> 32).unwrap() % end
    }

    fn sealed(&mut self, longest: u32) -> Vec<u8> {
        (0..40 + self.below(longest)).map(|_| u8::try_from(self.below(256)).unwrap()).collect()
    }
}

/// Hundreds of small batches, each with a scrub behind it: a page too many in each would be seen.
fn scrub_again_and_again(longest: u32) {
    let file = File::default();
    let database = Database::builder().create_with_backend(file.clone()).unwrap();
    let mut store = RedbStore::with_database(Arc::new(database)).unwrap();
    let mut numbers = Numbers(u64::from(longest));
    let slot = |number| RecordName::Outgoing(SeqNo::new(number).unwrap());
    let mut kept: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    let mut gone = Vec::new();
    let mut host: BTreeMap<u32, usize> = BTreeMap::new();
    let mut held_before = 0;
    file.largest.store(0, Ordering::Relaxed);
    for generation in 1..=ROUNDS {
        let put: BTreeMap<_, _> =
            (0..1 + numbers.below(4)).map(|_| (numbers.below(SLOTS), numbers.sealed(longest))).collect();
        let deleted = Some(numbers.below(SLOTS)).filter(|number| !put.contains_key(number));
        let rows: Vec<(_, &[u8])> = put.iter().map(|(number, sealed)| (slot(*number), sealed.as_slice())).collect();
        let delete: Vec<_> = deleted.map(slot).into_iter().collect();
        let row = vec![0x5a; usize::try_from(numbers.below(3 * longest)).unwrap()];
        let number = numbers.below(SLOTS / 2);
        store.transaction().unwrap().open_table(HOST).unwrap().insert(number, row.as_slice()).unwrap();
        host.insert(number, row.len());
        store.apply(&Batch { destroys: true, ..batch(CHAT, generation, &rows, &delete) }).unwrap();
        gone.extend(deleted.and_then(|number| kept.remove(&number)));
        gone.extend(put.into_iter().filter_map(|(number, sealed)| kept.insert(number, sealed)));
        assert!(store.scrub().unwrap());

        let held = kept.values().map(Vec::len).chain(host.values().copied()).sum::<usize>();
        let held = u64::try_from(held).unwrap();
        let bound = |held| BOOKKEEPING + PAGES_FOR_ROWS * held;
        let size = file.len().unwrap();
        assert!(size <= bound(held), "{size} bytes for {held} after {generation} rounds");
        let largest = file.largest.swap(0, Ordering::Relaxed);
        let most = DOUBLED * bound(held.max(held_before));
        assert!(largest <= most, "for a while {largest} bytes for {held} in round {generation}");
        held_before = held;
        if generation % CHECKED == 0 {
            assert_eq!(file.remain(&gone), 0, "after {generation} rounds");
        }
    }
    assert_eq!(store.load(CHAT).unwrap().unwrap().rows.len(), kept.len() + 1, "the slots and the state");
}

#[test]
fn fa_20_a_file_of_small_records_does_not_grow_by_scrubbing() {
    scrub_again_and_again(3_000);
}

#[test]
fn fa_20_a_file_of_records_of_many_pages_does_not_grow_by_scrubbing() {
    scrub_again_and_again(60_000);
}
