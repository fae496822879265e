//! Accepting a chat that a user asks for, or declining it.

use std::fmt;

use secretchat::{ApiMisuse, Chat, Config, Env, History, Invitation, PeerFault, StoreKey};

use crate::call::Call;
use crate::link::Link;
use crate::tl::{functions, types};

/// Accepts a chat, at the place that the request names.
pub(crate) fn accept(
    requested: &types::EncryptedChatRequested,
    config: Config,
    key: Option<StoreKey>,
    own: &[u8],
    env: &mut Env<'_>,
) -> Result<(Chat, Link), AcceptError> {
    let &types::EncryptedChatRequested { id: chat_id, access_hash, admin_id, participant_id, .. } = requested;
    let link = Link { chat_id, access_hash, admin_id, participant_id };
    let start = link.start(config, key, own).map_err(AcceptError::Misuse)?;
    let invitation = Invitation::parse(&requested.g_a, start).map_err(AcceptError::Peer)?;
    let chat = invitation.accept(env).map_err(AcceptError::Misuse)?;
    Ok((chat, link))
}

/// Returns the call that declines a chat, or ends one that this host does not know.
#[must_use]
pub fn decline(chat_id: i32, history: History) -> Call {
    Call::Discard(functions::messages::DiscardEncryption { delete_history: history.into(), chat_id })
}

/// A chat that a user asks for cannot be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AcceptError {
    /// The user's public value is wrong.
    Peer(PeerFault),
    /// The configuration or the generator is of no use.
    Misuse(ApiMisuse),
}

impl fmt::Display for AcceptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Peer(error) => error.fmt(f),
            Self::Misuse(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AcceptError {}
