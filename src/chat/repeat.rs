//! What is sent again by itself, and what rests (SPEC DRV-2, OUT-4).
//!
//! A Telegram server that has taken a message over brings it. In the X25519 profile nothing but the peer's `in_seq_no`
//! is proof: who has seen a message on its way can make up the receipt for it.

use super::Chat;
use super::invitation::{accept_transmit, request_transmit};
use super::queue::{Arrived, Delivery, Outgoing};
use super::state::{PendingDiscard, Phase};
use super::turn::{End, Note, Turn};
use crate::env::Env;
use crate::id::SeqNo;
use crate::message::{Meaning, read_content};

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

    /// Returns the rest after the transport has accepted the message once more. A word that nothing was repeated for counts
    /// for nothing.
    pub(super) fn after_another_word(self) -> Self {
        if !self.repeated {
            return self;
        }
        let worth = self.worth.saturating_mul(2).clamp(1, ROUNDS_AT_MOST);
        Self { left: worth, worth, repeated: false }
    }

    /// Returns whether another round finds the message due, and the rest after that round.
    fn after_round(self) -> (bool, Self) {
        let over = self.left == 0;
        (over, Self { left: self.left.saturating_sub(1), repeated: self.repeated || over, ..self })
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
        let made = self.state.counters.sent;
        // What is over by now does not leave any more, and what is due leaves now.
        self.handle_timeout(env);
        self.turn(env, |turn| turn.ask_anew());
        self.turn(env, |turn| turn.repeat(made));
    }

    /// Queues the acceptance again, in answer to a Request that came again; nothing once the initiator has shown itself.
    pub fn accept_again(&mut self, env: &mut Env<'_>) {
        self.turn(env, |turn| {
            if let (true, Some(keys)) = (turn.chat.initiator_is_silent(), turn.chat.keys()) {
                turn.transmits.push(accept_transmit(keys));
            }
            End::Tell(())
        });
    }
}

impl Chat {
    /// Whether something is to be sent again some time.
    pub(super) fn repeats(&self) -> bool {
        let tally = self.outbox.tally();
        tally.uncarried > 0 || (!self.rules().transport_is_trusted && tally.carried_words > 0)
    }
}

impl Turn<'_> {
    /// A request for what is missing that has grown old, made anew: the transport may be back (SPEC SEQ-9).
    fn ask_anew(&mut self) -> End<()> {
        if !self.chat.asks_anew(&self.state) {
            return End::Pass(());
        }
        self.ask_again();
        End::Commit(())
    }

    /// Sends again what was made before the slot `made`.
    fn repeat(&mut self, made: SeqNo) -> End<()> {
        let chat = self.chat;
        match &chat.phase {
            Phase::Requested(request) => self.transmits.push(request_transmit(request)),
            Phase::Open(keys) => {
                if chat.offers_acceptance() {
                    self.transmits.push(accept_transmit(keys));
                }
                for entry in chat.outbox.iter().filter(|entry| entry.slot < made) {
                    if self.is_repeated(entry) {
                        self.transmits.push(entry.transmit());
                    }
                }
            }
            Phase::Closed(tombstone) => self.transmits.extend(tombstone.discard.map(PendingDiscard::transmit)),
        }
        End::Tell(())
    }

    fn is_repeated(&mut self, entry: &Outgoing) -> bool {
        if entry.delivery != Delivery::Carried {
            return true;
        }
        if self.chat.rules().transport_is_trusted || entry.noop {
            return false;
        }
        let (over, rest) = entry.rest.after_round();
        self.notes.push(Note::Rest(entry.slot, rest));
        over
    }

    /// The peer repeats what was processed long ago, so our last word may be lost. Of all that the transport has accepted
    /// a Noop alone is not repeated by itself: it is now, once.
    pub(super) fn wake_last_noop(&mut self, duplicate: &Arrived) {
        let rules = self.chat.rules();
        if rules.transport_is_trusted || self.chat.state.owes_acknowledgement {
            return;
        }
        // Or two ends would wake each other for ever.
        if let Ok(Meaning::Noop) = read_content(&duplicate.body, rules.file_form) {
            return;
        }
        let last = self.chat.outbox.last().filter(|last| last.noop && last.delivery == Delivery::Carried);
        self.notes.extend(last.map(|last| Note::Awake(last.slot)));
    }
}
