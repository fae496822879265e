//! A store that waits, refuses and fails when the test says so, and counts what it is asked for.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use event_listener::Event;
use secretchat::store::{AsyncStore, Entry, MemoryStore, Store};
use secretchat::{ChatId, Records, Timestamp};

pub(crate) type Row = (ChatId, String);

#[derive(Debug)]
pub(crate) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken on command")
    }
}

impl std::error::Error for Broken {}

#[derive(Default)]
pub(crate) struct Inner {
    pub(crate) memory: MemoryStore,
    pub(crate) rows: Vec<Row>,
    pub(crate) dues: HashMap<ChatId, Option<Timestamp>>,
    /// The batches of each commit.
    pub(crate) commits: Vec<usize>,
    /// The chats of each load.
    pub(crate) loads: Vec<usize>,
    pub(crate) released: Vec<ChatId>,
    pub(crate) refused: HashSet<ChatId>,
    /// The answers to the next scrubs; then true.
    pub(crate) scrubs: VecDeque<bool>,
    pub(crate) scrubbed: usize,
    /// Commits wait before they write, or after it.
    pub(crate) held_before: bool,
    pub(crate) held_after: bool,
    pub(crate) broken: bool,
}

/// Handles of one database.
#[derive(Clone, Default)]
pub(crate) struct TestStore {
    inner: Arc<Mutex<Inner>>,
    let_go: Arc<Event>,
}

impl TestStore {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// Lets commits go on that were held.
    pub(crate) fn let_go(&self) {
        let mut inner = self.lock();
        (inner.held_before, inner.held_after) = (false, false);
        self.let_go.notify(usize::MAX);
    }

    async fn wait_while(&self, held: impl Fn(&Inner) -> bool) {
        loop {
            let listener = self.let_go.listen();
            if !held(&self.lock()) {
                return;
            }
            listener.await;
        }
    }
}

impl AsyncStore for TestStore {
    type Error = Broken;
    type Row = Row;

    async fn commit(&mut self, entries: &[Entry<Row>]) -> Result<Vec<ChatId>, Broken> {
        self.wait_while(|inner| inner.held_before).await;
        let mut refused = Vec::new();
        {
            let mut inner = self.lock();
            if inner.broken {
                return Err(Broken);
            }
            inner.commits.push(entries.iter().filter(|entry| entry.batch.is_some()).count());
            for entry in entries {
                let is_refused = inner.refused.contains(&entry.chat)
                    || entry.batch.as_ref().is_some_and(|batch| inner.memory.apply(batch).is_err());
                if is_refused {
                    refused.push(entry.chat);
                    continue;
                }
                inner.rows.extend_from_slice(&entry.rows);
                inner.dues.insert(entry.chat, entry.due);
            }
            let chats: HashSet<_> = entries.iter().map(|entry| entry.chat).collect();
            assert_eq!(chats.len(), entries.len(), "one entry of each chat");
        }
        self.wait_while(|inner| inner.held_after).await;
        Ok(refused)
    }

    async fn scrub(&mut self) -> Result<bool, Broken> {
        let mut inner = self.lock();
        inner.scrubbed += 1;
        Ok(inner.scrubs.pop_front().unwrap_or(true))
    }

    async fn load(&mut self, chats: &[ChatId]) -> Result<Vec<Records>, Broken> {
        let mut inner = self.lock();
        inner.loads.push(chats.len());
        Ok(chats.iter().filter_map(|chat| inner.memory.load(*chat).unwrap()).collect())
    }

    async fn release(&mut self, chats: &[ChatId]) -> Result<(), Broken> {
        self.lock().released.extend_from_slice(chats);
        Ok(())
    }

    async fn delete(&mut self, chats: &[ChatId]) -> Result<(), Broken> {
        let mut inner = self.lock();
        for chat in chats {
            inner.memory.delete(*chat).unwrap();
        }
        Ok(())
    }
}
