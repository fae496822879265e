//! The recorded exchanges of keys.

use secretchat::hazmat::wire::{DecryptedMessage, DecryptedMessageAction};

use super::compare::action;
use super::transcript::{Party, Transcript};

/// What a chat says by itself about an exchange.
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

/// The exponent of the public value in a message of `us`; exchanges that gave no key have none in the file.
pub(crate) fn exponent_of(transcript: &Transcript, us: Party, message: &DecryptedMessage<'_>) -> Option<Vec<u8>> {
    let public = match action(message)? {
        DecryptedMessageAction::RequestKey(request) => request.g_a,
        DecryptedMessageAction::AcceptKey(accept) => accept.g_b,
        _ => return None,
    };
    let halves = transcript.keys.iter().map(|key| match us {
        Party::Python => (&key.python_public, &key.python_private),
        Party::Tdlib => (&key.td_public, &key.td_private),
    });
    let significant = |value: &[u8]| value.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<_>>();
    let public = significant(public.as_slice());
    halves.into_iter().find(|(of, _)| significant(of) == public).map(|(_, private)| private.clone())
}
