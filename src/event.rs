//! What a chat asks its host to do and tells it.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::message::{MediaLease, Message, TypingAction};
use crate::record::Batch;
use crate::types::error::{CloseReason, RekeyFailure, Unavailable};
use crate::types::id::{KeyFingerprint, Layer, RandomId, TransmitId};
use crate::types::names::names;
use crate::types::time::{Timestamp, Ttl};
use crate::verify::Verification;

/// One thing for the host to do, in the order of causes (SPEC OUT-2).
///
/// Each call of the chat adds at most one group: news, then one batch, then transmissions. **Asking for the next output
/// says that the batch is durable.**
#[derive(Debug)]
#[non_exhaustive]
pub enum Output {
    /// Something happened.
    Event(Event),
    /// Write this before asking for the next output. If it cannot be written, drop the chat and restore it.
    Persist(Batch),
    /// Carry this to the peer, any number of times.
    Transmit(Transmit),
}

names! {
    ref Output {
        1 "event" Event,
        2 "persist" Persist,
        3 "transmit" Transmit,
    }
}

/// Something happened. An event may repeat after a crash between it and its batch, then with the same id.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// Messages can be sent. Nothing is claimed about who is at the other end until the users have compared this.
    #[non_exhaustive]
    Ready {
        /// What the users compare.
        verification: Verification,
    },
    /// A message from the peer.
    Message(Box<Message>),
    /// The transport accepted a message of ours: a transport fact, **not** a receipt of the peer.
    #[non_exhaustive]
    Sent {
        /// The transmission.
        id: TransmitId,
        /// The message.
        random_id: RandomId,
        /// When, by the transport's account.
        date: Timestamp,
    },
    /// The transport refused a message of ours for good; an empty one takes its slot.
    #[non_exhaustive]
    Failed {
        /// The transmission.
        id: TransmitId,
        /// The message.
        random_id: RandomId,
    },
    /// The transport refused for good to carry what the user did, and the peer will not hear of it (SPEC SEQ-8). What it did
    /// at this end stays, but for the timer of the chat: that one is what both ends know.
    #[non_exhaustive]
    ActionFailed {
        /// Which transmission: that of [`Notice::Queued`], where the call gave one.
        id: TransmitId,
        /// What the user did. To say it again, call it again.
        action: UserAction,
    },
    /// The peer has processed messages of ours: proved by the peer itself.
    #[non_exhaustive]
    Acknowledged {
        /// Those messages, in the order they were sent; service messages are not named.
        random_ids: Vec<RandomId>,
    },
    /// The peer set the chat's self-destruct timer for messages from now on.
    #[non_exhaustive]
    TtlChanged {
        /// The timer that holds now.
        ttl: Ttl,
        /// Whether the peer set it without knowing of ours, which was on its way (SPEC DES-1).
        crossed: bool,
    },
    /// A message with a timer was opened. Follows its batch: what it lends is lost if the process dies in between.
    #[non_exhaustive]
    Opened {
        /// The message of the peer.
        random_id: RandomId,
        /// The key of its medium, until the deadline; `None` if there is nothing to decrypt.
        lease: Option<Box<MediaLease>>,
        /// When it ends, on the host's clock.
        deadline: Timestamp,
    },
    /// A message has ended: destroy what is left of it, here and wherever it was copied. Once for each message.
    #[non_exhaustive]
    Expired {
        /// A message of either end.
        random_id: RandomId,
    },
    /// The chat could not keep this message's timer: it keeps too many, or the id is in use. The message came without the key
    /// of its medium, and the host must delete it when it expires.
    #[non_exhaustive]
    KeyRefused {
        /// The message of the peer.
        random_id: RandomId,
    },
    /// The peer opened or read these.
    #[non_exhaustive]
    ReadByPeer {
        /// Messages of ours; unknown ids are possible.
        random_ids: Vec<RandomId>,
    },
    /// The peer's user has read messages, by the server's word.
    #[non_exhaustive]
    ReadUpTo {
        /// All that were sent until then.
        max_date: Timestamp,
        /// When.
        date: Timestamp,
    },
    /// The peer asks to delete these at both ends.
    #[non_exhaustive]
    Deleted {
        /// Messages of either end; unknown ids are possible.
        random_ids: Vec<RandomId>,
    },
    /// The peer asks to delete all messages at both ends.
    HistoryFlushed,
    /// The peer reports a screenshot.
    #[non_exhaustive]
    Screenshot {
        /// The messages; empty means the whole chat.
        random_ids: Vec<RandomId>,
    },
    /// The peer is typing, or stopped. In the Telegram profile the server says so, and only that it is busy: the end of it
    /// is not told, official apps show it for six seconds.
    #[non_exhaustive]
    Typing {
        /// What it is doing.
        action: TypingAction,
    },
    /// The peer speaks a newer layer.
    #[non_exhaustive]
    PeerLayer {
        /// The layer.
        layer: Layer,
    },
    /// Messages are under a new key from now on, in this direction (SPEC REKEY-4).
    #[non_exhaustive]
    Rekeyed {
        /// How many keys have followed the first one.
        rekeys: u32,
    },
    /// An exchange of keys gave none. The chat goes on under its current key, and asks again later.
    #[non_exhaustive]
    RekeyFailed {
        /// Why.
        reason: RekeyFailure,
    },
    /// The key has served too many messages or too long (SPEC REKEY-6): once for each key.
    RekeyOverdue,
    /// Since the chat was restored, three different messages came under keys that it does not have, and the peer has shown
    /// no sign of having the same one (SPEC REC-8). Once for each restore, by [`Chat::handle_timeout`](crate::Chat::handle_timeout).
    ///
    /// **A suspicion, no proof**: the records of either end may be from before a new key, so that nothing will ever be
    /// read any more; or somebody made these messages up, or they are late repeats from before a new key. What helps is a new chat, if the peer's user confirms on another
    /// way that nothing arrives.
    RollbackSuspected,
    /// The peer sent something authentic that this version does not understand; its slot is used.
    Unsupported,
    /// The peer began under MTProto 1.0, before it read our notice or since it knows nothing newer: told once, in the
    /// Telegram profile. Nothing that its user wrote so is shown: each such message is [`Event::Unsupported`] (SPEC ENV-5).
    OldProtocol,
    /// The chat is over and its keys are gone.
    #[non_exhaustive]
    Closed {
        /// Why.
        reason: CloseReason,
        /// What the closing side asks for. Ask the user before deleting if the peer was `set_back`.
        history: History,
        /// How many messages the peer had made that were not processed here: they are lost. Service messages count, too.
        /// `None` is unknown, which is not 0: the peer proved nothing, or this side closed (SPEC X25-9).
        missing: Option<u32>,
        /// The peer knows less than it had sent: it was restored from an older copy, this is a Discard that it made before
        /// it was, or somebody has its key (SPEC X25-9).
        set_back: bool,
    },
}

