//! Where a chat is on the server.

use std::fmt;

use secretchat::{ApiMisuse, Config, Start, StoreKey};

use crate::tl::{enums, types};
use crate::token::Fields;

/// Where a chat is on the server: its id, its access hash, and the two users. It is kept as the host data of the chat's
/// records, in front of what the host itself keeps there.
///
/// ```
/// use secretchat_grammers::Link;
///
/// let link = Link { chat_id: 17, access_hash: -5, admin_id: 1_000, participant_id: 2_000 };
/// let kept = link.with_host_data(b"my own");
/// assert_eq!(Link::read(&kept)?, (link, &b"my own"[..]));
/// # Ok::<(), secretchat_grammers::LinkError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The chat's id. It is the same at both ends.
    pub chat_id: i32,
    /// The access hash that the server wants with the id. It differs between the ends.
    pub access_hash: i64,
    /// The user who asked for the chat.
    pub admin_id: i64,
    /// The user who was asked.
    pub participant_id: i64,
}

/// The layout of the bytes. A change of the layout gets a new number.
const VERSION: u8 = 1;

impl Link {
    /// The length in bytes, without data of the host.
    pub const LEN: usize = 29;

    /// Returns the link as bytes, with the data of the host behind it.
    #[must_use]
    pub fn with_host_data(&self, own: &[u8]) -> Vec<u8> {
        let Self { chat_id, access_hash, admin_id, participant_id } = self;
        let mut bytes = Vec::with_capacity(Self::LEN + own.len());
        bytes.push(VERSION);
        bytes.extend(chat_id.to_le_bytes());
        for long in [access_hash, admin_id, participant_id] {
            bytes.extend(long.to_le_bytes());
        }
        bytes.extend(own);
        bytes
    }

    /// Reads a link and the data of the host behind it.
    ///
    /// # Errors
    /// [`LinkError`] if the bytes are too short or of an unknown version.
    pub fn read(host_data: &[u8]) -> Result<(Self, &[u8]), LinkError> {
        Self::fields(host_data).ok_or(LinkError)
    }

    fn fields(host_data: &[u8]) -> Option<(Self, &[u8])> {
        let mut from = Fields(host_data);
        from.version(VERSION)?;
        let (chat_id, access_hash) = (from.i32()?, from.i64()?);
        let (admin_id, participant_id) = (from.i64()?, from.i64()?);
        Some((Self { chat_id, access_hash, admin_id, participant_id }, from.0))
    }

    /// Begins a chat at this place, with the link and the data of the host in its records.
    pub(crate) fn start(&self, config: Config, store: Option<StoreKey>, own: &[u8]) -> Result<Start, ApiMisuse> {
        let config = config.with_host_data(self.with_host_data(own))?;
        Ok(match store {
            Some(key) => config.with_store(key),
            None => config.into(),
        })
    }

    /// Returns the chat as calls name it.
    #[must_use]
    pub fn input(&self) -> enums::InputEncryptedChat {
        enums::InputEncryptedChat::Chat(types::InputEncryptedChat {
            chat_id: self.chat_id,
            access_hash: self.access_hash,
        })
    }

    /// Returns the link of a chat that the server describes, or `None` for a description without one.
    #[must_use]
    pub fn of(chat: &enums::EncryptedChat) -> Option<Self> {
        use enums::EncryptedChat::{Chat, Discarded, Empty, Requested, Waiting};
        let (chat_id, access_hash, admin_id, participant_id) = match chat {
            Waiting(chat) => (chat.id, chat.access_hash, chat.admin_id, chat.participant_id),
            Requested(chat) => (chat.id, chat.access_hash, chat.admin_id, chat.participant_id),
            Chat(chat) => (chat.id, chat.access_hash, chat.admin_id, chat.participant_id),
            Empty(_) | Discarded(_) => return None,
        };
        Some(Self { chat_id, access_hash, admin_id, participant_id })
    }
}

/// The host data of a chat are not those of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkError;

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the chat's host data do not begin with its id and access hash")
    }
}

impl std::error::Error for LinkError {}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: Link = Link { chat_id: -2, access_hash: i64::MIN, admin_id: 3, participant_id: i64::MAX };

    #[test]
    fn a_link_survives_its_bytes_and_nothing_shorter_does() {
        let bytes = LINK.with_host_data(b"");
        assert_eq!(bytes.len(), Link::LEN);
        assert_eq!(bytes[..5], [1, 0xfe, 0xff, 0xff, 0xff]);
        assert_eq!(Link::read(&bytes), Ok((LINK, &[][..])));
        for len in 0..Link::LEN {
            assert_eq!(Link::read(&bytes[..len]), Err(LinkError), "{len} bytes");
        }
    }

    #[test]
    fn another_version_is_refused() {
        let mut bytes = LINK.with_host_data(b"x");
        bytes[0] = 2;
        assert_eq!(Link::read(&bytes), Err(LinkError));
    }
}
