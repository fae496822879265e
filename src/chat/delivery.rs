//! What the transport says of our messages: taken over, refused, read; and that the peer types (SPEC SEQ-8, ACT-3). None of it
//! is proof.

use super::Chat;
use super::group::Change;
use super::input::Handled;
use super::queue::{Delivery, Kind, Outgoing};
use super::repeat::Rest;
use crate::env::Env;
use crate::event::{Event, Output};
use crate::id::TransmitId;
use crate::message::TypingAction;
use crate::time::Timestamp;

impl Chat {
    pub(super) fn carried(&mut self, id: TransmitId, date: Option<Timestamp>, env: &mut Env<'_>) -> Handled {
        if id == TransmitId::DISCARD {
            return self.discard_carried(env);
        }
        let Some(entry) = self.outbox.by_id(id) else { return self.ignore(env) };
        if entry.delivery == Delivery::Carried {
            let slot = entry.slot;
            self.carried_again(slot);
            return self.ignore(env);
        }
        let mut change = Change::of(self.state_now(env));
        // Once: a message that the peer asked for again is taken over again.
        if entry.kind == Kind::Written && !entry.told {
            let date = date.unwrap_or(env.now).min(env.now);
            change.news.push(Event::Sent { id, random_id: entry.random_id, date });
        }
        change.note_carried(self, entry.random_id, date.unwrap_or(env.now).min(env.now));
        change.put_outgoing(Outgoing { delivery: Delivery::Carried, told: true, rest: Rest::FIRST, ..entry.clone() });
        self.apply(change, env.rng);
        Handled::Applied
    }

    /// A message refused for good leaves no gap: an empty one takes its slot (SPEC SEQ-8).
    pub(super) fn refused(&mut self, id: TransmitId, permanent: bool, env: &mut Env<'_>) -> Handled {
        let refused = self.outbox.by_id(id).filter(|entry| entry.delivery != Delivery::Carried && !entry.emptied);
        // What the peer must not miss stays, and goes out again when the host says so.
        let Some(entry) = refused.filter(|entry| permanent && !self.is_step_of_exchange(entry.slot)) else {
            return self.ignore(env);
        };
        let mut change = Change::of(self.state_now(env));
        let Ok(empty) = self.emptied(entry, &change, env.rng) else { return self.ignore(env) };
        if let Some(exchange_id) = self.requested_in(entry.slot) {
            self.request_refused(exchange_id, &mut change);
        }
        if entry.kind == Kind::Written {
            change.forget_timed(self, entry.random_id);
            change.news.push(Event::Failed { id, random_id: entry.random_id });
        }
        if entry.kind == Kind::SetTtl {
            self.take_back_ttl(entry, &mut change);
        }
        change.news.extend(entry.user_action().map(|action| Event::ActionFailed { id, action }));
        // It has had its answer: nothing names it any more.
        change.send(Outgoing { kind: if entry.kind == Kind::Written { Kind::Action } else { entry.kind }, ..empty });
        self.apply(change, env.rng);
        Handled::Applied
    }

    /// The peer's user has read what was sent until then, by the server's account.
    pub(super) fn read(&mut self, max_date: Timestamp, date: Option<Timestamp>, env: &mut Env<'_>) -> Handled {
        if !self.rules().receipts_outside || self.ready_keys().is_err() {
            return self.ignore(env);
        }
        let mut change = Change::of(self.state_now(env));
        self.read_by_peer_up_to(max_date, date, &mut change);
        change.news.push(Event::ReadUpTo { max_date, date: date.unwrap_or(env.now).min(env.now) });
        self.apply(change, env.rng);
        Handled::Applied
    }

    /// The peer's user is busy, by the server's account: told, and nothing is written (SPEC ACT-3).
    pub(super) fn peer_types(&mut self, env: &Env<'_>) -> Handled {
        if !self.rules().typing_outside || self.ready_keys().is_err() {
            return self.ignore(env);
        }
        self.state = self.state_now(env);
        self.outputs.push_back(Output::Event(Event::Typing { action: TypingAction::Typing }));
        Handled::Applied
    }
}
