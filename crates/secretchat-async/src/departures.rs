//! Chats that go: each waits for its own jobs, and for those that go with it.

use core::mem;
use std::collections::HashMap;

use secretchat::ChatId;
use secretchat::store::Entry;

use crate::mailbox::Leave;
use crate::signal::Promise;

/// All chats that are on their way out, in the groups in which they were asked to go.
#[derive(Debug)]
pub(crate) struct Departures<R> {
    groups: HashMap<u64, Departure<R>>,
    group_of: HashMap<ChatId, u64>,
    next: u64,
    gone: Vec<Departure<R>>,
}

/// A group of chats.
#[derive(Debug)]
pub(crate) struct Departure<R> {
    /// How many are still here.
    left: usize,
    pub(crate) chats: Vec<ChatId>,
    pub(crate) delete: bool,
    /// The times at which they are due, where the store has others.
    pub(crate) dues: Vec<Entry<R>>,
    pub(crate) done: Promise,
}

impl<R> Departures<R> {
    pub(crate) fn new() -> Self {
        Self { groups: HashMap::new(), group_of: HashMap::new(), next: 0, gone: Vec::new() }
    }

    pub(crate) fn begin(&mut self, leave: Leave) {
        let Leave { chats, delete, done } = leave;
        let left = chats.len();
        self.group_of.extend(chats.iter().map(|chat| (*chat, self.next)));
        let departure = Departure { left, chats, delete, dues: Vec::new(), done };
        if left == 0 {
            self.gone.push(departure);
        } else {
            self.groups.insert(self.next, departure);
        }
        self.next += 1;
    }

    pub(crate) fn contains(&self, chat: ChatId) -> bool {
        self.group_of.contains_key(&chat)
    }

    /// Notes that a chat rests and is no longer here.
    pub(crate) fn rests(&mut self, chat: ChatId, due: Option<Entry<R>>) {
        let Some(group) = self.group_of.remove(&chat) else { return };
        let Some(departure) = self.groups.get_mut(&group) else { return };
        departure.dues.extend(due);
        departure.left -= 1;
        if departure.left == 0 {
            self.gone.extend(self.groups.remove(&group));
        }
    }

    /// Notes that another worker has a chat, so there is nothing to release.
    pub(crate) fn is_lost(&mut self, chat: ChatId) {
        if let Some(departure) = self.group_of.get(&chat).and_then(|group| self.groups.get_mut(group)) {
            departure.chats.retain(|other| *other != chat);
        }
        self.rests(chat, None);
    }

    /// Takes the groups of which no chat is here any more.
    pub(crate) fn take_gone(&mut self) -> Vec<Departure<R>> {
        mem::take(&mut self.gone)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.gone.is_empty()
    }

    pub(crate) fn any_gone(&self) -> bool {
        !self.gone.is_empty()
    }
}
