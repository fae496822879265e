//! The updates about secret chats.

use std::fmt;

use secretchat::{History, IncomingFile, Input, KeyFingerprint, Timestamp};

use crate::file_location::FileLocation;
use crate::link::Link;
use crate::tl::{enums, types};

/// An update about a secret chat. It borrows from the update that it was read from.
///
/// None of this is authenticated: only the server's word says who sent it.
#[non_exhaustive]
pub enum Incoming<'a> {
    /// A user asks for a chat: see [`TelegramChat::accept`](crate::TelegramChat::accept).
    Requested(&'a types::EncryptedChatRequested),
    /// A chat of ours has been accepted, or the server confirms an acceptance.
    Accepted(&'a types::EncryptedChat),
    /// The server knows of a request of ours, and the peer has not answered.
    Waiting(&'a types::EncryptedChatWaiting),
    /// A chat has ended.
    Discarded {
        /// The chat.
        chat_id: i32,
        /// The fate of the messages.
        history: History,
    },
    /// The server knows no such chat.
    Empty {
        /// The chat.
        chat_id: i32,
    },
    /// A message, with a file or without one.
    Message {
        /// The chat.
        chat_id: i32,
        /// The sealed message.
        bytes: &'a [u8],
        /// The file that came with it.
        file: Option<FileLocation>,
        /// When the server took it.
        date: Timestamp,
        /// The number of the update. A message of a difference has none.
        qts: Option<i32>,
    },
    /// The peer has read messages.
    Read {
        /// The chat.
        chat_id: i32,
        /// All messages until then were read.
        max_date: Timestamp,
        /// When they were read.
        date: Timestamp,
    },
    /// The peer is typing.
    Typing {
        /// The chat.
        chat_id: i32,
    },
}

impl<'a> Incoming<'a> {
    /// Reads an update, or returns `None` if it is not about a secret chat.
    #[must_use]
    pub fn of_update(update: &'a enums::Update) -> Option<Self> {
        Some(match update {
            enums::Update::Encryption(update) => Self::of_chat(&update.chat),
            // grammers makes such an update of a message of a difference, and says 0.
            enums::Update::NewEncryptedMessage(update) => {
                Self::of_message(&update.message).with_qts((update.qts != 0).then_some(update.qts))
            }
            enums::Update::EncryptedChatTyping(update) => Self::Typing { chat_id: update.chat_id },
            enums::Update::EncryptedMessagesRead(update) => Self::Read {
                chat_id: update.chat_id,
                max_date: Timestamp::from_telegram(update.max_date),
                date: Timestamp::from_telegram(update.date),
            },
            _ => return None,
        })
    }

    /// Reads a message of a difference (`new_encrypted_messages`).
    #[must_use]
    pub fn of_message(message: &'a enums::EncryptedMessage) -> Self {
        match message {
            enums::EncryptedMessage::Message(message) => Self::Message {
                chat_id: message.chat_id,
                bytes: &message.bytes,
                file: FileLocation::of(&message.file),
                date: Timestamp::from_telegram(message.date),
                qts: None,
            },
            enums::EncryptedMessage::Service(message) => Self::Message {
                chat_id: message.chat_id,
                bytes: &message.bytes,
                file: None,
                date: Timestamp::from_telegram(message.date),
                qts: None,
            },
        }
    }

    /// Reads the state of a chat.
    #[must_use]
    pub fn of_chat(chat: &'a enums::EncryptedChat) -> Self {
        match chat {
            enums::EncryptedChat::Empty(chat) => Self::Empty { chat_id: chat.id },
            enums::EncryptedChat::Waiting(chat) => Self::Waiting(chat),
            enums::EncryptedChat::Requested(chat) => Self::Requested(chat),
            enums::EncryptedChat::Chat(chat) => Self::Accepted(chat),
            enums::EncryptedChat::Discarded(chat) => {
                Self::Discarded { chat_id: chat.id, history: chat.history_deleted.into() }
            }
        }
    }

    fn with_qts(mut self, number: Option<i32>) -> Self {
        if let Self::Message { qts, .. } = &mut self {
            *qts = number;
        }
        self
    }

    /// Returns the chat.
    #[must_use]
    pub const fn chat_id(&self) -> i32 {
        match *self {
            Self::Requested(chat) => chat.id,
            Self::Accepted(chat) => chat.id,
            Self::Waiting(chat) => chat.id,
            Self::Discarded { chat_id, .. }
            | Self::Empty { chat_id }
            | Self::Message { chat_id, .. }
            | Self::Read { chat_id, .. }
            | Self::Typing { chat_id } => chat_id,
        }
    }

    /// Returns the number of the update, if it is a message with one.
    #[must_use]
    pub const fn qts(&self) -> Option<i32> {
        match *self {
            Self::Message { qts, .. } => qts,
            _ => None,
        }
    }

    /// Returns the input for the chat at `link`. Returns `None` for an update of another chat, for one whose access hash
    /// or users are not those of the chat, and for one that says nothing to a chat that exists.
    #[must_use]
    pub fn input(&self, link: &Link) -> Option<Input<'a>> {
        if self.chat_id() != link.chat_id {
            return None;
        }
        match *self {
            Self::Accepted(chat) => {
                let types::EncryptedChat { id, access_hash, admin_id, participant_id, .. } = *chat;
                let named = Link { chat_id: id, access_hash, admin_id, participant_id };
                let fingerprint = KeyFingerprint::from_long(chat.key_fingerprint);
                (named == *link).then(|| Input::accepted(&chat.g_a_or_b, fingerprint))
            }
            Self::Discarded { history, .. } => Some(Input::discarded(history, None)),
            Self::Message { bytes, file, date, .. } => {
                Some(Input::ciphertext(bytes, file.map(IncomingFile::from), Some(date)))
            }
            Self::Read { max_date, date, .. } => Some(Input::read(max_date, Some(date))),
            Self::Typing { .. } => Some(Input::Typing),
            // TDLib takes no notice of the empty form either, in a chat that exists.
            Self::Requested(_) | Self::Waiting(_) | Self::Empty { .. } => None,
        }
    }
}

/// Shows the kind of the update and the chat, and nothing of its contents.
impl fmt::Debug for Incoming<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Requested(_) => "Requested",
            Self::Accepted(_) => "Accepted",
            Self::Waiting(_) => "Waiting",
            Self::Discarded { .. } => "Discarded",
            Self::Empty { .. } => "Empty",
            Self::Message { .. } => "Message",
            Self::Read { .. } => "Read",
            Self::Typing { .. } => "Typing",
        };
        write!(f, "{name}({})", self.chat_id())
    }
}