names! {
    ref Event {
        1 "ready" Ready,
        2 "message" Message,
        3 "sent" Sent,
        4 "failed" Failed,
        5 "action_failed" ActionFailed,
        6 "acknowledged" Acknowledged,
        7 "ttl_changed" TtlChanged,
        8 "opened" Opened,
        9 "expired" Expired,
        10 "key_refused" KeyRefused,
        11 "read_by_peer" ReadByPeer,
        12 "read_up_to" ReadUpTo,
        13 "deleted" Deleted,
        14 "history_flushed" HistoryFlushed,
        15 "screenshot" Screenshot,
        16 "typing" Typing,
        17 "peer_layer" PeerLayer,
        18 "rekeyed" Rekeyed,
        19 "rekey_failed" RekeyFailed,
        20 "rekey_overdue" RekeyOverdue,
        21 "rollback_suspected" RollbackSuspected,
        22 "unsupported" Unsupported,
        23 "old_protocol" OldProtocol,
        24 "closed" Closed,
    }
}

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

/// What the user does that the peer is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserAction {
    /// [`Chat::mark_read`](crate::Chat::mark_read), or the first [`Chat::open_view`](crate::Chat::open_view) of a message.
    MarkRead,
    /// [`Chat::delete`](crate::Chat::delete).
    Delete,
    /// [`Chat::flush_history`](crate::Chat::flush_history).
    FlushHistory,
    /// [`Chat::report_screenshot`](crate::Chat::report_screenshot).
    ReportScreenshot,
    /// [`Chat::set_ttl`](crate::Chat::set_ttl).
    SetTtl {
        /// The timer that was set.
        ttl: Ttl,
    },
}

names! {
    copy UserAction {
        1 "mark_read" MarkRead,
        2 "delete" Delete,
        3 "flush_history" FlushHistory,
        4 "report_screenshot" ReportScreenshot,
        5 "set_ttl" SetTtl,
    }
}

/// Whether the peer is told of something that is done at this end already.
///
/// What protects is never refused because of a limit: it is done here at once, and if the peer cannot be told of it now,
/// this says so (SPEC LIM-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// What tells it is queued, under this name.
    Queued(TransmitId),
    /// There is nothing to tell.
    Nothing,
    /// A limit keeps the peer from being told: the outbox is full, the key has served too long, or all slots are used up.
    /// **Call again when it is lifted**, with the same ids: nothing is done twice.
    LeftOut(Unavailable),
}

names! {
    copy Notice {
        1 "queued" Queued,
        2 "nothing" Nothing,
        3 "left_out" LeftOut,
    }
}

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

/// What is to be carried.
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
