//! One commit group a call: the next state is built beside the chat, then committed at once (SPEC OUT-2).
//!
//! Everything that can fail, and every draw of randomness, happens before the commit: an error, or a generator that
//! panics, leaves the chat as it was.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

use rand_core::CryptoRng;

use super::Chat;
use super::keys::Keys;
use super::queue::{Arrived, Outbox, Outgoing, Waiting};
use super::state::{Phase, State};
use super::timed::{Timed, TimedChange};
use crate::event::{Event, Output, Transmit};
use crate::id::SeqNo;

/// What a call wants to change.
pub(super) struct Change {
    pub(super) state: State,
    /// Another phase than the current one, or other keys.
    pub(super) phase: Option<Phase>,
    /// The record of keys has to be written although the phase stays.
    pub(super) rewrite_keys: bool,
    /// New or replaced outbox entries: one for each slot, in the order they were made.
    pub(super) outgoing: Vec<Outgoing>,
    /// Where the one of a slot stands among them.
    outgoing_at: BTreeMap<SeqNo, usize>,
    /// Everything in the outbox has been emptied.
    pub(super) emptied_all: bool,
    /// A message that came too early.
    pub(super) waiting: Option<Arrived>,
    /// A sealed message that came before there are keys.
    pub(super) early: Option<Arrived>,
    /// Those have been taken.
    pub(super) forget_early: bool,
    /// Messages with a timer that are new, changed or gone.
    pub(super) timed: TimedChange,
    pub(super) news: Vec<Event>,
    /// Events that give something away and so follow the batch.
    pub(super) grants: Vec<Event>,
    pub(super) transmits: Vec<Transmit>,
    /// Our slots that the peer has asked for again.
    pub(super) resends: Vec<Range<u32>>,
}

impl Change {
    pub(super) fn of(state: State) -> Self {
        Self {
            state,
            phase: None,
            rewrite_keys: false,
            outgoing: Vec::new(),
            outgoing_at: BTreeMap::new(),
            emptied_all: false,
            waiting: None,
            early: None,
            forget_early: false,
            timed: TimedChange::default(),
            news: Vec::new(),
            grants: Vec::new(),
            transmits: Vec::new(),
            resends: Vec::new(),
        }
    }

    /// The keys as this change leaves them.
    pub(super) fn keys<'a>(&'a self, chat: &'a Chat) -> Option<&'a Keys> {
        match self.phase.as_ref().unwrap_or(&chat.phase) {
            Phase::Open(keys) => Some(keys),
            Phase::Requested(_) | Phase::Closed(_) => None,
        }
    }

    /// The same to change: a copy of the chat's, which stays as it is until the commit.
    pub(super) fn keys_mut(&mut self, chat: &Chat) -> Option<&mut Keys> {
        if let (None, Phase::Open(keys)) = (&self.phase, &chat.phase) {
            self.phase = Some(Phase::Open(Box::new(keys.duplicate())));
        }
        match &mut self.phase {
            Some(Phase::Open(keys)) => Some(keys),
            Some(Phase::Requested(_) | Phase::Closed(_)) | None => None,
        }
    }

    /// Puts an entry into the outbox and sends it on its way.
    pub(super) fn send(&mut self, outgoing: Outgoing) {
        self.transmits.push(outgoing.transmit());
        self.put_outgoing(outgoing);
    }

    /// What this change has in a slot.
    pub(super) fn replacement(&self, slot: SeqNo) -> Option<&Outgoing> {
        self.outgoing_at.get(&slot).and_then(|at| self.outgoing.get(*at))
    }

    /// What one message of the peer replaced, the next one may have acknowledged: nothing is left to keep.
    fn forget_acknowledged(&mut self) {
        let acknowledged = self.state.counters.acknowledged;
        let outgoing = core::mem::take(&mut self.outgoing);
        self.outgoing_at.clear();
        outgoing.into_iter().filter(|entry| entry.slot >= acknowledged).for_each(|entry| self.put_outgoing(entry));
    }

    /// Puts an entry into the outbox, in place of what its slot has.
    pub(super) fn put_outgoing(&mut self, outgoing: Outgoing) {
        let at = *self.outgoing_at.entry(outgoing.slot).or_insert(self.outgoing.len());
        match self.outgoing.get_mut(at) {
            Some(replaced) => *replaced = outgoing,
            None => self.outgoing.push(outgoing),
        }
    }
}

impl Chat {
    /// Ends what is due, takes the next step of an exchange of keys, builds the batch, then commits.
    pub(super) fn apply(&mut self, mut change: Change, rng: &mut dyn CryptoRng) {
        if !matches!(change.phase, Some(Phase::Closed(_))) {
            self.expire(&mut change, rng);
        }
        self.advance_rekey(&mut change, rng);
        change.forget_acknowledged();
        self.seal_before_wiping(&mut change, rng);
        self.answer_resends(&mut change);
        let batch = match (&self.records, change.phase.as_ref().unwrap_or(&self.phase)) {
            (None, _) => None,
            (Some(records), Phase::Closed(tombstone)) => Some(self.burial(records, tombstone, &mut change.state, rng)),
            (Some(records), _) => Some(self.batch(records, &mut change, rng)),
        };

        let Change {
            state,
            phase,
            rewrite_keys: _,
            outgoing,
            outgoing_at: _,
            emptied_all: _,
            waiting,
            early,
            forget_early,
            timed,
            news,
            grants,
            transmits,
            resends: _,
        } = change;
        self.state = state;
        self.written_clock = state.clock;
        if let Some(phase) = phase {
            self.phase = phase;
        }
        if let Phase::Closed(_) = self.phase {
            self.outbox = Outbox::default();
            self.waiting = Waiting::default();
            self.timed = Timed::default();
            self.take_back_all();
        }
        self.take_back(&timed);
        if forget_early || matches!(self.phase, Phase::Closed(_)) {
            self.early = Waiting::default();
        }
        if timed.flushed {
            self.timed = Timed::default();
        }
        for (random_id, message) in timed.changed {
            match message {
                Some(message) => self.timed.put(random_id, message),
                None => self.timed.remove(random_id),
            }
        }
        early.into_iter().for_each(|arrived| self.early.put(arrived));
        let transmits = self.withdraw(&outgoing, transmits);
        outgoing.into_iter().for_each(|entry| self.outbox.put(entry));
        self.outbox.free_before(state.counters.acknowledged);
        waiting.into_iter().for_each(|arrived| self.waiting.put(arrived));
        self.waiting.free_before(state.counters.received);
        self.outputs.extend(news.into_iter().map(Output::Event));
        self.outputs.extend(batch.map(Output::Persist));
        self.outputs.extend(grants.into_iter().map(Output::Event));
        self.outputs.extend(transmits.into_iter().map(Output::Transmit));
    }
}
