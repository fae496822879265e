//! Events for the host to show.

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

/// Something that happened. After a crash between an event and its batch, the event comes again with the same id.
///
/// Only a chat makes events, so there is no constructor.
///
/// ```
#[doc = include_str!("../guide/two_ends.txt")]
/// use secretchat::Event;
///
/// /// What an app does with the events that most have to care for.
/// fn show(event: &Event) -> Option<String> {
///     match event {
///         Event::Ready { verification, .. } => Some(format!("compare: {}", verification.words().join(" "))),
///         Event::Message(message) => Some(message.content.text.clone()),
///         Event::Acknowledged { random_ids, .. } => Some(format!("{} have arrived", random_ids.len())),
///         Event::Expired { random_id, .. } => Some(format!("delete {random_id} and its file")),
///         Event::Closed { reason, .. } => Some(format!("over: {}", reason.name())),
///         _ => None,
///     }
/// }
///
/// bob.close(secretchat::History::Keep, env);
/// let shown: Vec<_> = carry(&mut bob, &mut alice, env)?.iter().filter_map(show).collect();
/// assert_eq!(shown, ["over: by_us"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// Messages can be sent. Nothing is claimed about the other end until the users have compared `verification`.
    #[non_exhaustive]
    Ready {
        /// The value for the users to compare.
        verification: Verification,
    },
    /// A message from the peer.
    Message(Box<Message>),
    /// The transport accepted one of our messages. This is **not** a receipt from the peer. After a crash it may come
    /// again.
    #[non_exhaustive]
    Sent {
        /// The transmission.
        id: TransmitId,
        /// The message.
        random_id: RandomId,
        /// The time of acceptance, as reported by the transport.
        date: Timestamp,
    },
    /// The transport refused one of our messages for good. An empty message takes its slot.
    #[non_exhaustive]
    Failed {
        /// The transmission.
        id: TransmitId,
        /// The message.
        random_id: RandomId,
    },
    /// The transport refused for good to carry a user action, so the peer will not learn of it (SPEC SEQ-8). Its
    /// effect at this end stays, except for the chat's timer, which is taken back.
    #[non_exhaustive]
    ActionFailed {
        /// The transmission: the one in [`Notice::Queued`](crate::Notice::Queued), where the call returned it.
        id: TransmitId,
        /// The action of the user. To report it again, call it again.
        action: UserAction,
    },
    /// The peer has processed messages of ours. This is proved by the peer itself.
    #[non_exhaustive]
    Acknowledged {
        /// The messages in the order they were sent, without service messages.
        random_ids: Vec<RandomId>,
    },
    /// The peer set the chat's self-destruct timer for messages from now on.
    #[non_exhaustive]
    TtlChanged {
        /// The timer in force from now on.
        ttl: Ttl,
        /// The timer that the peer asked for. It differs from `ttl` if it crossed ours, or lies outside the bounds
        /// of this end ([`Config::with_ttl_bounds`](crate::Config::with_ttl_bounds)).
        asked: Ttl,
        /// Whether the peer set it before it knew of ours, which was still in flight (SPEC DES-1).
        crossed: bool,
    },
    /// A message with a timer was opened. This event comes after its batch: the leases are lost if the process dies
    /// in between.
    #[non_exhaustive]
    Opened {
        /// The message of the peer.
        random_id: RandomId,
        /// The key of its medium until the deadline, or `None` if there is nothing to decrypt.
        lease: Option<Box<MediaLease>>,
        /// Its content until the deadline, if its sender hides it ([`Draft::hidden`](crate::Draft::hidden)). `None`
        /// if the content already came with the message.
        content: Option<Box<ContentLease>>,
        /// The end of the message, on the host's clock.
        deadline: Timestamp,
    },
    /// A message has ended. Destroy what is left of it, here and wherever it was copied. Comes once per message.
    #[non_exhaustive]
    Expired {
        /// A message of either end.
        random_id: RandomId,
        /// The name of its file, which must be deleted too. For a message of the peer it is the transport's name
        /// ([`IncomingFile`](crate::IncomingFile)), for one of ours the host's own ([`Draft::file`](crate::Draft)).
        /// `None` if there was no file, or if its name exceeded 1,024 bytes (SPEC LIM-3).
        file: Option<Vec<u8>>,
    },
    /// The chat could not keep this message's timer: it keeps too many, the id is in use, or the hidden content is
    /// too long to keep. The message came without the key of its medium, and without its content if the peer hides
    /// that. The host must delete the message when it expires.
    #[non_exhaustive]
    KeyRefused {
        /// The message of the peer.
        random_id: RandomId,
    },
    /// The peer opened or read these messages.
    #[non_exhaustive]
    ReadByPeer {
        /// Messages of ours. Ids that this end does not know are possible.
        random_ids: Vec<RandomId>,
    },
    /// The server reports that the peer's user has read messages.
    #[non_exhaustive]
    ReadUpTo {
        /// The limit: all messages sent until then were read.
        max_date: Timestamp,
        /// The time of the report.
        date: Timestamp,
    },
    /// The peer asks to delete these messages at both ends.
    #[non_exhaustive]
    Deleted {
        /// Messages of either end. Ids that this end does not know are possible.
        random_ids: Vec<RandomId>,
        /// The files of these messages by id, named as in [`Event::Expired`]. The chat knows only the files of
        /// messages with a timer, and of our messages that the peer has not acknowledged. For others, only the host
        /// knows the file.
        files: Vec<(RandomId, Vec<u8>)>,
    },
    /// The peer asks to delete all messages at both ends.
    HistoryFlushed,
    /// The peer reports a screenshot.
    #[non_exhaustive]
    Screenshot {
        /// The messages. If empty, the whole chat.
        random_ids: Vec<RandomId>,
    },
    /// The peer is typing, or stopped. In the Telegram profile the server reports only that the peer is busy, and
    /// never the end of it: official apps show it for six seconds.
    #[non_exhaustive]
    Typing {
        /// The activity of the peer.
        action: TypingAction,
    },
    /// The peer uses a newer layer.
    #[non_exhaustive]
    PeerLayer {
        /// The layer.
        layer: Layer,
    },
    /// Messages in this direction use a new key from now on (SPEC REKEY-4).
    #[non_exhaustive]
    Rekeyed {
        /// How many keys have followed the first one.
        rekeys: u32,
    },
    /// A new key has replaced the one whose [`Chat::check`](crate::Chat::check) the users had compared. Their
    /// comparison of the handshake stays valid. To cover the new key as well, they compare again (SPEC VER-4).
    #[non_exhaustive]
    CheckOutdated {
        /// How many keys had followed the first one when they compared.
        compared_at: u32,
    },
    /// A key exchange failed. The chat continues under its current key, and tries again later.
    #[non_exhaustive]
    RekeyFailed {
        /// The reason.
        reason: RekeyFailure,
    },
    /// The key has protected too many messages or is too old (SPEC REKEY-6). Comes once per key.
    RekeyOverdue,
    /// Since the chat was restored, three different messages came under keys that it does not have, and the peer
    /// has not shown that it has the same key (SPEC REC-8). Comes once per restore, from
    /// [`Chat::handle_timeout`](crate::Chat::handle_timeout).
    ///
    /// **This is a suspicion, not a proof.** The records of either end may be older than a new key, and then
    /// nothing can be read any more. But somebody may also have made these messages up, or they may be late repeats
    /// from before a new key. If the peer's user confirms by other means that nothing arrives, start a new chat.
    RollbackSuspected,
    /// The peer sent an authentic message that this version does not understand. Its slot is used up.
    Unsupported,
    /// The peer began with MTProto 1.0, because it had not read our notice yet or supports nothing newer. Comes
    /// once, in the Telegram profile. Nothing that its user wrote this way is shown: each such message is
    /// [`Event::Unsupported`] (SPEC ENV-5).
    OldProtocol,
    /// The chat is over and its keys are gone.
    #[non_exhaustive]
    Closed {
        /// The reason.
        reason: CloseReason,
        /// The fate of the messages, as the closing side asks for it. Ask the user before deleting if `set_back` is true.
        history: History,
        /// How many messages the peer had made that were not processed here. They are lost. Service messages count.
        /// `None` means unknown, not 0: the peer proved nothing, or this side closed (SPEC X25-9).
        missing: Option<u32>,
        /// Whether the peer knows of fewer messages than it had sent. It was restored from an older copy, it made
        /// this Discard before it sent them, or somebody has its key (SPEC X25-9).
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
