//! Inputs of a chat, and their outcomes.

use crate::message::IncomingFile;
use crate::output::{DiscardProof, History};
use crate::types::id::{KeyFingerprint, TransmitId};
use crate::types::names::names;
use crate::types::time::Timestamp;

/// Something that arrived or happened outside the chat.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input<'a> {
    /// The responder accepted.
    #[non_exhaustive]
    Accepted {
        /// Its public value.
        public: &'a [u8],
        /// The fingerprint of the key that the responder computed.
        fingerprint: KeyFingerprint,
    },
    /// The server reports that another device of this user accepted.
    AcceptedElsewhere,
    /// A Discard arrived.
    #[non_exhaustive]
    Discarded {
        /// The fate of the messages, as the peer asks for it.
        history: History,
        /// The proof that the Discard comes from the peer.
        proof: Option<DiscardProof>,
    },
    /// The peer's end answered our Discard.
    #[non_exhaustive]
    DiscardReceipt {
        /// The proof that the peer's end is closed. Absent if it never had a key.
        proof: Option<&'a [u8; 32]>,
    },
    /// An encrypted message arrived.
    #[non_exhaustive]
    Ciphertext {
        /// The sealed bytes of the message.
        bytes: &'a [u8],
        /// The file that came with the message.
        file: Option<IncomingFile>,
        /// The time reported by the transport. `None` is now.
        date: Option<Timestamp>,
    },
    /// The server reports that the peer's user has read messages. Only in the Telegram profile, outside the
    /// encryption.
    #[non_exhaustive]
    Read {
        /// The limit: all messages sent until then were read.
        max_date: Timestamp,
        /// The time reported by the transport. `None` is now.
        date: Option<Timestamp>,
    },
    /// The server reports that the peer's user is typing or busy with a medium. Only in the Telegram profile,
    /// outside the encryption. It proves nothing.
    Typing,
    /// The transport accepted a transmission. This is not a delivery receipt. A proved Discard of the X25519
    /// profile needs more: see [`Input::DiscardReceipt`].
    ///
    /// It makes a batch of its own only for a message with a timer. Otherwise the next batch writes it. A crash before
    /// that has the message sent once more (SPEC DRV-9).
    #[non_exhaustive]
    Carried {
        /// The transmission.
        id: TransmitId,
        /// The time reported by the transport. `None` is now.
        date: Option<Timestamp>,
    },
    /// The transport refused a transmission.
    #[non_exhaustive]
    Refused {
        /// The transmission.
        id: TransmitId,
        /// Whether the refusal is final, so that trying again is pointless.
        permanent: bool,
    },
}

impl<'a> Input<'a> {
    /// Creates the input of an acceptance, from the responder's public value and the fingerprint that it sent.
    #[must_use]
    pub const fn accepted(public: &'a [u8], fingerprint: KeyFingerprint) -> Self {
        Self::Accepted { public, fingerprint }
    }

    /// Creates the input of a Discard. In the X25519 profile it has a proof once there is a key (SPEC X25-6).
    #[must_use]
    pub const fn discarded(history: History, proof: Option<DiscardProof>) -> Self {
        Self::Discarded { history, proof }
    }

    /// Creates the input of the answer to our Discard (SPEC X25-11).
    #[must_use]
    pub const fn discard_receipt(proof: Option<&'a [u8; 32]>) -> Self {
        Self::DiscardReceipt { proof }
    }

    /// Creates the input of an encrypted message, with the file that came with it and the time reported by the
    /// transport. Without a date, the time is now.
    #[must_use]
    pub const fn ciphertext(bytes: &'a [u8], file: Option<IncomingFile>, date: Option<Timestamp>) -> Self {
        Self::Ciphertext { bytes, file, date }
    }

    /// Creates the input for the server's report that the peer's user has read messages. Without a date, the time
    /// is now.
    #[must_use]
    pub const fn read(max_date: Timestamp, date: Option<Timestamp>) -> Self {
        Self::Read { max_date, date }
    }

    /// Creates the input of a transport that accepted a transmission. Without a date, the time is now.
    #[must_use]
    pub const fn carried(id: TransmitId, date: Option<Timestamp>) -> Self {
        Self::Carried { id, date }
    }

    /// Creates the input of a transport that refused a transmission for now. Trying again may help.
    #[must_use]
    pub const fn refused(id: TransmitId) -> Self {
        Self::Refused { id, permanent: false }
    }

    /// Creates the input of a transport that refused a transmission for good. Trying again is pointless.
    #[must_use]
    pub const fn refused_for_good(id: TransmitId) -> Self {
        Self::Refused { id, permanent: true }
    }
}

/// The outcome of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Handled {
    /// The input took effect.
    Applied,
    /// The message is authentic but came early. It is kept until its turn.
    Waiting,
    /// The input was seen before and had no effect.
    Duplicate,
    /// The input does not fit the chat's role or state and never will. It had no effect and need not come again.
    Ignored,
    /// There is no room for the message **yet**. Nothing of it is kept, no slot is used, and it must come again.
    /// Leave it in the queue if messages come from one, and do not confirm it to the transport (SPEC OUT-3, DRV-3).
    NoRoom,
    /// The input ended the chat.
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
