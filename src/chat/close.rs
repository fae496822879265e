//! How a chat ends: by us, by a Discard of the peer, by the peer's violation (SPEC CLOSE-1 to CLOSE-4, X25-6 to X25-11).

use subtle::{Choice, ConstantTimeEq};

use super::Chat;
use super::group::Change;
use super::input::Handled;
use super::keys::{Keys, MAX_LIVE_KEYS};
use super::state::{PendingDiscard, Phase, State, Tombstone, Until};
use crate::crypto::schedule::DiscardKey;
use crate::env::Env;
use crate::error::{CloseReason, PeerFault, Violation};
use crate::event::{DiscardProof, Event};
use crate::id::{Role, SeqNo};
use crate::secret::swept;
use crate::time::Elapsed;

/// # App -> chat
impl Chat {
    /// Ends the chat: keys are wiped at once, the peer is told. `history` asks it to delete the history too.
    ///
    /// A closed chat stays closed, and closing it again does nothing.
    pub fn close(&mut self, history: bool, env: &mut Env<'_>) {
        swept(|| self.close_unswept(history, env));
    }

    fn close_unswept(&mut self, history: bool, env: &mut Env<'_>) {
        if !matches!(self.phase, Phase::Closed(_)) {
            let change = Change::of(self.state_now(env));
            self.end_ourselves(CloseReason::ByUs, history, &change, env);
        }
    }
}

/// # Ask
impl Chat {
    /// Returns what the answer to a Discard of the peer carries: that this end is closed. `None` while the chat is open,
    /// without a key, and in the Telegram profile (SPEC X25-11).
    #[must_use]
    pub fn discard_receipt(&self) -> Option<[u8; 32]> {
        match &self.phase {
            Phase::Closed(tombstone) => tombstone.receipt,
            Phase::Requested(_) | Phase::Open(_) => None,
        }
    }
}

impl Chat {
    /// What an authentic message of the peer did wrong ends the chat, and the peer is told.
    pub(super) fn close_for(&mut self, violation: Violation, change: &Change, env: &mut Env<'_>) -> Handled {
        let reason = match violation {
            // Older records know less of what was sent than the peer does.
            Violation::InSeqAhead if self.unproved_restore => CloseReason::RolledBack,
            _ => CloseReason::Violation(violation),
        };
        self.end_ourselves(reason, false, change, env);
        Handled::ChatClosed
    }

    /// A Discard arrived. With keys it must be proved; without, there is only a request to lose.
    pub(super) fn discarded(
        &mut self,
        history: bool,
        proof: Option<DiscardProof>,
        env: &mut Env<'_>,
    ) -> Result<Handled, PeerFault> {
        let ending = match &self.phase {
            Phase::Closed(_) => return Ok(self.ignore(env)),
            _ if !self.rules().discards_are_proved => Ending::unproved(CloseReason::ByServerOrPeer),
            Phase::Requested(_) => Ending::unproved(CloseReason::Unproved),
            Phase::Open(keys) => match proof {
                Some(proof) => self.proved_ending(keys, history, proof)?,
                None if self.state.confirmed => return Err(PeerFault::NotAuthentic),
                None => return Ok(self.note_discard(env)),
            },
        };
        let change = Change::of(self.state_now(env));
        let receipt = self.keys().and_then(Keys::own_discard).map(DiscardKey::receipt);
        self.end(ending, Tombstone { reason: ending.reason, history, receipt, discard: None }, change.state, env);
        Ok(Handled::ChatClosed)
    }

    /// The peer's end answered our Discard (SPEC X25-11).
    pub(super) fn discard_answered(
        &mut self,
        proof: Option<&[u8; 32]>,
        env: &mut Env<'_>,
    ) -> Result<Handled, PeerFault> {
        let Phase::Closed(Tombstone { discard: Some(PendingDiscard { until, .. }), .. }) = &self.phase else {
            return Ok(self.ignore(env));
        };
        match (until, proof) {
            (Until::Taken, _) => Ok(self.discard_done(env)),
            (Until::Closed(_), None) => Ok(self.ignore(env)),
            (Until::Closed(receipts), Some(proof)) => {
                let each = receipts.iter().flatten().map(|receipt| receipt.ct_eq(proof));
                if bool::from(each.fold(Choice::from(0), |any, this| any | this)) {
                    Ok(self.discard_done(env))
                } else {
                    Err(PeerFault::NotAuthentic)
                }
            }
        }
    }

    /// The transport has taken over our Discard. Where the peer can prove that it is closed, that is not enough.
    pub(super) fn discard_carried(&mut self, env: &mut Env<'_>) -> Handled {
        match &self.phase {
            Phase::Closed(Tombstone { discard: Some(PendingDiscard { until: Until::Taken, .. }), .. }) => {
                self.discard_done(env)
            }
            _ => self.ignore(env),
        }
    }

    /// When a Discard that nobody proved ends the chat, if nothing authentic comes before (SPEC X25-10).
    pub(super) fn noted_discard_deadline(&self) -> Option<Elapsed> {
        let patience = u64::from(self.setup.limits.discard_patience).saturating_mul(1000);
        self.state.discard_noted.map(|noted| noted.after(patience))
    }

