//! The chats that have something to do, in the order of their turns.

use std::collections::{HashSet, VecDeque};

use secretchat::ChatId;

/// A queue in which each chat stands at most once.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    order: VecDeque<ChatId>,
    members: HashSet<ChatId>,
}

impl Queue {
    /// Puts a chat at the end, unless it is in the queue.
    pub(crate) fn push(&mut self, chat: ChatId) {
        if self.members.insert(chat) {
            self.order.push_back(chat);
        }
    }

    /// Takes up to so many chats from the front.
    pub(crate) fn take(&mut self, count: usize) -> Vec<ChatId> {
        let taken: Vec<_> = self.order.drain(..count.min(self.order.len())).collect();
        for chat in &taken {
            self.members.remove(chat);
        }
        taken
    }

    pub(crate) fn contains(&self, chat: ChatId) -> bool {
        self.members.contains(&chat)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}
