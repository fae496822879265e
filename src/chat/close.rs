//! How a chat ends: by us, by a proved Discard of the peer, by the peer's violation (SPEC CLOSE-1 to CLOSE-4).

use super::Chat;
use super::group::Change;
use super::input::Handled;
use super::state::{PendingDiscard, Phase, State, Tombstone};
use crate::env::Env;
use crate::error::{CloseReason, PeerFault, Violation};
use crate::event::Event;
use crate::id::Role;

impl Chat {
    /// Ends the chat: keys are wiped at once, the peer is told. `history` asks it to delete the history too.
    ///
    /// A closed chat stays closed, and closing it again does nothing.
    pub fn close(&mut self, history: bool, env: &mut Env<'_>) {
        let discard = match &self.phase {
            Phase::Closed(_) => return,
            Phase::Requested(_) => PendingDiscard { history, proof: None },
            Phase::Open(_) => self.proved_discard(history),
        };
        self.end(CloseReason::ByUs, history, Some(discard), self.state_now(env), env);
    }

    /// What an authentic message of the peer did wrong ends the chat, and the peer is told.
    pub(super) fn close_for(&mut self, violation: Violation, state: State, env: &mut Env<'_>) -> Handled {
        let reason = match violation {
            // Older records know less of what was sent than the peer does.
            Violation::InSeqAhead if self.unproved_restore => CloseReason::RolledBack,
            _ => CloseReason::Violation(violation),
        };
        let discard = self.proved_discard(false);
        self.end(reason, false, Some(discard), state, env);
        Handled::ChatClosed
    }

    /// A Discard arrived. With keys it must be proved; without, there is only a request to lose.
    pub(super) fn discarded(
        &mut self,
        history: bool,
        proof: Option<&[u8; 32]>,
        env: &mut Env<'_>,
    ) -> Result<Handled, PeerFault> {
        let reason = match &self.phase {
            Phase::Closed(_) => return Ok(self.ignore(env)),
            Phase::Requested(_) if self.setup.profile.awaits_sign() => CloseReason::Unproved,
            Phase::Requested(_) => CloseReason::ByServerOrPeer,
            Phase::Open(keys) => keys.check_discard(self.setup.role.peer(), history, proof)?,
        };
        self.end(reason, history, None, self.state_now(env), env);
        Ok(Handled::ChatClosed)
    }

    /// Another device of this user accepted: a quiet end, of which nobody need be told.
    pub(super) fn accepted_elsewhere(&mut self, env: &mut Env<'_>) -> Handled {
        let ours = matches!(&self.phase, Phase::Open(_)) && self.setup.role == Role::Responder;
        if !ours || self.setup.profile.awaits_sign() {
            return self.ignore(env);
        }
        self.end(CloseReason::AcceptedElsewhere, false, None, self.state_now(env), env);
        Handled::ChatClosed
    }

    /// The answer to a request is wrong and cannot have come from anybody but the server: there is no other answer.
    pub(super) fn refuse_answer(&mut self, env: &mut Env<'_>) -> Handled {
        let discard = PendingDiscard { history: false, proof: None };
        self.end(CloseReason::BadAnswer, false, Some(discard), self.state_now(env), env);
        Handled::ChatClosed
    }

    /// The transport has taken over our Discard, so nothing is left to do or to keep.
    pub(super) fn discard_carried(&mut self, env: &mut Env<'_>) -> Handled {
        match &mut self.phase {
            Phase::Closed(tombstone) if tombstone.discard.is_some() => {
                let tombstone = Tombstone { discard: None, ..*tombstone };
                let mut change = Change::of(self.state_now(env));
                change.phase = Some(Phase::Closed(tombstone));
                self.apply(change, env.rng);
                Handled::Applied
            }
            _ => self.ignore(env),
        }
    }

    fn proved_discard(&self, history: bool) -> PendingDiscard {
        let proof = self.keys().and_then(|keys| keys.prove_discard(self.setup.role, history));
        PendingDiscard { history, proof }
    }

    fn end(
        &mut self,
        reason: CloseReason,
        history: bool,
        discard: Option<PendingDiscard>,
        state: State,
        env: &mut Env<'_>,
    ) {
        let mut change = Change::of(state);
        change.phase = Some(Phase::Closed(Tombstone { reason, history, discard }));
        change.news.push(Event::Closed { reason, history });
        change.transmits.extend(discard.map(PendingDiscard::transmit));
        self.apply(change, env.rng);
    }
}
