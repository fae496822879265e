//! The recorded keys, and the exchanges that gave them.

use recordings::{Party, Recording};
use secretchat::Role;
use secretchat::hazmat::Secret;
use secretchat::hazmat::wire::{DecryptedMessage, DecryptedMessageAction};

use super::compare::action;

/// Returns the recorded keys, the first one first.
pub(crate) fn of(recording: &Recording) -> Vec<Secret<256>> {
    recording.keys.iter().map(|key| Secret::new(key.chat_key)).collect()
}

pub(crate) fn role(recording: &Recording, party: Party) -> Role {
    if party == recording.initiator { Role::Initiator } else { Role::Responder }
}

/// The action that a chat sends by itself for a step of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Accept(i64),
    Commit(i64),
}

impl Step {
    pub(crate) fn of(action: &DecryptedMessageAction<'_>) -> Option<Self> {
        match action {
            DecryptedMessageAction::AcceptKey(accept) => Some(Self::Accept(accept.exchange_id)),
            DecryptedMessageAction::CommitKey(commit) => Some(Self::Commit(commit.exchange_id)),
            _ => None,
        }
    }
}

/// Returns the exponent of the public value in a message of `us`. Exchanges that gave no key have none in the file.
pub(crate) fn exponent_of(recording: &Recording, us: Party, message: &DecryptedMessage<'_>) -> Option<Vec<u8>> {
    let public = match action(message)? {
        DecryptedMessageAction::RequestKey(request) => request.g_a,
        DecryptedMessageAction::AcceptKey(accept) => accept.g_b,
        _ => return None,
    };
    recording.exponent_of(us, public.as_slice()).map(<[u8]>::to_vec)
}
