//! Automatic repetition, and messages that rest (SPEC DRV-2, OUT-4, DRV-8).
//!
//! A Telegram server delivers every message that it has accepted. In the X25519 profile only the peer's `in_seq_no`
//! is proof, because anyone who has seen a message in transit can forge a receipt for it.

use crate::chat::Chat;
use crate::chat::model::{Arrived, Cause, Delivery, Meaning, Outgoing, Phase};
use crate::chat::turn::{End, Note, Turn};
use crate::output::Transmit;
use crate::types::env::Env;
use crate::types::id::{SeqNo, TransmitId};

/// # App -> chat
impl Chat {
    /// Queues everything that is not known to have arrived, byte-identical: the request, the acceptance, the
    /// Discard, and every message that the peer has not acknowledged and the transport has not accepted. Call it
    /// after a reconnect or a restart, and from the host's own timers.
    ///
    /// In the X25519 profile, a message that the transport has accepted only rests for a while: it is sent again
    /// until the peer acknowledges it, unless it is a Noop. A request for missing messages is renewed if it has
    /// grown old.
    pub fn retransmit(&mut self, env: &mut Env<'_>) {
        let made = self.state.slots.sent;
        // Expired messages must not leave any more, and what is due should leave now.
        self.handle_timeout(env);
        self.turn(Cause::Retransmit, env, |turn| {
            // The transport may be back (SPEC SEQ-11).
            if !turn.chat.asks_anew(turn.state) {
                return End::Pass(());
            }
            turn.ask_again();
            End::Commit(())
        });
        self.turn(Cause::Retransmit, env, |turn| turn.repeat(made));
    }

    /// Queues the acceptance again, in answer to a repeated Request. Does nothing once the initiator has been
    /// heard.
    pub fn accept_again(&mut self, env: &mut Env<'_>) {
        self.turn(Cause::Retransmit, env, |turn| {
            if turn.chat.initiator_is_silent()
                && let Some(transmit) = turn.chat.phase.transmit()
            {
                turn.group.send(transmit);
            }
            End::Tell(())
        });
    }
}

/// # Ask
impl Chat {
    /// Returns whether anything still has to be sent again. This is what the transport has not accepted yet
    /// ([`Input::Carried`](crate::Input::Carried)), and what only a message of the peer can settle: the request,
    /// the acceptance, and in the X25519 profile every message except a Noop.
    #[must_use]
    pub fn awaits_transport(&self) -> bool {
        let tally = self.outbox.tally();
        let words = !self.rules().transport_is_trusted && tally.carried_words > 0;
        self.repeats_phase() || tally.uncarried > 0 || words
    }
}

impl Chat {
    /// Returns whether this is a responder that has not heard from the initiator: the acceptance may be lost.
    pub(crate) fn initiator_is_silent(&self) -> bool {
        self.keys().is_some_and(|keys| keys.accepted.is_some())
    }

    /// Returns the message of a slot that was emptied, as it is sent from then on.
    pub(crate) fn emptied_in(&self, id: TransmitId) -> Option<Transmit> {
        self.outbox.by_id(id).filter(|entry| entry.emptied).map(Outgoing::transmit)
    }

    /// Returns whether the request, the acceptance or the Discard is repeated automatically. If the initiator may
    /// have closed, it has to ask for the acceptance (SPEC X25-10).
    fn repeats_phase(&self) -> bool {
        match &self.phase {
            Phase::Requested(_) => true,
            Phase::Open(_) => self.initiator_is_silent() && self.state.discard_noted.is_none(),
            Phase::Closed(tombstone) => tombstone.discard.is_some(),
        }
    }
}

impl Turn<'_> {
    /// Sends again what was made before the slot `made`.
    fn repeat(&mut self, made: SeqNo) -> End<()> {
        let chat = self.chat;
        if chat.repeats_phase()
            && let Some(transmit) = chat.phase.transmit()
        {
            self.group.send(transmit);
        }
        for entry in chat.outbox.iter().filter(|entry| entry.slot < made) {
            if self.is_repeated(entry) {
                self.group.send(entry.transmit());
            }
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

    /// Repeats our last Noop, once: the peer repeats a message that was processed long ago, so our last
    /// acknowledgement may be lost. Nothing else that the transport has accepted needs this, because it is repeated
    /// anyway.
    pub(in crate::chat) fn wake_last_noop(&mut self, duplicate: &Arrived) {
        let rules = self.chat.rules();
        if rules.transport_is_trusted || self.chat.state.owes_acknowledgement {
            return;
        }
        // Otherwise two ends would wake each other forever.
        if let Some(Meaning::Noop) = Meaning::read_protocol(&duplicate.body) {
            return;
        }
        let last = self.chat.outbox.last().filter(|last| last.noop && last.delivery == Delivery::Carried);
        self.notes.extend(last.map(|last| Note::Awake(last.slot)));
    }
}
