//! Acknowledgements: ours of the peer's messages, and the peer's of ours (SPEC DRV-2).

use alloc::vec;

use crate::chat::Chat;
use crate::chat::model::{Cause, Kind};
use crate::chat::turn::{End, Turn};
use crate::output::Event;
use crate::types::env::Env;
use crate::types::error::CallError;
use crate::types::id::SeqNo;
use crate::wire::DecryptedMessageAction;

/// # Ask
impl Chat {
    /// Returns whether a message of the peer was processed since our last message, so that [`Chat::acknowledge`]
    /// would send something.
    #[must_use]
    pub fn owes_acknowledgement(&self) -> bool {
        self.ready_keys().is_ok() && self.state.owes_acknowledgement
    }
}

/// # App -> chat
impl Chat {
    /// Sends one Noop if anything was processed since our last message, so that the peer can forget what it keeps.
    /// While the transport has not accepted an earlier Noop, this one waits and [`Chat::owes_acknowledgement`]
    /// stays true.
    ///
    /// # Errors
    /// [`Unavailable`](crate::Unavailable): `OutboxFull`, `SeqExhausted`; [`ApiMisuse`](crate::ApiMisuse):
    /// `UnusableRng`. A chat that is closed or not ready has nothing to acknowledge.
    pub fn acknowledge(&mut self, env: &mut Env<'_>) -> Result<(), CallError> {
        self.try_turn(Cause::Acknowledge, env, |turn| {
            if !turn.chat.owes_acknowledgement() || turn.chat.outbox.tally().uncarried_noops > 0 {
                return Ok(End::Pass(()));
            }
            turn.queue_service(&DecryptedMessageAction::Noop, Kind::Protocol).map(End::Commit)
        })
    }
}

impl Turn<'_> {
    /// Reports what this message of the peer acknowledges. It also proves that the transport accepted those
    /// messages.
    pub(in crate::chat) fn acknowledgement_news(&mut self, before: SeqNo) {
        let mut random_ids = vec![];
        for entry in self.chat.outbox.between(before, self.state.slots.acknowledged) {
            entry.set_ttl_is_known(self.state);
            if entry.kind != Kind::Written {
                continue;
            }
            if !entry.told {
                self.group.tell(Event::Sent { id: entry.id(), random_id: entry.random_id, date: self.now });
                // The time at which the transport accepted it is unknown, but it was not before sealing.
                if let Some(sealed_at) = self.timed.get(entry.random_id).map(|message| message.date) {
                    self.timed.note_carried(entry.random_id, sealed_at);
                }
            }
            random_ids.push(entry.random_id);
        }
        if !random_ids.is_empty() {
            self.group.tell(Event::Acknowledged { random_ids });
        }
    }
}
