//! The chat's timer, which messages of both ends carry unless they say otherwise (SPEC DES-1).

use crate::chat::Chat;
use crate::chat::model::{Cause, Kind, Outgoing};
use crate::chat::turn::{End, Turn};
use crate::output::Event;
use crate::types::env::Env;
use crate::types::error::{ApiMisuse, CallError};
use crate::types::id::Role;
use crate::types::time::Ttl;
use crate::wire::{ActionSetMessageTTL, DecryptedMessageAction};

/// # App -> chat
impl Chat {
    /// Sets the self-destruct timer that messages of both sides carry from now on. Existing messages keep theirs.
    ///
    /// Both ends must know the timer, so the call is refused if the peer cannot be notified. A draft can carry its
    /// own timer instead.
    ///
    /// # Errors
    /// The errors of [`Chat::mark_read`]; [`Unavailable`](crate::Unavailable): `OutboxFull`, `SeqExhausted`,
    /// `RekeyRequired`; [`ApiMisuse::ViewOnce`] where view once is not available.
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
    /// Checks that view once is available, if the timer is view once (SPEC DES-7).
    pub(in crate::chat) fn check_view_once(&self, ttl: Ttl) -> Result<(), ApiMisuse> {
        if ttl.is_view_once() && !self.setup.view_once { Err(ApiMisuse::ViewOnce) } else { Ok(()) }
    }

    /// Returns the timer of our messages when the peer sets one. View once must be chosen by the host. Without that
    /// it becomes the shortest timer that every app honours (SPEC DES-1, DES-7). The host may have set bounds (SPEC
    /// DES-13).
    fn timer_of_chat(&self, asked: Ttl) -> Ttl {
        let ttl = if self.check_view_once(asked).is_ok() { asked } else { Ttl::SHORTEST };
        self.setup.ttl_bounds.bound(ttl)
    }

    /// Returns whether our timer wins when two cross: the initiator's does, at both ends (SPEC DES-1).
    fn own_ttl_wins(&self) -> bool {
        self.rules().initiator_timer_wins && self.setup.role == Role::Initiator
    }
}

impl Turn<'_> {
    /// Takes the timer set by a message of the peer. The acknowledged number is that of the message, if it is believed.
    pub(in crate::chat) fn take_ttl(&mut self, asked: Ttl) -> Event {
        let crossed = self.state.ttl_slot.is_some_and(|slot| self.state.slots.acknowledged <= slot);
        let ttl = self.chat.timer_of_chat(asked);
        self.state.ttl_known = ttl;
        if !(crossed && self.chat.own_ttl_wins()) {
            self.state.ttl = ttl;
            self.state.ttl_from = self.state.slots.sent;
        }
        Event::TtlChanged { ttl: self.state.ttl, asked, crossed }
    }

    /// Takes back our `SetMessageTTL` that the transport refused, because the peer will never see it. The timer
    /// becomes that of our last one before it that the peer may still receive, or otherwise the one that both ends
    /// know.
    pub(in crate::chat) fn take_back_ttl(&mut self, refused: &Outgoing) {
        let left = |entry: &&Outgoing| entry.sets_ttl() && entry.slot != refused.slot;
        let last = self.chat.outbox.iter().filter(left).last();
        let state = &mut self.state;
        state.ttl_slot = last.map(|entry| entry.slot);
        let counts = last.filter(|entry| entry.slot >= state.ttl_from);
        state.ttl = counts.map_or(state.ttl_known, |entry| entry.ttl);
    }
}
