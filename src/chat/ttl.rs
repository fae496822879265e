//! The chat's timer while a `SetMessageTTL` of ours is on its way (SPEC DES-1).

use super::queue::{Kind, Outgoing};
use super::state::State;
use super::turn::Turn;

impl Outgoing {
    /// The peer has acknowledged this entry: if it set the timer, both ends know that one now.
    pub(super) fn set_ttl_is_known(&self, state: &mut State) {
        if self.sets_ttl() && self.slot >= state.ttl_from {
            state.ttl_known = self.ttl;
        }
    }

    fn sets_ttl(&self) -> bool {
        self.kind == Kind::SetTtl && !self.emptied
    }
}

impl Turn<'_> {
    /// The transport refused this `SetMessageTTL` of ours, so that the peer never hears of it: the timer is that of the
    /// last one before it that the peer may still get, or else the one that both ends know.
    pub(super) fn take_back_ttl(&mut self, refused: &Outgoing) {
        let left = |entry: &&Outgoing| entry.sets_ttl() && entry.slot != refused.slot;
        let last = self.chat.outbox.iter().filter(left).last();
        let state = &mut self.state;
        state.ttl_slot = last.map(|entry| entry.slot);
        let counts = last.filter(|entry| entry.slot >= state.ttl_from);
        state.ttl = counts.map_or(state.ttl_known, |entry| entry.ttl);
    }
}
