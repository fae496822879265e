//! A disk that is full after any number of bytes, in the middle of a commit too.

#[path = "support/host.rs"]
mod host;

use std::cell::RefCell;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use redb::StorageBackend;
use redb::backends::FileBackend;
use secretchat::store::{ApplyError, Store};
use secretchat::{ChatId, RecordName};
use secretchat_redb::{RedbError, RedbStore, redb};
use store_contract::contract::batch;
use store_contract::{Database, Directory, Row, full};

#[test]
fn a_batch_that_does_not_fit_leaves_nothing() {
    for space in [0, 1, 5_000, 100_000, 900_000] {
        full::a_batch_that_does_not_fit_leaves_nothing::<OnDisk>(|store| leave(space, store));
    }
}

#[test]
fn nothing_leaves_and_the_chat_goes_on() {
    for space in [0, 1, 4_095, 4_096, 10_000, 50_000, 200_000] {
        full::nothing_leaves_and_the_chat_goes_on::<OnDisk>(|store| leave(space, store));
    }
}

#[test]
fn the_error_says_that_the_disk_is_full_and_the_database_wants_to_be_opened_again() {
    let directory = Directory::new("full-error");
    let mut store = OnDisk::open(&directory.file("store")).unwrap();
    let chat = ChatId([1; 16]);
    let batch = batch(chat, 1, &[(RecordName::Keys, &[1; 5_000])], &[]);
    leave(0, &mut store);
    let ApplyError::Store(RedbError::Database(error)) = store.apply(&batch).unwrap_err() else { panic!() };
    assert!(matches!(&*error, redb::Error::Io(error) if error.kind() == io::ErrorKind::StorageFull), "{error}");
    leave(u64::MAX, &mut store);
    assert!(
        matches!(store.apply(&batch), Err(ApplyError::Store(RedbError::Database(_)))),
        "not before it was opened again"
    );
    drop(store);
    let mut store = OnDisk::open(&directory.file("store")).unwrap();
    assert_eq!(store.load(chat).unwrap(), None);
    store.apply(&batch).unwrap();
}

/// In a file on a disk whose space a test sets.
struct OnDisk;

impl Database for OnDisk {
    type Store = RedbStore;

    fn open(path: &Path) -> Result<RedbStore, RedbError> {
        if !path.exists() {
            drop(RedbStore::open(path)?);
        }
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let space = Arc::new(AtomicU64::new(u64::MAX));
        let disk = Disk { file: FileBackend::new(file)?, space: Arc::clone(&space) };
        let database = Arc::new(redb::Builder::new().create_with_backend(disk)?);
        let store = host::with_messages(RedbStore::with_database(database)?)?;
        SPACES.with_borrow_mut(|spaces| spaces.push((Arc::downgrade(store.database()), space)));
        Ok(store)
    }

    fn append(store: &mut RedbStore, row: &Row) -> Result<(), RedbError> {
        host::append(store, row)
    }

    fn list(store: &RedbStore) -> Result<Vec<Row>, RedbError> {
        host::list(store)
    }
}

thread_local! {
    /// Of each database that is open, in bytes that can still be written.
    static SPACES: RefCell<Vec<(Weak<redb::Database>, Arc<AtomicU64>)>> = const { RefCell::new(Vec::new()) };
}

fn leave(bytes: u64, store: &mut RedbStore) {
    SPACES.with_borrow(|spaces| {
        let of_store = |database: &Weak<_>| database.as_ptr() == Arc::as_ptr(store.database());
        let (_, space) = spaces.iter().find(|(database, _)| of_store(database)).unwrap();
        space.store(bytes, Ordering::Relaxed);
    });
}

#[derive(Debug)]
struct Disk {
    file: FileBackend,
    space: Arc<AtomicU64>,
}

impl StorageBackend for Disk {
    /// Writes what fits.
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let space = self.space.load(Ordering::Relaxed);
        let fits = data.len().min(usize::try_from(space).unwrap_or(usize::MAX));
        self.space.store(space - fits as u64, Ordering::Relaxed);
        self.file.write(offset, &data[..fits])?;
        if fits < data.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }
}
