//! What of a phone outlives its process: one database, with the chat's records and the host's rows in it.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::rc::Rc;

use recordings::Seeded;
use secretchat::store::{ApplyError, MemoryStore, Store};
use secretchat::{Batch, ChatId, RandomId, Records};

use super::content::Wish;

/// A host's way to its disk.
#[derive(Clone)]
pub(crate) struct Database(pub(crate) Rc<RefCell<Disk>>);

pub(crate) struct Disk {
    store: MemoryStore,
    pub(crate) rows: Vec<Row>,
    /// What the user has written and what is not yet in the chat.
    pub(crate) wishes: VecDeque<Wish>,
    pub(crate) leaving: BTreeMap<RandomId, Leaving>,
    pub(crate) coming: BTreeMap<RandomId, Coming>,
    /// How far the updates were handled.
    pub(crate) qts: i32,
    pub(crate) date: i32,
    /// What the next transaction adds. A dead process loses it.
    pub(crate) open: Transaction,
    dice: Seeded,
    /// The chance to die, in a thousand.
    pub(crate) deadly: u64,
}

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    /// A message of this user is in the chat.
    Written(RandomId),
    /// A message of the peer arrived; whether it has a timer.
    Message(RandomId, bool),
    /// The server took a message.
    Sent(RandomId),
    /// The server refused a message for good.
    Failed(RandomId),
    /// A file was opened, and is what was written.
    Opened(RandomId),
    Expired(RandomId),
    /// A message was deleted, by either user.
    Deleted(RandomId),
    /// All messages up to this number were deleted.
    Flushed(i64),
    Closed,
}

/// A sealed file on its way to the server.
#[derive(Clone)]
pub(crate) struct Leaving {
    pub(crate) key: ([u8; 32], [u8; 32]),
    pub(crate) sealed: Vec<u8>,
    /// How far the upload is.
    pub(crate) token: Vec<u8>,
}

/// A sealed file on its way from the server.
#[derive(Clone)]
pub(crate) struct Coming {
    pub(crate) got: Vec<u8>,
    /// How far the download is.
    pub(crate) token: Vec<u8>,
    pub(crate) is_whole: bool,
    /// Absent while the chat keeps it.
    pub(crate) key: Option<([u8; 32], [u8; 32])>,
}

#[derive(Default)]
pub(crate) struct Transaction {
    pub(crate) rows: Vec<Row>,
    pub(crate) coming: Vec<(RandomId, Coming)>,
}

/// The process is dead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Killed;

impl fmt::Display for Killed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("killed")
    }
}

impl std::error::Error for Killed {}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}

impl Disk {
    pub(crate) fn new(date: i32, seed: u64) -> Self {
        Self {
            store: MemoryStore::default(),
            rows: Vec::new(),
            wishes: VecDeque::new(),
            leaving: BTreeMap::new(),
            coming: BTreeMap::new(),
            qts: 0,
            date,
            open: Transaction::default(),
            dice: Seeded::new(seed),
            deadly: 0,
        }
    }

    pub(crate) fn may_die(&mut self) -> Result<(), Killed> {
        if self.dice.below(1_000) < self.deadly { Err(Killed) } else { Ok(()) }
    }

    /// Writes the rows of the open transaction.
    pub(crate) fn commit(&mut self) {
        let Transaction { rows, coming } = std::mem::take(&mut self.open);
        self.coming.extend(coming);
        for row in &rows {
            self.coming.retain(|id, _| match row {
                Row::Deleted(which) | Row::Expired(which) | Row::Opened(which) => which != id,
                Row::Flushed(until) => id.0 > *until,
                _ => true,
            });
        }
        self.rows.extend(rows);
    }

    pub(crate) fn has(&self, row: Row) -> bool {
        self.rows.contains(&row)
    }
}

/// The chat's records, in one transaction with the rows.
impl Store for Database {
    type Error = Killed;

    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<Killed>> {
        let mut disk = self.0.borrow_mut();
        disk.may_die()?;
        disk.store.apply(batch).unwrap();
        disk.commit();
        Ok(disk.may_die()?)
    }

    fn scrub(&mut self) -> Result<bool, Killed> {
        Ok(true)
    }

    fn load(&self, chat: ChatId) -> Result<Option<Records>, Killed> {
        Ok(self.0.borrow().store.load(chat).unwrap())
    }

    fn chats(&self) -> Result<Vec<ChatId>, Killed> {
        Ok(self.0.borrow().store.chats().unwrap())
    }

    fn delete(&mut self, chat: ChatId) -> Result<(), Killed> {
        self.0.borrow_mut().store.delete(chat).unwrap();
        Ok(())
    }
}
