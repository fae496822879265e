//! What a Discard says besides that a chat is over.

use core::fmt;

use crate::types::names::names;

/// What becomes of the messages of a chat that ends.
///
/// Not `#[non_exhaustive]`: it is one bit of a Discard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum History {
    /// They stay.
    Keep,
    /// They are deleted at both ends. **Whoever has read a message can have kept it.**
    Delete,
}

names! {
    enum History {
        0 "keep" Keep,
        1 "delete" Delete,
    }
}

/// `true` is [`History::Delete`], as Telegram's flag `delete_history` has it.
impl From<bool> for History {
    fn from(delete: bool) -> Self {
        if delete { Self::Delete } else { Self::Keep }
    }
}

/// [`History::Delete`] is `true`.
impl From<History> for bool {
    fn from(history: History) -> Self {
        history == History::Delete
    }
}

/// The proof that a Discard comes from one of the two ends, with what that end had sent by then (SPEC X25-6).
///
/// Not `#[non_exhaustive]`: this is its form on the wire, and a host builds it from what its transport carried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DiscardProof {
    /// How many messages the end had made: 0 to 2^30 - 1, service messages too.
    pub sent: u32,
    /// The HMAC over the history flag and `sent`. It is no secret once it has left, but a capability until then.
    pub mac: [u8; 32],
}

// The proof of a Discard that has not left yet would let a reader of logs end the chat.
impl fmt::Debug for DiscardProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sent, mac: _ } = self;
        f.debug_struct("DiscardProof").field("sent", sent).finish_non_exhaustive()
    }
}