    /// Ends the chat for the Discard that was noted.
    pub(super) fn end_as_noted(&mut self, state: State, env: &mut Env<'_>) {
        self.end_ourselves(CloseReason::Unproved, false, &Change::of(state), env);
    }

    /// Another device of this user accepted: a quiet end, of which nobody need be told.
    pub(super) fn accepted_elsewhere(&mut self, env: &mut Env<'_>) -> Handled {
        let ours = matches!(&self.phase, Phase::Open(_)) && self.setup.role == Role::Responder;
        if !ours || !self.rules().other_devices {
            return self.ignore(env);
        }
        let reason = CloseReason::AcceptedElsewhere;
        let tombstone = Tombstone { reason, history: false, receipt: None, discard: None };
        self.end(Ending::unproved(reason), tombstone, self.state_now(env), env);
        Handled::ChatClosed
    }

    /// The answer to a request is wrong and cannot have come from anybody but the server: there is no other answer.
    pub(super) fn refuse_answer(&mut self, env: &mut Env<'_>) -> Handled {
        let change = Change::of(self.state_now(env));
        self.end_ourselves(CloseReason::BadAnswer, false, &change, env);
        Handled::ChatClosed
    }

    /// Compares with every key that the peer may have, all of them, then counts what is missing (SPEC X25-9).
    fn proved_ending(&self, keys: &Keys, history: bool, proof: DiscardProof) -> Result<Ending, PeerFault> {
        let DiscardProof { sent, mac } = proof;
        let fitting = keys.peer_discards().filter(|key| key.check(history, sent, &mac).is_ok()).count();
        let sent = SeqNo::new(sent).filter(|_| fitting > 0).ok_or(PeerFault::NotAuthentic)?;
        let received = self.state.counters.received;
        let beyond = self.waiting.first_from(sent).is_some();
        Ok(Ending {
            reason: CloseReason::ByPeer,
            missing: Some(sent.get().saturating_sub(received.get())),
            set_back: sent < received || beyond,
        })
    }

    /// An initiator that closed before it had a key cannot prove it; neither can anybody else who says so.
    fn note_discard(&mut self, env: &mut Env<'_>) -> Handled {
        let mut change = Change::of(self.state_now(env));
        if change.state.discard_noted.is_some() {
            self.state = change.state;
            return Handled::Duplicate;
        }
        change.state.discard_noted = Some(change.state.clock.elapsed());
        self.apply(change, env.rng);
        Handled::Applied
    }

    /// Ends the chat and tells the peer, with a proof under the root that is current as the change leaves it.
    fn end_ourselves(&mut self, reason: CloseReason, history: bool, change: &Change, env: &mut Env<'_>) {
        let state = change.state;
        let keys = change.keys(self);
        let own = keys.and_then(Keys::own_discard);
        let sent = state.counters.sent.get();
        let proof = own.map(|key| DiscardProof { sent, mac: key.prove(history, sent) });
        let until = match keys {
            // An initiator that has shown itself has the key. Who has heard nothing cannot expect a proof.
            Some(keys) if proof.is_some() && state.confirmed => {
                let mut receipts = [None; MAX_LIVE_KEYS];
                for (receipt, key) in receipts.iter_mut().zip(keys.peer_discards()) {
                    *receipt = Some(key.receipt());
                }
                Until::Closed(receipts)
            }
            _ => Until::Taken,
        };
        let receipt = own.map(DiscardKey::receipt);
        let discard = Some(PendingDiscard { history, proof, until });
        self.end(Ending::unproved(reason), Tombstone { reason, history, receipt, discard }, state, env);
    }

    fn end(&mut self, ending: Ending, tombstone: Tombstone, state: State, env: &mut Env<'_>) {
        let mut change = Change::of(State { discard_noted: None, ..state });
        let Ending { reason, missing, set_back } = ending;
        change.phase = Some(Phase::Closed(tombstone));
        change.news.push(Event::Closed { reason, history: tombstone.history, missing, set_back });
        change.transmits.extend(tombstone.discard.map(PendingDiscard::transmit));
        self.apply(change, env.rng);
    }

    /// Nothing is left to do; what answers the peer's Discards stays.
    fn discard_done(&mut self, env: &mut Env<'_>) -> Handled {
        let Phase::Closed(tombstone) = &self.phase else { return self.ignore(env) };
        let tombstone = Tombstone { discard: None, ..*tombstone };
        let mut change = Change::of(self.state_now(env));
        change.phase = Some(Phase::Closed(tombstone));
        self.apply(change, env.rng);
        Handled::Applied
    }
}

/// What the host is told of the end.
#[derive(Clone, Copy, Debug)]
struct Ending {
    reason: CloseReason,
    missing: Option<u32>,
    set_back: bool,
}

impl Ending {
    /// Nothing is known of what the peer had sent.
    const fn unproved(reason: CloseReason) -> Self {
        Self { reason, missing: None, set_back: false }
    }
}
