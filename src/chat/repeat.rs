//! What is sent again by itself, and what rests (SPEC DRV-2, OUT-4).
//!
//! A Telegram server that has taken a message over brings it. In the X25519 profile nothing but the peer's `in_seq_no`
//! is proof: who has seen a message on its way can make up the receipt for it.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::Chat;
use super::group::Change;
use super::invitation::{accept_transmit, request_transmit};
use super::queue::{Arrived, Delivery, Outgoing};
use super::state::Phase;
use crate::env::Env;
use crate::event::Output;
use crate::id::SeqNo;
use crate::message::{Meaning, read_content};
use crate::secret::swept;

/// A message that is taken over again and again and never acknowledged rests this many rounds in the end: about two hours
/// at the longest pause of a driver.
const ROUNDS_AT_MOST: u16 = 64;

/// How long the transport's word keeps a message from being repeated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rest {
    /// Rounds of [`Chat::retransmit`] that leave it out.
    left: u16,
    /// How many the last word was worth.
    worth: u16,
    /// It was repeated since.
    repeated: bool,
}

impl Rest {
    /// The transport has taken it over for the first time.
    pub(super) const FIRST: Self = Self { left: 1, worth: 1, repeated: false };

    /// It has taken over a repetition. A word that nothing was repeated for counts for nothing.
    fn carried_again(&mut self) {
        if self.repeated {
            let worth = self.worth.saturating_mul(2).clamp(1, ROUNDS_AT_MOST);
            *self = Self { left: worth, worth, repeated: false };
        }
    }

    /// Another round: whether the message is due.
    fn is_over(&mut self) -> bool {
        let over = self.left == 0;
        self.left = self.left.saturating_sub(1);
        self.repeated |= over;
        over
    }
}

/// # App -> chat
impl Chat {
    /// Queues what nobody has shown a sign of, byte-identical: the request, the acceptance, every message that the peer has
    /// not acknowledged and the transport not taken over, the Discard. For reconnects, restarts and the host's own timers.
    ///
    /// In the X25519 profile what the transport has taken over is only left out for a while: until the peer acknowledges it,
    /// it comes again, but for Noops. A request for messages that are missing is made anew if it has grown old.
    pub fn retransmit(&mut self, env: &mut Env<'_>) {
        swept(|| self.retransmit_unswept(env));
    }

    fn retransmit_unswept(&mut self, env: &mut Env<'_>) {
        let made = self.state.counters.sent;
        // What is over by now does not leave any more, and what is due leaves now.
        self.handle_timeout(env);
        self.ask_anew(env);
        match &self.phase {
            Phase::Requested(request) => self.outputs.push_back(Output::Transmit(request_transmit(request))),
            Phase::Open(keys) => {
                if self.offers_acceptance() {
                    self.outputs.push_back(Output::Transmit(accept_transmit(keys)));
                }
                self.repeat_before(made);
            }
            Phase::Closed(tombstone) => {
                let discard = tombstone.discard.map(|discard| Output::Transmit(discard.transmit()));
                self.outputs.extend(discard);
            }
        }
    }

    /// Queues the acceptance again, in answer to a Request that came again; nothing once the initiator has shown itself.
    pub fn accept_again(&mut self, env: &mut Env<'_>) {
        self.state = self.state_now(env);
        if let (true, Some(keys)) = (self.initiator_is_silent(), self.keys()) {
            let transmit = accept_transmit(keys);
            self.outputs.push_back(Output::Transmit(transmit));
        }
    }

    fn repeat_before(&mut self, made: SeqNo) {
        let proof_counts = !self.rules().transport_is_trusted;
        let carried = |entry: &&Outgoing| entry.slot < made && entry.delivery == Delivery::Carried;
        let words = self.outbox.iter().filter(|entry| proof_counts && carried(entry) && !entry.noop);
        let words: Vec<SeqNo> = words.map(|entry| entry.slot).collect();
        let mut is_over = |slot: &SeqNo| self.outbox.rest_mut(*slot).is_some_and(Rest::is_over);
        let due: BTreeSet<SeqNo> = words.into_iter().filter(|slot| is_over(slot)).collect();
        let old = self.outbox.iter().filter(|entry| entry.slot < made);
        let repeated = old.filter(|entry| entry.delivery != Delivery::Carried || due.contains(&entry.slot));
        self.outputs.extend(repeated.map(|entry| Output::Transmit(entry.transmit())));
    }
}

impl Chat {
    /// Whether something is to be sent again some time.
    pub(super) fn repeats(&self) -> bool {
        let tally = self.outbox.tally();
        tally.uncarried > 0 || (!self.rules().transport_is_trusted && tally.carried_words > 0)
    }

    /// The transport has taken over once more what it had taken over.
    pub(super) fn carried_again(&mut self, slot: SeqNo) {
        if let Some(rest) = self.outbox.rest_mut(slot) {
            rest.carried_again();
        }
    }

    /// The peer repeats what was processed long ago, so our last word may be lost. Of all that the transport has taken over
    /// a Noop alone is not repeated by itself: it is now, once.
    pub(super) fn wake_last_noop(&mut self, duplicate: &Arrived) {
        if self.rules().transport_is_trusted || self.state.owes_acknowledgement {
            return;
        }
        // Or two ends would wake each other for ever.
        if let Ok(Meaning::Noop) = read_content(&duplicate.body, self.rules().file_form) {
            return;
        }
        if let Some(last) = self.outbox.last().filter(|last| last.noop && last.delivery == Delivery::Carried) {
            let woken = Outgoing { delivery: Delivery::Asked, ..last.clone() };
            self.outbox.put(woken);
        }
    }

    /// A request for what is missing that has grown old, made anew: the transport may be back (SPEC SEQ-9).
    fn ask_anew(&mut self, env: &mut Env<'_>) {
        let state = self.state_now(env);
        if self.asks_anew(&state) {
            let mut change = Change::of(state);
            self.ask_again(&mut change, env);
            self.apply(change, env.rng);
        }
    }
}
