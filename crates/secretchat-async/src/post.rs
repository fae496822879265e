//! The handle of a shard.

use core::fmt;
use std::sync::Arc;

use secretchat::{Chat, ChatId, Timestamp};

use crate::mailbox::Mailbox;
use crate::refused::{Reason, Refused};
use crate::signal::Stopped;

/// Brings jobs and chats to a [`Shard`](crate::Shard). Clone it for every task that has some.
///
/// Of one task the jobs for a chat are done in the order in which they were posted. After [`Post::finish`], and after the
/// task of the shard has ended, everything is refused.
pub struct Post<J>(pub(crate) Arc<Mailbox<J>>);

/// The size of a shard at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// The chats of the shard, with those that are being handed over.
    pub chats: usize,
    /// The jobs that were posted and not begun.
    pub jobs: usize,
    /// The chats that are in memory, as of the end of the last turn.
    pub in_memory: usize,
}

impl<J> Post<J> {
    /// Posts a job for a chat. Waits while that chat's mailbox is full, which holds up nobody who posts for other chats.
    /// A future that is dropped while it waits has posted nothing.
    ///
    /// # Errors
    /// [`Reason::NotHere`] or [`Reason::Ended`], with the job.
    pub async fn post(&self, chat: ChatId, job: J) -> Result<(), Refused<J>> {
        let mut job = job;
        loop {
            match self.0.offer(chat, job) {
                Ok(()) => return Ok(()),
                Err((refused, None)) => return Err(refused),
                Err((refused, Some(room))) => {
                    job = refused.item;
                    room.await;
                }
            }
        }
    }

    /// Posts a job for a chat, if there is room now.
    ///
    /// # Errors
    /// [`Reason::Full`], [`Reason::NotHere`] or [`Reason::Ended`], with the job.
    pub fn try_post(&self, chat: ChatId, job: J) -> Result<(), Refused<J>> {
        self.0.offer(chat, job).map_err(|(refused, _)| refused)
    }

    /// Brings a chat that was requested or accepted just now. Its first batch is written in the next turn, and what it
    /// has to send follows.
    ///
    /// # Errors
    /// [`Reason::NoRecords`], [`Reason::Here`] or [`Reason::Ended`], with the chat.
    pub fn open(&self, chat: Chat) -> Result<(), Refused<Box<Chat>>> {
        self.0.open(chat)
    }

    /// Takes a chat over that has records in the store. It is restored when a job comes for it, or at `due`, which the
    /// store has from its last worker; `None` if it waits for input alone. A time in the past is now.
    ///
    /// # Errors
    /// [`Reason::Here`] or [`Reason::Ended`].
    pub fn adopt(&self, chat: ChatId, due: Option<Timestamp>) -> Result<(), Reason> {
        self.0.adopt(chat, due)
    }

    /// Hands chats over to other workers: refuses new jobs for them, does those that were posted, and waits until all that
    /// came of them is durable and was given to the host. Then the store lets others have the chats.
    ///
    /// Chats that are not here, or leave already, are passed over. The hand-over goes on if this future is dropped.
    ///
    /// # Errors
    /// [`Stopped`] if the task ended before that. The store then has the chats until their lease is over.
    pub async fn hand_over(&self, chats: &[ChatId]) -> Result<(), Stopped> {
        let promised = self.0.leave(chats, false);
        promised.wait().await
    }

    /// Deletes all records of chats, after the jobs that were posted for them. Otherwise like [`Post::hand_over`].
    ///
    /// # Errors
    /// [`Stopped`] if the task ended before that. The records may still be there.
    pub async fn delete(&self, chats: &[ChatId]) -> Result<(), Stopped> {
        let promised = self.0.leave(chats, true);
        promised.wait().await
    }

    /// Hands all chats over, and ends the task of the shard.
    ///
    /// # Errors
    /// [`Stopped`] if the task ended before that.
    pub async fn finish(&self) -> Result<(), Stopped> {
        let promised = self.0.finish();
        promised.wait().await
    }

    /// Returns how much the shard has at the moment, for metrics.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.0.tally()
    }
}

impl<J> Clone for Post<J> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<J> fmt::Debug for Post<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Post").field(&self.tally()).finish()
    }
}
