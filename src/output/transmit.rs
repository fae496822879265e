//! Transmissions to the peer.

use alloc::vec::Vec;
use core::fmt;

use super::discard::{DiscardProof, History};
use crate::types::id::{KeyFingerprint, RandomId, TransmitId};
use crate::types::names::names;
use crate::types::time::Timestamp;

/// A transmission to the peer.
///
/// Not `#[non_exhaustive]`: it is a name and a kind, and the kind is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// The name of the transmission. A repeat has the same name.
    pub id: TransmitId,
    /// The kind of the transmission, with its contents.
    pub kind: TransmitKind,
}

/// The contents of a transmission. Only a chat makes them, so there is no constructor.
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
        /// The fingerprint of the key that the responder computed.
        fingerprint: KeyFingerprint,
    },
    /// Ends or declines a chat.
    #[non_exhaustive]
    Discard {
        /// The fate of the messages at the peer's end.
        history: History,
        /// The proof that it comes from this end. Absent before there is a key, and in the Telegram profile.
        proof: Option<DiscardProof>,
    },
    /// Tells the server that this user has read messages. Only in the Telegram profile, outside the encryption.
    #[non_exhaustive]
    Read {
        /// The limit: all messages that arrived until then were read.
        max_date: Timestamp,
    },
    /// Tells the server that this user is typing or busy with a medium, or has stopped. Only in the Telegram
    /// profile, outside the encryption. A lost one is not repeated.
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
        /// The sealed bytes. A repeat has the same bytes.
        bytes: Vec<u8>,
        /// Whether the message is invisible to the user.
        service: bool,
        /// Whether the peer's device should stay quiet.
        silent: bool,
        /// The host's name of the file that goes with the message.
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

// Anyone who reads the proof of an unsent Discard in a log could end the chat.
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
