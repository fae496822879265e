//! The two ends of a chat.

use crate::types::names::names;

/// The end of the chat that this is. A role never changes, not even by a rekey.
///
/// Not `#[non_exhaustive]`: a chat has two ends.
///
/// Telegram's documentation calls the initiator originator, creator or admin, and the responder participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The end that asked for the chat.
    Initiator,
    /// The end that accepted it.
    Responder,
}

names! {
    enum Role {
        0 "initiator" Initiator,
        1 "responder" Responder,
    }
}

impl Role {
    /// Returns the other end.
    #[must_use]
    pub const fn peer(self) -> Self {
        match self {
            Self::Initiator => Self::Responder,
            Self::Responder => Self::Initiator,
        }
    }
}
