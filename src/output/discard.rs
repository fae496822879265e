//! The contents of a Discard.

use core::fmt;

use crate::types::names::names;

/// The fate of the messages of a chat when it ends.
///
/// Not `#[non_exhaustive]`: it is one bit of a Discard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum History {
    /// The messages stay.
    Keep,
    /// The messages are deleted at both ends. **Anyone who has read a message can have kept a copy.**
    Delete,
}

names! {
    enum History {
        0 "keep" Keep,
        1 "delete" Delete,
    }
}

/// Maps `true` to [`History::Delete`], like Telegram's flag `delete_history`.
impl From<bool> for History {
    fn from(delete: bool) -> Self {
        if delete { Self::Delete } else { Self::Keep }
    }
}

/// Maps [`History::Delete`] to `true`.
impl From<History> for bool {
    fn from(history: History) -> Self {
        history == History::Delete
    }
}

/// The proof that a Discard comes from one of the two ends, together with how much that end had sent by then (SPEC
/// X25-6).
///
/// Not `#[non_exhaustive]`: this is the wire form, and a host builds it from what its transport delivered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DiscardProof {
    /// How many messages the end had made, service messages included: 0 to 2^30 - 1.
    pub sent: u32,
    /// The HMAC over the history flag and `sent`. Keep it secret until it is sent: anyone who has it can end the
    /// chat.
    pub mac: [u8; 32],
}

// Anyone who reads the proof of an unsent Discard in a log could end the chat.
impl fmt::Debug for DiscardProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sent, mac: _ } = self;
        f.debug_struct("DiscardProof").field("sent", sent).finish_non_exhaustive()
    }
}
