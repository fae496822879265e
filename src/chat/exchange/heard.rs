//! The peer's messages about a key exchange: the table of `crate::rekey`, carried out (SPEC REKEY-2 to REKEY-4).

use alloc::boxed::Box;

use crate::agreement::CheckedRequest;
use crate::chat::model::{Arrived, Exchange, Kind, NextKey, State};
use crate::chat::turn::Turn;
use crate::output::Event;
use crate::profile::PeerPolicy;
use crate::rekey::{Context, Outcome, Said, is_unanswered, noop_held_until, pause_millis};
use crate::types::error::{PeerFault, RekeyFailure, Violation};
use crate::types::id::{ExchangeId, KeyFingerprint};
use crate::wire::{ActionAbortKey, DecryptedMessageAction};

impl Turn<'_> {
    /// Wipes the old key once no message under it can still be in flight (SPEC REKEY-4).
    pub(in crate::chat) fn wipe_old_key(&mut self, arrived: &Arrived) {
        let slots = self.state.slots;
        let Some(keys) = self.phase.keys() else { return };
        let Some(old) = &keys.old else { return };
        let unproved = old.committed.is_some_and(|committed| slots.acknowledged <= committed);
        let something_waits = self.chat.waiting.first_from(slots.received).is_some();
        if arrived.fingerprint != keys.current.fingerprint || unproved || something_waits {
            return;
        }
        if let Some(keys) = self.phase.keys_mut() {
            keys.old = None;
        }
        // The peer keeps its old key, and what it sealed under it, until it sees a message under the new one. It
        // must not wait for a receipt of what can no longer be opened here.
        self.state.owes_acknowledgement = true;
    }

    /// Processes a message about an exchange, in its turn (SPEC REKEY-2).
    pub(in crate::chat) fn take_rekey(&mut self, said: Said<'_>, arrived: &Arrived) -> Result<(), Violation> {
        let Some(keys) = self.phase.keys() else { return Ok(()) };
        let strict = self.chat.setup.profile.policy() == PeerPolicy::Strict;
        // Zero names no exchange.
        if said.exchange_id() == ExchangeId(0) {
            return if strict && !matches!(said, Said::Abort { .. }) {
                Err(Violation::RekeyUnexpected)
            } else {
                Ok(())
            };
        }
        let State { ended, refused, slots, .. } = *self.state;
        let context = Context {
            ended: if refused == Some(said.exchange_id()) { refused } else { ended },
            under_current: arrived.fingerprint == keys.current.fingerprint,
            counts_ours: keys.requested_slot().is_some_and(|slot| slots.acknowledged > slot),
        };
        match (said.outcome(keys.exchange.state(), context), said) {
            (Outcome::Unexpected, _) if strict => return Err(Violation::RekeyUnexpected),
            (Outcome::Answer | Outcome::AnswerInstead, Said::Request { exchange_id, public }) => {
                self.take_request(exchange_id, public);
            }
            (Outcome::Derive, Said::Accept { exchange_id, public, fingerprint }) => {
                self.take_answer(exchange_id, public, fingerprint);
            }
            (Outcome::Switch, _) => {
                if let Some(keys) = self.phase.keys_mut()
                    && let Exchange::Accepted { next, .. } = core::mem::replace(&mut keys.exchange, Exchange::Idle)
                {
                    keys.switch(*next, None);
                    // The first exchange does not yet suggest a peer that asks again and again.
                    let young = self.state.rekeys > 0;
                    let held = noop_held_until(self.state.key_since, self.state.clock.elapsed());
                    self.state.noop_held_until = held.filter(|_| young);
                    self.begin_key();
                }
            }
            (Outcome::Drop(reason), _) => self.drop_exchange(said.exchange_id(), reason),
            (Outcome::Cancel, _) => {
                if let Some(keys) = self.phase.keys_mut() {
                    keys.exchange = Exchange::Idle;
                }
            }
            (Outcome::Ignore, Said::Request { exchange_id, public }) => {
                // A request that could not be answered is not remembered.
                if let Ok(public) = CheckedRequest::check(&self.chat.setup.profile, public)
                    && let Some(keys) = self.phase.keys_mut()
                    && let Exchange::Requested { ignored, .. } = &mut keys.exchange
                {
                    *ignored = Some(Box::new((exchange_id, public)));
                }
            }
            (Outcome::Ignore, Said::Accept { exchange_id, .. }) if self.chat.rules().aborts_accepted => {
                self.abort(exchange_id);
            }
            (_, Said::Request { .. } | Said::Accept { .. } | Said::Commit { .. } | Said::Abort { .. }) => {}
        }
        Ok(())
    }

    /// Gives up our request once the peer has continued without it for long enough (SPEC REKEY-3).
    pub(in crate::chat) fn count_unanswered(&mut self) {
        let State { slots, clock, unanswered, .. } = *self.state;
        let (exchange_id, at) = match self.phase.keys().map(|keys| &keys.exchange) {
            Some(Exchange::Requested { exchange_id, slot, at, .. }) if slots.acknowledged > *slot => {
                (*exchange_id, *at)
            }
            _ => return,
        };
        self.state.unanswered = unanswered.saturating_add(1);
        if is_unanswered(&self.chat.setup.rekey, self.state.unanswered, at, clock.elapsed()) {
            self.drop_exchange(exchange_id, RekeyFailure::Unanswered);
            if self.chat.rules().aborts_accepted {
                self.abort(exchange_id);
            }
        }
    }

    /// Ends the exchange without a new key.
    pub(in crate::chat) fn drop_exchange(&mut self, exchange_id: ExchangeId, reason: RekeyFailure) {
        if let Some(keys) = self.phase.keys_mut() {
            keys.exchange = Exchange::Idle;
        }
        let state = &mut self.state;
        state.ended = Some(exchange_id);
        state.failures = state.failures.saturating_add(1);
        state.ask_after = state.clock.elapsed().after(pause_millis(state.failures));
        self.group.tell(Event::RekeyFailed { reason });
    }

    /// Drops our request, which the transport refused for good. A request of the peer that lost against ours still
    /// waits for its answer (SPEC REKEY-3).
    pub(in crate::chat) fn request_refused(&mut self, exchange_id: ExchangeId) {
        let ignored = match self.phase.keys_mut().map(|keys| &mut keys.exchange) {
            Some(Exchange::Requested { ignored, .. }) => ignored.take(),
            _ => None,
        };
        let ended = self.state.ended;
        self.drop_exchange(exchange_id, RekeyFailure::Refused);
        // The peer may still mention the one before.
        self.state.ended = ended;
        self.state.refused = Some(exchange_id);
        if let (Some(ignored), Some(keys)) = (ignored, self.phase.keys_mut()) {
            let (exchange_id, public) = *ignored;
            keys.exchange = Exchange::Asked { exchange_id, public };
        }
    }

    fn take_request(&mut self, exchange_id: ExchangeId, public: &[u8]) {
        if let Some(Exchange::Requested { exchange_id: ours, .. }) = self.phase.keys().map(|keys| &keys.exchange) {
            // Dropped in favour of this one. Later messages about it have no effect.
            self.state.ended = Some(*ours);
        }
        match CheckedRequest::check(&self.chat.setup.profile, public) {
            Ok(public) => {
                if let Some(keys) = self.phase.keys_mut() {
                    keys.exchange = Exchange::Asked { exchange_id, public };
                }
            }
            Err(_) => self.refuse(exchange_id, RekeyFailure::BadValue),
        }
    }

    fn take_answer(&mut self, exchange_id: ExchangeId, public: &[u8], fingerprint: KeyFingerprint) {
        let Some(keys) = self.phase.keys() else { return };
        let Exchange::Requested { pending, .. } = &keys.exchange else { return };
        let setup = &self.chat.setup;
        let next = pending
            .confirm(&keys.binding(exchange_id, setup.role), public, fingerprint)
            .map_err(|fault| match fault {
                PeerFault::FingerprintMismatch => RekeyFailure::FingerprintMismatch,
                _ => RekeyFailure::BadValue,
            })
            .and_then(|agreed| keys.unused(NextKey::new(agreed, setup)));
        match next {
            Ok(next) => {
                if let Some(keys) = self.phase.keys_mut() {
                    keys.exchange = Exchange::Answered { exchange_id, next: Box::new(next) };
                }
            }
            Err(reason) => {
                self.drop_exchange(exchange_id, reason);
                if self.chat.rules().aborts_accepted {
                    self.abort(exchange_id);
                }
            }
        }
    }

    /// Ends the exchange that the peer began, and notifies the peer.
    pub(super) fn refuse(&mut self, exchange_id: ExchangeId, reason: RekeyFailure) {
        self.drop_exchange(exchange_id, reason);
        self.abort(exchange_id);
    }

    /// Notifies the peer that an exchange is over. If there is no room for that, the peer learns it from our
    /// silence.
    fn abort(&mut self, exchange_id: ExchangeId) {
        let action = DecryptedMessageAction::AbortKey(ActionAbortKey { exchange_id: exchange_id.0 });
        let _sent = self.queue_service(&action, Kind::Protocol);
    }
}
