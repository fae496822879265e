//! Handling of inputs.

mod arrival;
mod old;
mod opened;
mod process;
mod unopened;

use super::Chat;
use super::input::{Handled, Input};
use super::model::Cause;
use super::turn::{End, Turn};
use crate::types::env::Env;
use crate::types::error::PeerFault;

/// # World -> chat
impl Chat {
    /// Handles one input.
    ///
    /// # Errors
    /// [`PeerFault`] if the bytes are wrong. State, records and outputs are as before, and the chat stays open.
    pub fn handle(&mut self, input: Input<'_>, env: &mut Env<'_>) -> Result<Handled, PeerFault> {
        let is_answer = matches!(input, Input::Accepted { .. });
        let handled = self.try_turn(cause(&input), env, |turn| turn.take(input))?;
        if is_answer && handled == Handled::Applied { Ok(self.take_unopened(env)) } else { Ok(handled) }
    }
}

impl Turn<'_> {
    fn take(&mut self, input: Input<'_>) -> Result<End<Handled>, PeerFault> {
        match input {
            Input::Accepted { public, fingerprint } => self.accepted(public, fingerprint),
            Input::AcceptedElsewhere => Ok(self.accepted_elsewhere()),
            Input::Discarded { history, proof } => self.discarded(history.into(), proof),
            Input::DiscardReceipt { proof } => self.discard_answered(proof),
            Input::Ciphertext { bytes, file, date } => self.ciphertext(bytes, file, date),
            Input::Read { max_date, date } => Ok(self.read(max_date, date)),
            Input::Typing => Ok(self.peer_types()),
            Input::Carried { id, date } => Ok(self.carried(id, date)),
            Input::Refused { id, permanent } => Ok(self.refused(id, permanent)),
        }
    }
}

fn cause(input: &Input<'_>) -> Cause {
    match input {
        Input::Accepted { .. } => Cause::Accepted,
        Input::AcceptedElsewhere => Cause::AcceptedElsewhere,
        Input::Discarded { .. } => Cause::Discarded,
        Input::DiscardReceipt { .. } => Cause::DiscardReceipt,
        Input::Ciphertext { .. } => Cause::Ciphertext,
        Input::Read { .. } => Cause::PeerRead,
        Input::Typing => Cause::PeerTyping,
        Input::Carried { .. } => Cause::Carried,
        Input::Refused { .. } => Cause::Refused,
    }
}
