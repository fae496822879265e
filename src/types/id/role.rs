//! The two ends of a chat.

use crate::types::names::names;

/// Which end of the chat this is. It never changes, not by a rekey either.
///
/// Not `#[non_exhaustive]`: a chat has two ends.
///
/// Telegram's pages call the initiator originator, creator or admin, and the responder participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Asked for the chat.
    Initiator,
    /// Accepted it.
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
