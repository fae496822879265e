//! What the world tells a chat, and what becomes of it.

use crate::event::DiscardProof;
use crate::id::{KeyFingerprint, TransmitId};
use crate::message::IncomingFile;
use crate::names::names;
use crate::time::Timestamp;

/// Something that happened in the world.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input<'a> {
    /// The responder accepted.
    Accepted {
        /// Its public value.
        public: &'a [u8],
        /// The key's name as the responder computed it.
        fingerprint: KeyFingerprint,
    },
    /// The server says that another device of this user accepted.
    AcceptedElsewhere,
    /// A Discard arrived.
    Discarded {
        /// Whether the peer asks to delete the history too.
        history: bool,
        /// That it comes from the peer.
        proof: Option<DiscardProof>,
    },
    /// The peer's end answers our Discard.
    DiscardReceipt {
        /// That it is closed; absent if it never had a key.
        proof: Option<&'a [u8; 32]>,
    },
    /// An encrypted message arrived.
    Ciphertext {
        /// Its sealed bytes.
        bytes: &'a [u8],
        /// The file that came with it.
        file: Option<IncomingFile>,
        /// When, by the transport's account; `None` is now.
        date: Option<Timestamp>,
    },
    /// The server says that the peer's user has read messages: in the Telegram profile, outside of the encryption.
    Read {
        /// All that were sent until then.
        max_date: Timestamp,
        /// When, by the transport's account; `None` is now.
        date: Option<Timestamp>,
    },
    /// The server says that the peer's user is writing or busy with a medium: in the Telegram profile, outside of the
    /// encryption. It proves nothing.
    Typing,
    /// The transport has taken a transmission over: a transport fact, never called delivered. A proved Discard of the
    /// X25519 profile is not done with that: see [`Input::DiscardReceipt`].
    Carried {
        /// Which.
        id: TransmitId,
        /// When, by the transport's account; `None` is now.
        date: Option<Timestamp>,
    },
    /// The transport refused a transmission.
    Refused {
        /// Which.
        id: TransmitId,
        /// Whether trying again is pointless.
        permanent: bool,
    },
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
