//! The end of a chat: by us, by a Discard of the peer, or by the peer's violation (SPEC CLOSE-1 to CLOSE-4, X25-6
//! to X25-11).

use alloc::boxed::Box;

use subtle::{Choice, ConstantTimeEq};

use super::Chat;
use super::input::Handled;
use super::model::{Keys, MAX_LIVE_KEYS, PendingDiscard, Phase, Tombstone, Until};
use super::turn::{End, Turn};
use crate::chat::model::Cause;
use crate::crypto::schedule::DiscardKey;
use crate::output::{DiscardProof, Event, History};
use crate::types::env::Env;
use crate::types::error::{CloseReason, PeerFault, Violation};
use crate::types::id::{Role, SeqNo};
use crate::types::time::{Elapsed, millis};

/// # App -> chat
impl Chat {
    /// Ends the chat. Keys are wiped at once, and the peer is notified. `history` decides what happens to the
    /// messages at the peer's end.
    ///
    /// A closed chat stays closed. Closing it again does nothing.
    pub fn close(&mut self, history: History, env: &mut Env<'_>) {
        self.turn(Cause::Close, env, |turn| match turn.chat.phase {
            Phase::Closed(_) => End::Pass(()),
            Phase::Requested(_) | Phase::Open(_) => {
                turn.end_ourselves(CloseReason::ByUs, history.into());
                End::Commit(())
            }
        });
    }
}

/// # Ask
impl Chat {
    /// Returns the answer to a Discard of the peer: the proof that this end is closed. Returns `None` while the
    /// chat is open, without a key, and in the Telegram profile (SPEC X25-11).
    #[must_use]
    pub fn discard_receipt(&self) -> Option<[u8; 32]> {
        match &self.phase {
            Phase::Closed(tombstone) => tombstone.receipt,
            Phase::Requested(_) | Phase::Open(_) => None,
        }
    }
}

impl Chat {
    /// Returns when an unproved Discard ends the chat if nothing authentic comes before (SPEC X25-10).
    pub(super) fn noted_discard_deadline(&self) -> Option<Elapsed> {
        let patience = millis(self.setup.limits.discard_patience);
        self.state.discard_noted.map(|noted| noted.after(patience))
    }

    /// Compares with every key that the peer may have, always all of them, then counts what is missing (SPEC
    /// X25-9).
    fn proved_ending(&self, keys: &Keys, history: bool, proof: DiscardProof) -> Result<Ending, PeerFault> {
        let DiscardProof { sent, mac } = proof;
        let fitting = keys.peer_discards().filter(|key| key.check(history, sent, &mac).is_ok()).count();
        let sent = SeqNo::new(sent).filter(|_| fitting > 0).ok_or(PeerFault::NotAuthentic)?;
        let received = self.state.slots.received;
        let beyond = self.waiting.first_from(sent).is_some();
        Ok(Ending {
            reason: CloseReason::ByPeer,
            missing: Some(sent.get().saturating_sub(received.get())),
            set_back: sent < received || beyond,
        })
    }
}

