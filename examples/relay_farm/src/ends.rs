//! The ends that a worker drives: what its chats are called, and how far they are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secretchat::ChatId;
use secretchat::frame::ChatTag;

use crate::note::{End, Note};

/// What the host's row says of an end.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    pub(crate) end: End,
    pub(crate) tag: ChatTag,
    /// The number of the last text that this end said.
    pub(crate) sent: u64,
    /// The number of the last text of the peer.
    pub(crate) received: u64,
    /// What the switch hears once it is durable.
    pub(crate) unreported: Vec<Note>,
}

impl Progress {
    pub(crate) const fn new(end: End, tag: ChatTag, sent: u64, received: u64) -> Self {
        Self { end, tag, sent, received, unreported: Vec::new() }
    }
}

/// The ends of all shards of a worker.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ends(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    by_chat: HashMap<ChatId, Progress>,
    by_end: HashMap<End, ChatId>,
}

impl Ends {
    /// Inserts a chat, unless it is there. `bring` brings it to its shard before anybody else sees it here.
    pub(crate) fn insert(&self, chat: ChatId, progress: Progress, bring: impl FnOnce()) -> bool {
        let mut table = self.table();
        if table.by_chat.contains_key(&chat) {
            return false;
        }
        table.by_end.insert(progress.end, chat);
        table.by_chat.insert(chat, progress);
        bring();
        true
    }

    pub(crate) fn remove(&self, chat: ChatId) -> Option<Progress> {
        let mut table = self.table();
        let progress = table.by_chat.remove(&chat)?;
        table.by_end.remove(&progress.end);
        Some(progress)
    }

    pub(crate) fn chat(&self, end: End) -> Option<ChatId> {
        self.table().by_end.get(&end).copied()
    }

    pub(crate) fn has(&self, chat: ChatId) -> bool {
        self.table().by_chat.contains_key(&chat)
    }

    pub(crate) fn len(&self) -> usize {
        self.table().by_chat.len()
    }

    /// Returns some chats, at most that many.
    pub(crate) fn some(&self, count: usize) -> Vec<ChatId> {
        self.table().by_chat.keys().copied().take(count).collect()
    }

    /// Lets `call` change what is known of a chat, if this worker drives it.
    pub(crate) fn with<T>(&self, chat: ChatId, call: impl FnOnce(&mut Progress) -> T) -> Option<T> {
        self.table().by_chat.get_mut(&chat).map(call)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
