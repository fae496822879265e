//! A process that is killed hundreds of times: about a third of them half way through a write to the file of the
//! database, which the steps of the contract know nothing of.

#[path = "support/host.rs"]
mod host;

use std::fs::OpenOptions;
use std::path::Path;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use redb::StorageBackend;
use redb::backends::FileBackend;
use secretchat_redb::{RedbError, RedbStore, redb};
use store_contract::{Row, kill};

#[test]
fn each_message_is_there_once_although_the_process_dies_while_it_writes() {
    kill::each_message_is_there_once::<Mortal>("each_message_is_there_once_although_the_process_dies_while_it_writes");
}

/// Of a process whose writes to its databases are counted, and that dies half way through one.
struct Mortal;

/// About what a process writes before the contract ends it between two steps.
const MOST_WRITES: u32 = 150;

impl store_contract::Database for Mortal {
    type Store = RedbStore;

    fn open(path: &Path) -> Result<RedbStore, RedbError> {
        // redb cannot go on with a file that it has not finished making.
        if !path.exists() {
            drop(RedbStore::open(path)?);
        }
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let database = redb::Builder::new().create_with_backend(MortalFile(FileBackend::new(file)?))?;
        host::with_messages(RedbStore::with_database(Arc::new(database))?)
    }

    fn append(store: &mut RedbStore, row: &Row) -> Result<(), RedbError> {
        host::append(store, row)
    }

    fn list(store: &RedbStore) -> Result<Vec<Row>, RedbError> {
        host::list(store)
    }
}

#[derive(Debug)]
struct MortalFile(FileBackend);

static WRITES: AtomicU32 = AtomicU32::new(0);

impl StorageBackend for MortalFile {
    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        let number = WRITES.fetch_add(1, Ordering::Relaxed);
        if kill::seed().is_some_and(|seed| seed % MOST_WRITES == number) {
            self.0.write(offset, &data[..data.len() / 2])?;
            process::abort();
        }
        self.0.write(offset, data)
    }

    fn len(&self) -> std::io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.0.set_len(len)
    }

    /// What a process has written outlives it without this; not doing it makes the test fast.
    fn sync_data(&self) -> std::io::Result<()> {
        Ok(())
    }

    fn close(&self) -> std::io::Result<()> {
        self.0.close()
    }
}
