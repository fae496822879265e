//! Reports about our messages from the transport: accepted, refused, read; and that the peer is typing (SPEC SEQ-8,
//! ACT-3). None of it is proof.

use crate::chat::input::Handled;
use crate::chat::model::{Delivery, Kind, Outgoing};
use crate::chat::turn::{End, Note, Turn};
use crate::message::TypingAction;
use crate::output::Event;
use crate::types::id::TransmitId;
use crate::types::time::Timestamp;

impl Turn<'_> {
    /// Notes that the transport accepted a transmission. This is written with the next batch, except where the life of
    /// a message may depend on it (SPEC DRV-9).
    pub(in crate::chat) fn carried(&mut self, id: TransmitId, date: Option<Timestamp>) -> End<Handled> {
        if id == TransmitId::DISCARD {
            return self.discard_carried();
        }
        let Some(entry) = self.chat.outbox.by_id(id) else { return End::Pass(Handled::Ignored) };
        if entry.delivery == Delivery::Carried {
            self.notes.push(Note::Rest(entry.slot, entry.rest.after_another_word()));
            return End::Pass(Handled::Ignored);
        }
        let date = date.unwrap_or(self.now).min(self.now);
        // Only once: a message that the peer requested again is accepted again.
        if entry.kind == Kind::Written && !entry.told {
            self.group.tell(Event::Sent { id, random_id: entry.random_id, date });
        }
        self.timed.note_carried(entry.random_id, date);
        if self.timed.is_unchanged() {
            self.notes.push(Note::Carried(entry.slot));
            return End::Tell(Handled::Applied);
        }
        self.outbox.put(entry.carried());
        End::Commit(Handled::Applied)
    }

    /// Notes that the transport refused a transmission. A message that is refused for good leaves no gap: an empty
    /// one takes its slot (SPEC SEQ-8).
    pub(in crate::chat) fn refused(&mut self, id: TransmitId, permanent: bool) -> End<Handled> {
        let chat = self.chat;
        let refused = chat.outbox.by_id(id).filter(|entry| entry.delivery != Delivery::Carried && !entry.emptied);
        // A step of an exchange must not be skipped: it stays, and is sent again when the host asks.
        let Some(entry) = refused.filter(|entry| permanent && !chat.is_step_of_exchange(entry.slot)) else {
            return End::Pass(Handled::Ignored);
        };
        let Some(empty) = self.emptied(entry.slot) else { return End::Pass(Handled::Ignored) };
        if let Some(exchange_id) = chat.requested_in(entry.slot) {
            self.request_refused(exchange_id);
        }
        if entry.kind == Kind::Written {
            self.timed.forget(entry.random_id);
            self.group.tell(Event::Failed { id, random_id: entry.random_id });
        }
        if entry.kind == Kind::SetTtl {
            self.take_back_ttl(entry);
        }
        if let Some(action) = entry.user_action() {
            self.group.tell(Event::ActionFailed { id, action });
        }
        // The host has been informed: no event names it any more.
        self.send(Outgoing { kind: if entry.kind == Kind::Written { Kind::Action } else { entry.kind }, ..empty });
        End::Commit(Handled::Applied)
    }

    /// Takes the server's report that the peer's user has read what was sent until `max_date`.
    pub(in crate::chat) fn read(&mut self, max_date: Timestamp, date: Option<Timestamp>) -> End<Handled> {
        if !self.chat.rules().receipts_outside || self.chat.ready_keys().is_err() {
            return End::Pass(Handled::Ignored);
        }
        self.read_by_peer_up_to(max_date, date);
        self.group.tell(Event::ReadUpTo { max_date, date: date.unwrap_or(self.now).min(self.now) });
        End::Commit(Handled::Applied)
    }

    /// Takes the server's report that the peer's user is busy. Nothing is written (SPEC ACT-3).
    pub(in crate::chat) fn peer_types(&mut self) -> End<Handled> {
        if !self.chat.rules().typing_outside || self.chat.ready_keys().is_err() {
            return End::Pass(Handled::Ignored);
        }
        self.group.tell(Event::Typing { action: TypingAction::Typing });
        End::Tell(Handled::Applied)
    }
}
