//! The result of a turn, and how the chat adopts it (SPEC OUT-2).

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::group::Group;
use super::timed::TimedChanges;
use super::{Note, Turn};
use crate::chat::Chat;
use crate::chat::model::{Arrived, Kept, Outbox, Outgoing, Phase, State, Timed, Waiting};
use crate::output::Event;

/// The changes of a turn beside the state.
pub(super) struct Next {
    phase: Option<Phase>,
    outgoing: Vec<Outgoing>,
    timed: TimedChanges,
    waiting: Option<Box<Arrived>>,
    unopened: Option<Box<Arrived>>,
    forget_unopened: bool,
    group: Group,
}

impl Next {
    /// Returns the events for the host.
    pub(super) fn events(&self) -> impl Iterator<Item = &Event> {
        self.group.events()
    }
}

impl Turn<'_> {
    /// Does what every commit does, in an order in which each step may add to the next, and seals the batch.
    pub(super) fn settle(&mut self) -> Option<Kept> {
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

    pub(super) fn leave(self) -> (Vec<Note>, Next) {
        let Self {
            chat: _,
            now: _,
            rng: _,
            state: _,
            phase,
            outbox,
            timed,
            waiting,
            unopened,
            forget_unopened,
            group,
            resends: _,
            notes,
        } = self;
        let (phase, outgoing, timed) = (phase.into_change(), outbox.into_changed(), timed.into_changes());
        (notes, Next { phase, outgoing, timed, waiting, unopened, forget_unopened, group })
    }
}

impl Chat {
    /// Makes the next state the chat's, and queues its group: events, the batch, then what requires it to be
    /// durable.
    pub(super) fn commit(&mut self, state: &State, next: Next, kept: Option<&Kept>) {
        let Next { phase, mut outgoing, timed, waiting, unopened, forget_unopened, mut group } = next;
        self.state = *state;
        self.written_clock = state.clock;
        if let (Some(records), Some(kept)) = (&mut self.records, kept) {
            records.write(*kept);
        }
        if let Some(phase) = phase {
            self.phase = phase;
        }
        self.phase.heard(state.slots.received);
        if let Phase::Closed(_) = self.phase {
            self.outbox = Outbox::default();
            // Among them may be what only the records lacked (SPEC DRV-9).
            outgoing.clear();
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
        self.withdraw(&outgoing, &mut group);
        outgoing.into_iter().for_each(|entry| self.outbox.put(entry));
        self.outbox.free_before(state.slots.acknowledged);
        waiting.into_iter().for_each(|arrived| self.waiting.put(*arrived));
        self.waiting.free_before(state.slots.received);
        self.queue(group);
    }

    /// Moves the clock and queues events and transmissions without a batch.
    pub(super) fn tell(&mut self, state: &State, next: Next) {
        self.state.take_time_of(state);
        self.queue(next.group);
    }

    /// Moves the clock.
    pub(super) fn pass(&mut self, state: &State) {
        self.state.take_time_of(state);
    }

    fn queue(&mut self, group: Group) {
        // Most hosts take everything after each call.
        if self.outputs.is_empty() {
            self.outputs = group.into_outputs().into();
        } else {
            self.outputs.extend(group.into_outputs());
        }
    }
}
