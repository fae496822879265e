//! The answer of a shard that does not take something.

use core::error::Error;
use core::fmt;

/// A job or a chat that the shard did not take, given back.
pub struct Refused<T> {
    /// The job or the chat.
    pub item: T,
    /// The reason.
    pub reason: Reason,
}

/// The reason why a shard did not take something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// There is no room for more jobs of this chat now. Only [`Post::try_post`](crate::Post::try_post) says so.
    Full,
    /// The shard does not have this chat: it was handed over or lost, or never came.
    NotHere,
    /// The shard has this chat already, or is still handing it over.
    Here,
    /// The chat keeps no records: it was set up without a [`StoreKey`](secretchat::StoreKey).
    NoRecords,
    /// The shard is finishing, or its task has ended.
    Ended,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "too many jobs wait for this chat",
            Self::NotHere => "the shard does not have this chat",
            Self::Here => "the shard has this chat already",
            Self::NoRecords => "the chat keeps no records",
            Self::Ended => "the shard takes nothing any more",
        })
    }
}

impl Error for Reason {}

impl<T> fmt::Debug for Refused<T> {
    // What was refused may hold texts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refused").field("reason", &self.reason).finish_non_exhaustive()
    }
}

impl<T> fmt::Display for Refused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl<T> Error for Refused<T> {}
