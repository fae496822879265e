//! What is to be carried to the peer.

use alloc::vec::Vec;
use core::fmt;

use super::discard::{DiscardProof, History};
use crate::types::id::{KeyFingerprint, RandomId, TransmitId};
use crate::types::names::names;
use crate::types::time::Timestamp;

/// Something to carry to the peer.
///
/// Not `#[non_exhaustive]`: a name and a kind, and the kind is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// Its name, the same whenever it is asked for again.
    pub id: TransmitId,
    /// What it is.
    pub kind: TransmitKind,
}

/// What is to be carried. Only a chat makes it, so there is no constructor.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransmitKind {
    /// Asks for a chat.
    #[non_exhaustive]
    Request {
        /// The initiator's public value.
        public: Vec<u8>,
    },
    /// Accepts a chat.
    #[non_exhaustive]
    Accept {
        /// The responder's public value.
        public: Vec<u8>,
        /// The key's name as the responder computed it.
        fingerprint: KeyFingerprint,
    },
    /// Ends or declines a chat.
    #[non_exhaustive]
    Discard {
        /// What the peer is asked for.
        history: History,
        /// Proof that it comes from this end; absent before there is a key, and in the Telegram profile.
        proof: Option<DiscardProof>,
    },
    /// Tells the server that this user has read messages: in the Telegram profile, outside of the encryption.
    #[non_exhaustive]
    Read {
        /// All that arrived until then.
        max_date: Timestamp,
    },
    /// Tells the server that this user is writing or busy with a medium, or not any more: in the Telegram profile, outside
    /// of the encryption. A lost one is not repeated.
    #[non_exhaustive]
    Typing {
        /// Whether the user is busy.
        typing: bool,
    },
    /// An encrypted message.
    #[non_exhaustive]
    Ciphertext {
        /// The message's own id.
        random_id: RandomId,
        /// The sealed bytes: the same whenever they are asked for again.
        bytes: Vec<u8>,
        /// Whether it is invisible to the user.
        service: bool,
        /// Whether the peer's device should stay quiet.
        silent: bool,
        /// The host's name of the file that goes with it.
        file: Option<Vec<u8>>,
    },
}

names! {
    ref TransmitKind {
        1 "request" Request,
        2 "accept" Accept,
        3 "discard" Discard,
        4 "read" Read,
        5 "typing" Typing,
        6 "ciphertext" Ciphertext,
    }
}

// The proof of a Discard that has not left yet would let a reader of logs end the chat.
impl fmt::Debug for TransmitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request { public: _ } => f.debug_struct("Request").finish_non_exhaustive(),
            Self::Accept { public: _, fingerprint } => {
                f.debug_struct("Accept").field("fingerprint", fingerprint).finish_non_exhaustive()
            }
            Self::Discard { history, proof: _ } => {
                f.debug_struct("Discard").field("history", history).finish_non_exhaustive()
            }
            Self::Read { max_date } => f.debug_struct("Read").field("max_date", max_date).finish(),
            Self::Typing { typing } => f.debug_struct("Typing").field("typing", typing).finish(),
            Self::Ciphertext { random_id, bytes, service, silent, file: _ } => f
                .debug_struct("Ciphertext")
                .field("random_id", random_id)
                .field("bytes", &bytes.len())
                .field("service", service)
                .field("silent", silent)
                .finish_non_exhaustive(),
        }
    }
}
