//! A look at a sealed message that changes nothing, for notifications (SPEC PEEK-1 to PEEK-4).

use alloc::boxed::Box;

use super::Chat;
use super::model::{Meaning, Outbox, Phase, Timed};
use crate::message::{Outside, Preview, Received};
use crate::profile::PeerPolicy;
use crate::record::{ChatId, Records, StoreKey};
use crate::seq::Arrival;
use crate::types::error::{PeerFault, StoreError, Violation};
use crate::types::id::Position;
use crate::types::names::names;
use crate::types::secret::swept;
use crate::types::time::Timestamp;

/// The result of a look at a sealed message.
#[derive(Debug)]
#[non_exhaustive]
pub enum Peek {
    /// A message of the peer's user that these records do not know yet.
    Message(Box<Preview>),
    /// A message that was processed before. It was shown, and may have been deleted or have ended since.
    Seen,
    /// Nothing to notify about: a message of the protocol itself, an action, or a message that is not understood or
    /// breaks the protocol.
    Nothing,
    /// The message refers to more than these records contain, so they are older than the chat. Read them again.
    /// Until then you can only say that something has arrived.
    Stale,
    /// The chat has no keys: it is not accepted yet, or it is over.
    NoKeys,
}

names! {
    ref Peek {
        1 "message" Message,
        2 "seen" Seen,
        3 "nothing" Nothing,
        4 "stale" Stale,
        5 "no_keys" NoKeys,
    }
}

/// # Ask
impl Chat {
    /// Looks into an encrypted message for a notification, without processing it. Nothing changes, nothing is
    /// queued, and no randomness is drawn. The message must still be passed to [`Chat::handle`], here or in another
    /// process, and only that acknowledges it.
    ///
    /// Use a [`Peeker`] in a process that exists only for notifications.
    ///
    /// # Errors
    /// [`PeerFault`], like [`Chat::handle`]: the bytes are wrong. [`PeerFault::UnknownKey`] may also mean that the
    /// chat has a new key and these records are older.
    pub fn peek(&self, bytes: &[u8]) -> Result<Peek, PeerFault> {
        swept(|| self.look_into(bytes))
    }
}

/// A read-only chat for a process that runs beside the one that drives it, such as the notification extension of an
/// app. It needs no clock, no random numbers and no lock, and it writes nothing. Its records may be older than the
/// chat.
///
/// Read the records again for each notification, and drop the peeker after it. Records from before the last message
/// still open it, but messages that were processed since then look new ([`Preview::is_early`]). If the writer is in
/// the middle of a batch, the records read must be the state before or after that batch: use one transaction of the
/// database, or `FileStore::read` (`std`).
///
/// ```
/// # #[cfg(feature = "std")] {
/// use secretchat::store::Store;
/// use secretchat::{ChatId, Notification, Peek, Peeker, StoreKey};
///
/// /// What the notification says; `None` shows none.
/// fn notification<S: Store>(store: &S, chat: ChatId, key: &StoreKey, bytes: &[u8], sender: &str) -> Option<String> {
///     let something = || Some("New message".to_owned());
///     let Ok(Some(records)) = store.load(chat) else { return something() };
///     let Ok(peeker) = Peeker::new(&records, key) else { return something() };
///     match peeker.peek(bytes) {
///         Ok(Peek::Message(preview)) => match (&preview.content, preview.most) {
///             (Some(content), _) if content.text.is_empty() => Some(format!("{sender}: {}", content.media?)),
///             (Some(content), _) => Some(format!("{sender}: {}", content.text)),
///             (None, Notification::Nothing) => something(),
///             (None, _) => Some(format!("New message of {sender}")),
///         },
///         // It was shown before, or there is nothing to show.
///         Ok(Peek::Seen | Peek::Nothing) => None,
///         _ => something(),
///     }
/// }
/// # let _ = notification::<secretchat::store::MemoryStore>;
/// # }
/// ```
#[derive(Debug)]
pub struct Peeker(Chat);

impl Peeker {
    /// Reads a chat from its records, with the key that seals them.
    ///
    /// # Errors
    /// [`StoreError`], like [`Chat::restore`] without a checkpoint.
    pub fn new(records: &Records, store_key: &StoreKey) -> Result<Self, StoreError> {
        swept(|| {
            let mut chat = Chat::of_records(records, store_key)?;
            // A process for notifications has little memory, and peeking needs none of these.
            chat.outbox = Outbox::default();
            chat.timed = Timed::default();
            Ok(Self(chat))
        })
    }

    /// Looks into an encrypted message: see [`Chat::peek`].
    ///
    /// # Errors
    /// Same as [`Chat::peek`].
    pub fn peek(&self, bytes: &[u8]) -> Result<Peek, PeerFault> {
        self.0.peek(bytes)
    }

    /// Returns the name of the chat's records.
    #[must_use]
    pub fn id(&self) -> Option<ChatId> {
        self.0.id()
    }

    /// Returns the bytes that the host keeps in the chat: see [`Chat::host_data`].
    #[must_use]
    pub fn host_data(&self) -> &[u8] {
        self.0.host_data()
    }
}

impl Chat {
    /// Judges like [`Chat::handle`], in the same order, and stops before anything would be done.
    fn look_into(&self, bytes: &[u8]) -> Result<Peek, PeerFault> {
        let Phase::Open(keys) = &self.phase else { return Ok(Peek::NoKeys) };
        let mut opened = self.open_sealed(keys, bytes)?;
        let Ok(arrived) = opened.read(self.setup.role.peer(), self.state.asked, None, None) else {
            return Ok(Peek::Nothing);
        };
        if arrived.is_old && !self.state.allows_old(arrived.slot) {
            return Err(PeerFault::NotAuthentic);
        }
        let (arrived, is_early) = match self.state.slots.arrival(arrived.slot) {
            Arrival::Duplicate => return Ok(Peek::Seen),
            Arrival::Next => (&arrived, false),
            // The first message for a slot is the one that will be shown.
            Arrival::Early => (self.waiting.get(arrived.slot).unwrap_or(&arrived), true),
        };
        let acknowledged = match self.slots_after(self.state.slots, arrived) {
            Ok(slots) => slots.acknowledged,
            Err(Violation::InSeqAhead) => return Ok(Peek::Stale),
            Err(_) => return Ok(Peek::Nothing),
        };
        let goes_back = arrived.layer < self.state.seen_layer && self.setup.profile.policy() == PeerPolicy::Strict;
        // Nothing that a user wrote under MTProto 1.0 is shown (SPEC ENV-5).
        if goes_back || arrived.is_old {
            return Ok(Peek::Nothing);
        }
        let Ok(Meaning::Message(body)) = self.meaning_of(arrived) else { return Ok(Peek::Nothing) };
        let position = Position::new(self.setup.role.peer(), arrived.slot, acknowledged);
        let (layer, notification_cap) = (arrived.layer, self.setup.notification_cap);
        let outside = Outside { date: None, now: Timestamp::default(), position, layer, file: None, notification_cap };
        let Received { message, .. } = Received::new(body, outside, self.rules());
        Ok(Peek::Message(Box::new(Preview::new(*message, is_early))))
    }
}
