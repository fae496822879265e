//! The store (SPEC REC-1, DRV-1, DRV-5).

use core::fmt;
use core::ops::Bound;
use core::slice;
use std::path::Path;
use std::sync::Arc;

use redb::{Database, ReadableDatabase, ReadableTable, WriteTransaction};
use secretchat::store::{ApplyError, HostRows, Store};
use secretchat::{Batch, ChatId, RecordName, Records};

use crate::schema::{self, RECORDS};
use crate::{RedbError, create, scrub};

const FIRST_NAME: [u8; RecordName::LEN] = [0; RecordName::LEN];
const LAST_NAME: [u8; RecordName::LEN] = [0xff; RecordName::LEN];

/// Records of many chats in a redb database, which may also have tables of the host.
///
/// A database has one writer at a time: while this store has a transaction open, every other writer waits, including another
/// store on the same database. Two stores that both write on one thread wait for ever, so finish the actions of one chat
/// before you begin those of the next. Readers never wait, and see the committed state.
///
/// Dropping a store undoes everything that it has not committed.
///
/// ```
/// use secretchat::store::Store;
/// use secretchat_redb::RedbStore;
///
/// # let path = std::env::temp_dir().join(format!("secretchat-redb-doc-{}.redb", std::process::id()));
/// let store = RedbStore::open(&path)?;
/// for chat in store.chats()? {
///     println!("{chat}: `Driver::restore` it");
/// }
/// # assert!(store.chats()?.is_empty());
/// # drop(store);
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RedbStore {
    database: Arc<Database>,
    /// A transaction with the host's rows, which waits for the batch.
    transaction: Option<WriteTransaction>,
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").field("in_transaction", &self.transaction.is_some()).finish_non_exhaustive()
    }
}

impl RedbStore {
    /// Opens the database in this file, or creates it. While it is open, opening the same file again fails; share the
    /// database instead.
    ///
    /// A new database is created in a file with `.new` after its name, so a process that dies while creating it can try
    /// again. Two processes must not create the same database at the same time.
    ///
    /// # Errors
    /// [`RedbError::Database`]; [`RedbError::NewerVersion`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RedbError> {
        Self::with_database(Arc::new(create::open_or_create(path.as_ref())?))
    }

    /// Creates a store in a database that is already open and shared with other stores and the host.
    ///
    /// Waits for other writers if the tables are not there yet or are of an older version.
    ///
    /// # Errors
    /// [`RedbError::Database`]; [`RedbError::NewerVersion`].
    pub fn with_database(database: Arc<Database>) -> Result<Self, RedbError> {
        schema::migrate(&database)?;
        let unscrubbed = schema::is_unscrubbed(&database)?;
        let mut store = Self { database, transaction: None };
        if unscrubbed {
            // If this is not possible, the note stays for the next store.
            store.scrub()?;
        }
        Ok(store)
    }

    /// Returns the database, to read from it or to share it.
    #[must_use]
    pub const fn database(&self) -> &Arc<Database> {
        &self.database
    }

    /// Takes the open transaction, or begins one. Dropping it undoes it.
    fn take_transaction(&mut self) -> Result<WriteTransaction, RedbError> {
        Ok(self.transaction.take().map_or_else(|| self.database.begin_write(), Ok)?)
    }
}

impl Store for RedbStore {
    type Error = RedbError;

    /// After an error nothing of the batch is there. If the disk failed at the very end, all of it is there once the
    /// database is opened again.
    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<RedbError>> {
        self.apply_all(slice::from_ref(batch))
    }

    /// Writes all batches and the host's rows in one transaction. An error means the same as for one batch.
    fn apply_all(&mut self, batches: &[Batch]) -> Result<(), ApplyError<RedbError>> {
        let transaction = self.take_transaction()?;
        for batch in batches {
            if !write(&transaction, batch)? {
                transaction.abort().map_err(RedbError::from)?;
                return Err(ApplyError::Superseded);
            }
        }
        Ok(transaction.commit().map_err(RedbError::from)?)
    }