/// The end as reported from outside.
impl Turn<'_> {
    /// Takes a Discard. With keys it must be proved. Without keys there is only a request to lose.
    pub(super) fn discarded(&mut self, history: bool, proof: Option<DiscardProof>) -> Result<End<Handled>, PeerFault> {
        let chat = self.chat;
        let ending = match &chat.phase {
            Phase::Closed(_) => return Ok(End::Pass(Handled::Ignored)),
            _ if !chat.rules().discards_are_proved => Ending::unproved(CloseReason::ByServerOrPeer),
            Phase::Requested(_) => Ending::unproved(CloseReason::Unproved),
            Phase::Open(keys) => match proof {
                Some(proof) => chat.proved_ending(keys, history, proof)?,
                None if chat.state.confirmed => return Err(PeerFault::NotAuthentic),
                None => return Ok(self.note_discard()),
            },
        };
        let receipt = chat.keys().and_then(Keys::own_discard).map(DiscardKey::receipt);
        self.end(ending, Tombstone { reason: ending.reason, history, receipt, discard: None });
        Ok(End::Commit(Handled::ChatClosed))
    }

    /// Takes the peer's answer to our Discard (SPEC X25-11).
    pub(super) fn discard_answered(&mut self, proof: Option<&[u8; 32]>) -> Result<End<Handled>, PeerFault> {
        let Some(PendingDiscard { until, .. }) = self.chat.phase.pending_discard() else {
            return Ok(End::Pass(Handled::Ignored));
        };
        match (until, proof) {
            (Until::Taken, _) => Ok(self.discard_done()),
            (Until::Closed(_), None) => Ok(End::Pass(Handled::Ignored)),
            (Until::Closed(receipts), Some(proof)) => {
                let each = receipts.iter().flatten().map(|receipt| receipt.ct_eq(proof));
                if bool::from(each.fold(Choice::from(0), |any, this| any | this)) {
                    Ok(self.discard_done())
                } else {
                    Err(PeerFault::NotAuthentic)
                }
            }
        }
    }

    /// Notes that the transport accepted our Discard. That is not enough where the peer can prove that it is
    /// closed.
    pub(super) fn discard_carried(&mut self) -> End<Handled> {
        match self.chat.phase.pending_discard() {
            Some(PendingDiscard { until: Until::Taken, .. }) => self.discard_done(),
            _ => End::Pass(Handled::Ignored),
        }
    }

    /// Ends the chat because another device of this user accepted. There is nobody to notify.
    pub(super) fn accepted_elsewhere(&mut self) -> End<Handled> {
        let chat = self.chat;
        let ours = matches!(&chat.phase, Phase::Open(_)) && chat.setup.role == Role::Responder;
        if !ours || !chat.rules().other_devices {
            return End::Pass(Handled::Ignored);
        }
        let reason = CloseReason::AcceptedElsewhere;
        self.end(Ending::unproved(reason), Tombstone { reason, history: false, receipt: None, discard: None });
        End::Commit(Handled::ChatClosed)
    }

    /// Notes a Discard without a proof. An initiator that closed before it had a key has no proof, but neither has
    /// anybody else who claims it.
    fn note_discard(&mut self) -> End<Handled> {
        if self.state.discard_noted.is_some() {
            return End::Pass(Handled::Duplicate);
        }
        self.state.discard_noted = Some(self.state.clock.elapsed());
        End::Commit(Handled::Applied)
    }

    /// Forgets our Discard, which has arrived. The answer to the peer's Discards stays.
    fn discard_done(&mut self) -> End<Handled> {
        let Phase::Closed(tombstone) = &self.chat.phase else { return End::Pass(Handled::Ignored) };
        self.phase.set(Phase::Closed(Box::new(Tombstone { discard: None, ..**tombstone })));
        End::Commit(Handled::Applied)
    }
}

/// The end as decided at this side.
impl Turn<'_> {
    /// Ends the chat because an authentic message of the peer broke the protocol, and notifies the peer.
    pub(super) fn close_for(&mut self, violation: Violation) -> End<Handled> {
        let reason = match violation {
            // Older records know of fewer sent messages than the peer does.
            Violation::InSeqAhead if self.chat.unproved_restore => CloseReason::RolledBack,
            _ => CloseReason::Violation(violation),
        };
        self.end_ourselves(reason, false);
        End::Commit(Handled::ChatClosed)
    }

    /// Ends the chat because the answer to the request is wrong. Only the server can have sent it, so no other
    /// answer will come.
    pub(super) fn refuse_answer(&mut self) -> End<Handled> {
        self.end_ourselves(CloseReason::BadAnswer, false);
        End::Commit(Handled::ChatClosed)
    }

    /// Ends the chat because of the Discard that was noted.
    pub(super) fn end_as_noted(&mut self) {
        self.end_ourselves(CloseReason::Unproved, false);
    }

    /// Ends the chat and notifies the peer, with a proof under the root that is current after this turn.
    fn end_ourselves(&mut self, reason: CloseReason, history: bool) {
        let keys = self.phase.keys();
        let own = keys.and_then(Keys::own_discard);
        let sent = self.state.slots.sent.get();
        let proof = own.map(|key| DiscardProof { sent, mac: key.prove(history, sent) });
        let until = match keys {
            // An initiator that has been heard has the key. One that has heard nothing cannot expect a proof.
            Some(keys) if proof.is_some() && self.state.confirmed => {
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
        self.end(Ending::unproved(reason), Tombstone { reason, history, receipt, discard });
    }

    fn end(&mut self, ending: Ending, tombstone: Tombstone) {
        let Ending { reason, missing, set_back } = ending;
        self.start_over();
        self.state.discard_noted = None;
        self.phase.set(Phase::Closed(Box::new(tombstone)));
        self.group.tell(Event::Closed { reason, history: tombstone.history.into(), missing, set_back });
        if let Some(discard) = tombstone.discard {
            self.group.send(discard.transmit());
        }
    }
}

/// The facts about the end that the host learns.
#[derive(Clone, Copy, Debug)]
struct Ending {
    reason: CloseReason,
    missing: Option<u32>,
    set_back: bool,
}

impl Ending {
    /// Creates an end without any knowledge of what the peer had sent.
    const fn unproved(reason: CloseReason) -> Self {
        Self { reason, missing: None, set_back: false }
    }
}
