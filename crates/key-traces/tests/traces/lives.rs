//! The lives of a story, and how long a chat may hold each secret.

use key_traces::Masked;

/// A part of a story after which secrets must be gone, in the order in which they go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Life {
    /// From the request until both ends have read a message of the other.
    Handshake,
    /// A new key that alice asks for, until both ends have wiped the old one.
    FirstRekey,
    /// The same where bob asks.
    SecondRekey,
    /// What is opened has a timer, until that is over at both ends.
    View,
    /// What is to be viewed once is opened, until the hosts have dropped what was lent.
    ViewOnce,
    /// What is not opened is deleted by its sender, or by its receiver.
    Deletion,
    /// The same is flushed.
    Flush,
    /// What hosts' own secrets came from is forgotten.
    Forget,
    /// Both ends are closed.
    Close,
    /// Both ends are dropped.
    Drop,
    /// A chat of alice with a program that speaks MTProto 1.0, until it is dropped.
    OldProtocol,
}

/// The lives as they are played. Open chats are dropped first, then a new process goes on and closes them.
pub(crate) const PLAYED: [Life; 12] = [
    Life::Handshake,
    Life::FirstRekey,
    Life::SecondRekey,
    Life::View,
    Life::ViewOnce,
    Life::Deletion,
    Life::Flush,
    Life::Forget,
    Life::Drop,
    Life::Close,
    Life::Drop,
    Life::OldProtocol,
];

/// For how long a chat may hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// No longer than the call takes that computes or reads it.
    OneCall,
    /// Between calls too, but not after this life.
    Until(Life),
}

impl Hold {
    /// Returns whether the secret may be in use between two calls of a life.
    pub(crate) fn lasts_in(self, life: Life) -> bool {
        match self {
            Self::OneCall => false,
            Self::Until(last) => life <= last,
        }
    }

    /// Returns whether the secret may be in use once a life is over.
    pub(crate) fn outlasts(self, life: Life) -> bool {
        match self {
            Self::OneCall => false,
            Self::Until(last) => life < last,
        }
    }
}

/// A secret of a story.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) name: String,
    pub(crate) secret: Masked,
    pub(crate) hold: Hold,
}

impl Known {
    pub(crate) fn new(name: impl Into<String>, secret: &[u8], hold: Hold) -> Self {
        Self { name: name.into(), secret: Masked::new(secret), hold }
    }
}
