//! What the world tells a chat, and what becomes of it.

use crate::message::IncomingFile;
use crate::output::{DiscardProof, History};
use crate::types::id::{KeyFingerprint, TransmitId};
use crate::types::names::names;
use crate::types::time::Timestamp;

/// Something that happened in the world.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input<'a> {
    /// The responder accepted.
    #[non_exhaustive]
    Accepted {
        /// Its public value.
        public: &'a [u8],
        /// The key's name as the responder computed it.
        fingerprint: KeyFingerprint,
    },
    /// The server says that another device of this user accepted.
    AcceptedElsewhere,
    /// A Discard arrived.
    #[non_exhaustive]
    Discarded {
        /// What the peer asks for.
        history: History,
        /// Proof that the Discard comes from the peer.
        proof: Option<DiscardProof>,
    },
    /// The peer's end answers our Discard.
    #[non_exhaustive]
    DiscardReceipt {
        /// Proof that it is closed; absent if it never had a key.
        proof: Option<&'a [u8; 32]>,
    },
    /// An encrypted message arrived.
    #[non_exhaustive]
    Ciphertext {
        /// Its sealed bytes.
        bytes: &'a [u8],
        /// The file that came with it.
        file: Option<IncomingFile>,
        /// When, by the transport's account; `None` is now.
        date: Option<Timestamp>,
    },
    /// The server says that the peer's user has read messages: in the Telegram profile, outside of the encryption.
    #[non_exhaustive]
    Read {
        /// All that were sent until then.
        max_date: Timestamp,
        /// When, by the transport's account; `None` is now.
        date: Option<Timestamp>,
    },
    /// The server says that the peer's user is writing or busy with a medium: in the Telegram profile, outside of the
    /// encryption. It proves nothing.
    Typing,
    /// The transport accepted a transmission: a transport fact, never called delivered. A proved Discard of the
    /// X25519 profile is not done with that: see [`Input::DiscardReceipt`].
    #[non_exhaustive]
    Carried {
        /// The transmission.
        id: TransmitId,
        /// When, by the transport's account; `None` is now.
        date: Option<Timestamp>,
    },
    /// The transport refused a transmission.
    #[non_exhaustive]
    Refused {
        /// The transmission.
        id: TransmitId,
        /// Whether trying again is pointless.
        permanent: bool,
    },
}

impl<'a> Input<'a> {
    /// Creates the input of an acceptance: the responder's public value, and the fingerprint of the key as it says.
    #[must_use]
    pub const fn accepted(public: &'a [u8], fingerprint: KeyFingerprint) -> Self {
        Self::Accepted { public, fingerprint }
    }

    /// Creates the input of a Discard. It has a proof in the X25519 profile, once there is a key (SPEC X25-6).
    #[must_use]
    pub const fn discarded(history: History, proof: Option<DiscardProof>) -> Self {
        Self::Discarded { history, proof }
    }

    /// Creates the input of the answer to our Discard (SPEC X25-11).
    #[must_use]
    pub const fn discard_receipt(proof: Option<&'a [u8; 32]>) -> Self {
        Self::DiscardReceipt { proof }
    }

    /// Creates the input of an encrypted message, with the file that came with it, and when it came by the transport's
    /// account. Without a date it came now.
    #[must_use]
    pub const fn ciphertext(bytes: &'a [u8], file: Option<IncomingFile>, date: Option<Timestamp>) -> Self {
        Self::Ciphertext { bytes, file, date }
    }

    /// Creates the input of the server's word that the peer's user has read messages. Without a date that was now.
    #[must_use]
    pub const fn read(max_date: Timestamp, date: Option<Timestamp>) -> Self {
        Self::Read { max_date, date }
    }

    /// Creates the input of a transport that accepted a transmission. Without a date it did so now.
    #[must_use]
    pub const fn carried(id: TransmitId, date: Option<Timestamp>) -> Self {
        Self::Carried { id, date }
    }

    /// Creates the input of a transport that refused a transmission for now: trying again may help.
    #[must_use]
    pub const fn refused(id: TransmitId) -> Self {
        Self::Refused { id, permanent: false }
    }

    /// Creates the input of a transport that refused a transmission for good: trying again is pointless.
    #[must_use]
    pub const fn refused_for_good(id: TransmitId) -> Self {
        Self::Refused { id, permanent: true }
    }
}

/// What became of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Handled {
    /// It had its effect.
    Applied,
    /// It is authentic and came too early: it is kept for its turn.
    Waiting,
    /// Seen before; no effect.
    Duplicate,
    /// It does not fit the chat's role or state and never will: no effect, and it need not come again.
    Ignored,
    /// There is no place for it **yet**: nothing is kept of it, no slot is used, and it has to come again. A host that
    /// takes messages from a queue leaves it there; no transport is told that it was taken (SPEC OUT-3, DRV-3).
    NoRoom,
    /// It ended the chat.
    ChatClosed,
}

names! {
    enum Handled {
        1 "applied" Applied,
        2 "waiting" Waiting,
        3 "duplicate" Duplicate,
        4 "ignored" Ignored,
        5 "no_room" NoRoom,
        6 "chat_closed" ChatClosed,
    }
}
