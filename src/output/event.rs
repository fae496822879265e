//! What happened, for the host to show.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::discard::History;
use super::notice::UserAction;
use crate::message::{ContentLease, MediaLease, Message, TypingAction};
use crate::types::error::{CloseReason, RekeyFailure};
use crate::types::id::{Layer, RandomId, TransmitId};
use crate::types::names::names;
use crate::types::time::{Timestamp, Ttl};
use crate::verify::Verification;

/// Something happened. An event may repeat after a crash between it and its batch, then with the same id.
///
/// Only a chat makes events, so there is no constructor.
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
        /// Which transmission: that of [`Notice::Queued`](crate::Notice::Queued), where the call gave one.
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
        /// The timer that the peer asked for: another one if it crossed ours, or lies outside of the bounds of this end
        /// ([`Config::with_ttl_bounds`](crate::Config::with_ttl_bounds)).
        asked: Ttl,
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
        /// What it says, until the deadline, if its sender hides it ([`Draft::hidden`](crate::Draft::hidden)); `None` if the
        /// message had it.
        content: Option<Box<ContentLease>>,
        /// When it ends, on the host's clock.
        deadline: Timestamp,
    },
    /// A message has ended: destroy what is left of it, here and wherever it was copied. Once for each message.
    #[non_exhaustive]
    Expired {
        /// A message of either end.
        random_id: RandomId,
        /// The name of its file, which goes with it: the transport's ([`IncomingFile`](crate::IncomingFile)) of a message
        /// of the peer, the host's own ([`Draft::file`](crate::Draft)) of one of ours. `None` if it had none, or one of
        /// more than 1,024 bytes (SPEC LIM-3).
        file: Option<Vec<u8>>,
    },
    /// The chat could not keep this message's timer: it keeps too many, or the id is in use. The message came without the key
    /// of its medium, or without its content where the peer hides that, also if it is longer than is kept hidden. The host
    /// must delete it when it expires.
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
        /// The files that go with them, by id, named as in [`Event::Expired`]: those that the chat knows, which are
        /// of messages with a timer and of ours that the peer has not acknowledged. Of others the host alone knows the
        /// file.
        files: Vec<(RandomId, Vec<u8>)>,
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
    /// The users had compared [`Chat::check`](crate::Chat::check), and a new key has taken the place of that one. What they
    /// compared of the handshake stands; to speak for the new key, too, they compare again (SPEC VER-4).
    #[non_exhaustive]
    CheckOutdated {
        /// How many keys had followed the first one when they compared.
        compared_at: u32,
    },
    /// A key exchange failed. The chat goes on under its current key, and asks again later.
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
        25 "check_outdated" CheckOutdated,
    }
}