    /// Compacts the file, writes all records anew, and zeros all free space. This takes as long as writing a file of this
    /// size. Returns `false` while a transaction is open here, somebody reads, or the database is shared
    /// ([`RedbStore::with_database`]): then the first store that has the database to itself does the work.
    fn scrub(&mut self) -> Result<bool, RedbError> {
        match Arc::get_mut(&mut self.database) {
            Some(database) if self.transaction.is_none() => scrub::scrub(database),
            _ => Ok(false),
        }
    }

    fn load(&self, chat: ChatId) -> Result<Option<Records>, RedbError> {
        let records = self.database.begin_read()?.open_table(RECORDS)?;
        let mut rows = Vec::new();
        for row in records.range((&chat.0, &FIRST_NAME)..=(&chat.0, &LAST_NAME))? {
            let (key, sealed) = row?;
            let name = RecordName::from_bytes(*key.value().1).ok_or(RedbError::Damaged)?;
            rows.push((name, sealed.value().to_vec()));
        }
        Ok((!rows.is_empty()).then_some(Records { chat, rows }))
    }

    /// Does one look-up for each chat, however many records it has.
    fn chats(&self) -> Result<Vec<ChatId>, RedbError> {
        let records = self.database.begin_read()?.open_table(RECORDS)?;
        let mut chats: Vec<ChatId> = Vec::new();
        loop {
            let after = chats.last().map_or(Bound::Unbounded, |chat| Bound::Excluded((&chat.0, &LAST_NAME)));
            let Some(row) = records.range((after, Bound::Unbounded))?.next() else { return Ok(chats) };
            let chat = *row?.0.value().0;
            chats.push(ChatId(chat));
        }
    }

    /// Deletes in the open transaction, if there is one, and leaves it open: the host deletes its own rows of the chat there
    /// and ends it with [`HostRows::commit`].
    fn delete(&mut self, chat: ChatId) -> Result<(), RedbError> {
        let is_open = self.transaction.is_some();
        let range = (&chat.0, &FIRST_NAME)..=(&chat.0, &LAST_NAME);
        let transaction = self.take_transaction()?;
        transaction.open_table(RECORDS)?.retain_in(range, |_, _| false)?;
        schema::set_unscrubbed(&transaction, true)?;
        if !is_open {
            return Ok(transaction.commit()?);
        }
        self.transaction = Some(transaction);
        Ok(())
    }
}

impl HostRows for RedbStore {
    type Transaction<'a> = &'a WriteTransaction;

    fn transaction(&mut self) -> Result<&WriteTransaction, RedbError> {
        let transaction = self.take_transaction()?;
        Ok(self.transaction.insert(transaction))
    }

    fn commit(&mut self) -> Result<(), RedbError> {
        self.transaction.take().map_or(Ok(()), |transaction| Ok(transaction.commit()?))
    }

    fn rollback(&mut self) -> Result<(), RedbError> {
        self.transaction.take().map_or(Ok(()), |transaction| Ok(transaction.abort()?))
    }
}

/// Writes the batch if it follows the stored state, and returns whether it did.
fn write(transaction: &WriteTransaction, batch: &Batch) -> Result<bool, RedbError> {
    let mut records = transaction.open_table(RECORDS)?;
    {
        let head = |name: RecordName| records.get((&batch.chat.0, &name.to_bytes()));
        let state = head(RecordName::State)?;
        let head = if state.is_some() { state } else { head(RecordName::Tombstone)? };
        if !batch.fits(head.as_ref().map(redb::AccessGuard::value)) {
            return Ok(false);
        }
    }
    if batch.destroys {
        schema::set_unscrubbed(transaction, true)?;
    }
    for name in &batch.delete {
        records.remove((&batch.chat.0, &name.to_bytes()))?;
    }
    for (name, sealed) in &batch.put {
        records.insert((&batch.chat.0, &name.to_bytes()), sealed.as_slice())?;
    }
    Ok(true)
}
