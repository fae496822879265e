//! The result of a turn, and how the chat adopts it (SPEC OUT-2).

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::timed::TimedChanges;
use super::{Note, Turn};
use crate::chat::Chat;
use crate::chat::model::{Arrived, Kept, Outbox, Outgoing, Phase, State, Timed, Waiting};
use crate::output::{Event, Output, Transmit};
use crate::record::Batch;
use crate::types::time::Timestamp;

/// The complete next state of a chat.
pub(super) struct Next {
    state: State,
    phase: Option<Phase>,
    outgoing: Vec<Outgoing>,
    timed: TimedChanges,
    waiting: Option<Box<Arrived>>,
    unopened: Option<Box<Arrived>>,
    forget_unopened: bool,
    news: Vec<Event>,
    batch: Option<(Batch, Kept)>,
    grants: Vec<Event>,
    transmits: Vec<Transmit>,
}

impl Next {
    /// Returns the host's time.
    pub(super) const fn now(&self) -> Timestamp {
        self.state.clock.raw()
    }

    /// Returns the events for the host.
    pub(super) fn events(&self) -> impl Iterator<Item = &Event> {
        self.news.iter().chain(&self.grants)
    }
}

impl Turn<'_> {
    /// Does what every commit does, in an order in which each step may add to the next, and seals the batch.
    pub(super) fn settle(&mut self) -> Option<(Batch, Kept)> {
        if !matches!(self.phase.get(), Phase::Closed(_)) {
            self.expire();
        }
        self.advance_rekey();
        self.outbox.forget_before(self.state.slots.acknowledged);
        self.seal_before_wiping();
        self.answer_resends();
        if let Some(records) = &self.chat.records {
            self.outbox.catch_up(&records.behind, self.state.slots.acknowledged);
        }
        self.batch()
    }

    pub(super) fn leave(self, batch: Option<(Batch, Kept)>) -> (Vec<Note>, Next) {
        let Self {
            chat: _,
            now: _,
            rng: _,
            state,
            phase,
            outbox,
            timed,
            waiting,
            unopened,
            forget_unopened,
            news,
            grants,
            transmits,
            resends: _,
            notes,
        } = self;
        let (phase, outgoing, timed) = (phase.into_change(), outbox.into_changed(), timed.into_changes());
        let next =
            Next { state, phase, outgoing, timed, waiting, unopened, forget_unopened, news, batch, grants, transmits };
        (notes, next)
    }
}

impl Chat {
    /// Makes the next state the chat's, and queues its group: events, the batch, then what requires it to be
    /// durable.
    pub(super) fn commit(&mut self, next: Next) {
        let Next { state, phase, outgoing, timed, waiting, unopened, forget_unopened, news, batch, grants, transmits } =
            next;
        self.state = state;
        self.written_clock = state.clock;
        let (batch, kept) = batch.unzip();
        if let (Some(records), Some(kept)) = (&mut self.records, kept) {
            records.write(kept);
        }
        if let Some(phase) = phase {
            self.phase = phase;
        }
        self.phase.heard(state.slots.received);
        if let Phase::Closed(_) = self.phase {
            self.outbox = Outbox::default();
            self.waiting = Waiting::default();
            self.timed = Timed::default();
            self.take_back_all();
        }
        self.take_back(&timed);
        if forget_unopened || matches!(self.phase, Phase::Closed(_)) {
            self.unopened = Waiting::default();
        }
        let TimedChanges { flushed, changed } = timed;
        if flushed {
            self.timed = Timed::default();
        }
        for (random_id, message) in changed {
            match message {
                Some(message) => self.timed.put(random_id, message),
                None => self.timed.remove(random_id),
            }
        }
        unopened.into_iter().for_each(|arrived| self.unopened.put(*arrived));
        let transmits = self.withdraw(&outgoing, transmits);
        outgoing.into_iter().for_each(|entry| self.outbox.put(entry));
        self.outbox.free_before(state.slots.acknowledged);
        waiting.into_iter().for_each(|arrived| self.waiting.put(*arrived));
        self.waiting.free_before(state.slots.received);
        self.queue(news, batch, grants, transmits);
    }

    /// Moves the clock and queues events and transmissions without a batch.
    pub(super) fn tell(&mut self, next: Next) {
        let Next { state, news, grants, transmits, .. } = next;
        self.state.take_time_of(&state);
        self.queue(news, None, grants, transmits);
    }

    /// Moves the clock.
    pub(super) fn pass(&mut self, next: &Next) {
        self.state.take_time_of(&next.state);
    }

    fn queue(&mut self, news: Vec<Event>, batch: Option<Batch>, grants: Vec<Event>, transmits: Vec<Transmit>) {
        // Most hosts take everything after each call, and then this is all that there will be.
        if self.outputs.is_empty() {
            self.outputs.reserve_exact(news.len() + usize::from(batch.is_some()) + grants.len() + transmits.len());
        }
        // Most lists have one item or none, for which `extend` costs more.
        news.into_iter().for_each(|event| self.outputs.push_back(Output::Event(event)));
        batch.into_iter().for_each(|batch| self.outputs.push_back(Output::Persist(batch)));
        grants.into_iter().for_each(|event| self.outputs.push_back(Output::Event(event)));
        transmits.into_iter().for_each(|transmit| self.outputs.push_back(Output::Transmit(transmit)));
    }
}
