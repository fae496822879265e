//! The answers to the calls of a chat.

use std::fmt;

use secretchat::Timestamp;

use crate::tl::enums;

/// The server's answer to a [`Call`](crate::Call).
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// To an acceptance: the chat as it is now.
    Chat(enums::EncryptedChat),
    /// To a message: when the server took it.
    Sent(enums::messages::SentEncryptedMessage),
    /// To everything else.
    Done(bool),
}

impl Answer {
    /// Returns when the server took a message.
    #[must_use]
    pub fn date(&self) -> Option<Timestamp> {
        match self {
            Self::Sent(sent) => Some(Timestamp::from_telegram(sent.date())),
            Self::Chat(_) | Self::Done(_) => None,
        }
    }

    /// Returns the file as the server keeps it, in answer to a message with one. With it the same file goes into another
    /// message without a second upload.
    #[must_use]
    pub fn file(&self) -> Option<&enums::EncryptedFile> {
        match self {
            Self::Sent(enums::messages::SentEncryptedMessage::SentEncryptedFile(sent)) => Some(&sent.file),
            Self::Sent(enums::messages::SentEncryptedMessage::Message(_)) | Self::Chat(_) | Self::Done(_) => None,
        }
    }
}

/// Shows the kind of the answer, and nothing of its contents.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chat(_) => f.write_str("Chat"),
            Self::Sent(sent) => write!(f, "Sent({})", sent.date()),
            Self::Done(done) => write!(f, "Done({done})"),
        }
    }
}
