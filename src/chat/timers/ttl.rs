//! The chat's timer: what messages of both ends carry unless they say otherwise (SPEC DES-1).

use crate::chat::Chat;
use crate::chat::model::{Cause, Kind, Outgoing};
use crate::chat::turn::{End, Turn};
use crate::output::Event;
use crate::types::env::Env;
use crate::types::error::{ApiMisuse, CallError};
use crate::types::id::{Role, SeqNo};
use crate::types::time::Ttl;
use crate::wire::{ActionSetMessageTTL, DecryptedMessageAction};

/// # App -> chat
impl Chat {
    /// Sets the self-destruct timer that messages of both sides carry from now on; those that exist keep theirs.
    ///
    /// Both ends must know it, so it is refused where the peer cannot be told; a draft can carry its own timer.
    ///
    /// # Errors
    /// As [`Chat::mark_read`]; [`Unavailable`](crate::Unavailable): `OutboxFull`, `SeqExhausted`, `RekeyRequired`;
    /// [`ApiMisuse::ViewOnce`] where it is not offered.
    pub fn set_ttl(&mut self, ttl: Ttl, env: &mut Env<'_>) -> Result<(), CallError> {
        let action = DecryptedMessageAction::SetMessageTTL(ActionSetMessageTTL { ttl_seconds: ttl.to_wire() });
        self.try_turn(Cause::SetTtl, env, |turn| {
            turn.chat.check_view_once(ttl)?;
            turn.say(&action, Kind::SetTtl)?;
            // The action has just been queued.
            turn.state.ttl_slot = turn.state.slots.sent.previous();
            turn.state.ttl = ttl;
            Ok(End::Commit(()))
        })
    }
}

impl Chat {
    /// Checks that view once is offered, if it is one (SPEC DES-7).
    pub(in crate::chat) fn check_view_once(&self, ttl: Ttl) -> Result<(), ApiMisuse> {
        if ttl.is_view_once() && !self.setup.view_once { Err(ApiMisuse::ViewOnce) } else { Ok(()) }
    }

    /// Returns the timer of our messages where the peer sets one. View once has to be chosen by the host: without that it
    /// is the shortest one that every app honours (SPEC DES-1, DES-7). The host may have set bounds (SPEC DES-13).
    fn timer_of_chat(&self, asked: Ttl) -> Ttl {
        let ttl = if self.check_view_once(asked).is_ok() { asked } else { Ttl::SHORTEST };
        self.setup.ttl_bounds.bound(ttl)
    }

    /// Returns whether our timer holds where two cross: the initiator's does, at both ends (SPEC DES-1).
    fn own_ttl_wins(&self) -> bool {
        self.rules().initiator_timer_wins && self.setup.role == Role::Initiator
    }
}

impl Turn<'_> {
    /// Takes the timer that a message of the peer sets, which has processed ours before `in_seq_no`.
    pub(in crate::chat) fn take_ttl(&mut self, asked: Ttl, in_seq_no: SeqNo) -> Event {
        let crossed = self.state.ttl_slot.is_some_and(|slot| in_seq_no <= slot);
        let ttl = self.chat.timer_of_chat(asked);
        self.state.ttl_known = ttl;
        if !(crossed && self.chat.own_ttl_wins()) {
            self.state.ttl = ttl;
            self.state.ttl_from = self.state.slots.sent;
        }
        Event::TtlChanged { ttl: self.state.ttl, asked, crossed }
    }

    /// Takes back a `SetMessageTTL` of ours that the transport refused, so that the peer never hears of it: the timer
    /// is that of the last one before it that the peer may still get, or else the one that both ends know.
    pub(in crate::chat) fn take_back_ttl(&mut self, refused: &Outgoing) {
        let left = |entry: &&Outgoing| entry.sets_ttl() && entry.slot != refused.slot;
        let last = self.chat.outbox.iter().filter(left).last();
        let state = &mut self.state;
        state.ttl_slot = last.map(|entry| entry.slot);
        let counts = last.filter(|entry| entry.slot >= state.ttl_from);
        state.ttl = counts.map_or(state.ttl_known, |entry| entry.ttl);
    }
}
