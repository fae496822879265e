//! A look at a sealed message that changes nothing: for notifications (SPEC PEEK-1 to PEEK-4).

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

/// What a look at a sealed message shows.
#[derive(Debug)]
#[non_exhaustive]
pub enum Peek {
    /// A message of the peer's user that these records have not been told of.
    Message(Box<Preview>),
    /// A message that was taken in before: it was shown, and may be deleted or have ended since.
    Seen,
    /// Nothing to notify of: the protocol's own, an action, something that is not understood, or that breaks the protocol.
    Nothing,
    /// The message knows of more than these records: they are older than the chat. Read them again; until then no more can
    /// be said than that something has arrived.
    Stale,
    /// The chat has no keys: it was not accepted yet, or it is over.
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
    /// Looks into an encrypted message for a notification, without taking it in: nothing changes, nothing is queued and
    /// nothing drawn. The message is to be given to [`Chat::handle`] all the same, here or in another process, and is
    /// acknowledged only by that.
    ///
    /// A process that is there for notifications alone uses a [`Peeker`].
    ///
    /// # Errors
    /// [`PeerFault`], as [`Chat::handle`]: the bytes are wrong. [`PeerFault::UnknownKey`] may also mean that the chat
    /// has a new key and these records are older.
    pub fn peek(&self, bytes: &[u8]) -> Result<Peek, PeerFault> {
        swept(|| self.look_into(bytes))
    }
}

/// A chat that can be looked at and not driven, for a process beside the one that drives it, as the notification extension
/// of an app. It needs no clock, no random numbers and no lock, writes nothing, and may be made from records that are
/// older than the chat.
///
/// Read the records anew for each notification, and drop the peeker after it. Records from before the last message still
/// open it, but what was taken in since looks new ([`Preview::is_early`]). What was read of a database while its writer is
/// in the middle of a batch must be the state before or after it: one transaction of the database, or
/// `FileStore::read` (`std`).
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
    /// Reads a chat from its records, with the key that they are sealed under.
    ///
    /// # Errors
    /// [`StoreError`], as [`Chat::restore`] without a checkpoint.
    pub fn new(records: &Records, store_key: &StoreKey) -> Result<Self, StoreError> {
        swept(|| {
            let mut chat = Chat::of_records(records, store_key)?;
            // A process for notifications has little memory, and no look needs these.
            chat.outbox = Outbox::default();
            chat.timed = Timed::default();
            Ok(Self(chat))
        })
    }

    /// Looks into an encrypted message: see [`Chat::peek`].
    ///
    /// # Errors
    /// As [`Chat::peek`].
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
    /// Judges as [`Chat::handle`] does, in the same order, and stops where something would be done.
    fn look_into(&self, bytes: &[u8]) -> Result<Peek, PeerFault> {
        let Phase::Open(keys) = &self.phase else { return Ok(Peek::NoKeys) };
        let mut buffers = Default::default();
        let opened = self.open_sealed(keys, bytes, &mut buffers)?;
        let Ok(arrived) = opened.read(self.setup.role.peer(), self.state.asked, None, None) else {
            return Ok(Peek::Nothing);
        };
        if arrived.is_old && !self.state.allows_old(arrived.slot) {
            return Err(PeerFault::NotAuthentic);
        }
        let (arrived, is_early) = match self.state.slots.arrival(arrived.slot) {
            Arrival::Duplicate => return Ok(Peek::Seen),
            Arrival::Next => (&arrived, false),
            // What came first for its slot is what will be shown.
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
        let Received { message, .. } = Received::new(*body, outside, self.rules());
        Ok(Peek::Message(Box::new(Preview::new(message, is_early))))
    }
}
