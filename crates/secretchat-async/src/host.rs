//! The program around a shard: it does the jobs of the chats and carries out their actions.

use core::fmt;

use secretchat::store::{Action, Driver};
use secretchat::{ChatId, Checkpoint, Env, StoreError};

/// The program around a shard: it does the jobs of its chats and carries out their actions.
///
/// The calls must not wait: whatever takes time, such as a packet to carry, goes into a channel of the host's own. No two
/// calls of one shard run at the same time.
///
/// # Rows
/// A row that is pushed at an event goes into the commit of the batch that makes the event durable (SPEC DRV-5). A row that
/// is pushed by a job goes into the commit of what the job did, if it made no more than one call on the driver. Rows that no
/// batch comes after are committed by themselves, in the same turn. A batch that is refused takes its rows with it.
///
/// ```
/// use secretchat::store::{Action, Driver};
/// use secretchat::{ChatId, Draft, Env, Event};
/// use secretchat_async::{Host, Lost};
///
/// /// Sends texts, and keeps those that arrive in a table beside the records.
/// struct Texts;
///
/// impl Host for Texts {
///     type Job = String;
///     type Row = (ChatId, String);
///
///     fn work(&mut self, driver: &mut Driver<()>, text: String, _: &mut Vec<Self::Row>, env: &mut Env<'_>) {
///         if let Err(error) = driver.send(&Draft::text(text), env) {
///             println!("not sent: {error}"); // tell whoever posted it
///         }
///     }
///
///     fn act(&mut self, driver: &mut Driver<()>, action: Action, rows: &mut Vec<Self::Row>, _: &mut Env<'_>) {
///         match action {
///             Action::Event(Event::Message(message)) => {
///                 rows.extend(driver.chat().id().map(|chat| (chat, message.content.text)));
///             }
///             Action::Transmit(_transmit) => {} // into a channel, to be carried
///             _ => {}
///         }
///     }
///
///     fn lost(&mut self, _: ChatId, why: Lost, _: Vec<String>) {
///         println!("{why}");
///     }
/// }
/// # let _ = Texts;
/// ```
pub trait Host: Send {
    /// Something to do for one chat: a frame that arrived, a message to send, a question.
    type Job: Send;

    /// A row of the host's own, as the store writes it. [`Infallible`](core::convert::Infallible) for a host without.
    type Row: Send + Sync;

    /// Does a job: makes calls on the driver. Their actions follow.
    ///
    /// A job that sends several messages writes as many batches, one after the other. Its rows go with the first one.
    fn work(&mut self, driver: &mut Driver<()>, job: Self::Job, rows: &mut Vec<Self::Row>, env: &mut Env<'_>);

    /// Carries out an action. Calls on the driver are allowed, and their actions follow.
    fn act(&mut self, driver: &mut Driver<()>, action: Action, rows: &mut Vec<Self::Row>, env: &mut Env<'_>);

    /// Notes that the shard no longer has this chat. `jobs` were posted for it and not done.
    fn lost(&mut self, chat: ChatId, why: Lost, jobs: Vec<Self::Job>);

    /// Notes that a chat was restored from its records, before its first job. Calls on the driver are allowed.
    fn restored(&mut self, driver: &mut Driver<()>, env: &mut Env<'_>) {
        let _ = (driver, env);
    }

    /// Returns the checkpoint that the records of a chat must have, if the host notes each
    /// [`Action::Checkpoint`] apart from them (SPEC REC-6). Older records are then refused.
    fn expected(&mut self, chat: ChatId) -> Option<Checkpoint> {
        let _ = chat;
        None
    }
}

/// The reason why a shard no longer has a chat.
#[derive(Debug)]
#[non_exhaustive]
pub enum Lost {
    /// Another worker has the chat: a batch was refused. Nothing that this one did since its last batch came out.
    Superseded,
    /// The records do not restore to a chat.
    Records(StoreError),
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Superseded => f.write_str("another worker has this chat"),
            Self::Records(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Lost {}
