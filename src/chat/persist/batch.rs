//! The batch of a call: which records it writes and deletes (SPEC REC-1, REC-3).

use rand_core::CryptoRng;

use super::super::Chat;
use super::super::group::Change;
use super::super::state::{Phase, State, Tombstone};
use super::{encode_keys, encode_tombstone};
use crate::record::{Batch, Ledger, RecordKeys, RecordName, encode};

impl Chat {
    /// Writes what changes, and deletes what is done with. Each record that is written is noted in the change.
    pub(in crate::chat) fn batch(&self, records: &RecordKeys, change: &mut Change, rng: &mut dyn CryptoRng) -> Batch {
        let state = &mut change.state;
        let mut ledger = Ledger::new(records, state.written, state.sets, rng);

        if change.rewrite_keys || change.phase.is_some() {
            let keys = encode_keys(&self.setup, change.phase.as_ref().unwrap_or(&self.phase));
            state.keys_written = Some(ledger.put(RecordName::Keys, state.keys_written, keys.as_slice()));
        }

        for freed in self.outbox.iter().take_while(|entry| entry.slot < state.counters.acknowledged) {
            ledger.delete(RecordName::Outgoing(freed.slot), freed.written);
        }
        for outgoing in &mut change.outgoing {
            let old = self.outbox.get(outgoing.slot);
            if old.is_some_and(|old| outgoing.emptied && !old.emptied) {
                ledger.destroy();
            }
            let (name, old) = (RecordName::Outgoing(outgoing.slot), old.map(|old| old.written));
            outgoing.written = ledger.put(name, old, &encode(outgoing));
        }

        for taken in self.waiting.iter().take_while(|arrived| arrived.slot < state.counters.received) {
            ledger.delete(RecordName::Waiting(taken.slot), taken.written);
        }
        if let Some(arrived) = &mut change.waiting {
            let name = RecordName::Waiting(arrived.slot);
            arrived.written = ledger.put(name, None, &encode(arrived));
        }

        for taken in self.early.iter().filter(|_| change.forget_early) {
            ledger.delete(RecordName::Early(taken.slot), taken.written);
        }
        if let Some(arrived) = &mut change.early {
            let name = RecordName::Early(arrived.slot);
            arrived.written = ledger.put(name, None, &encode(arrived));
        }

        let timed = &mut change.timed;
        for (random_id, old) in self.timed.iter().filter(|_| timed.flushed) {
            if !timed.changed.contains_key(&random_id) {
                ledger.delete(RecordName::Timed(random_id), old.written);
            }
        }
        for (random_id, message) in &mut timed.changed {
            let (name, old) = (RecordName::Timed(*random_id), self.timed.get(*random_id).map(|old| old.written));
            match (message, old) {
                (Some(message), old) => message.written = ledger.put(name, old, &encode(message)),
                (None, Some(old)) => ledger.delete(name, old),
                (None, None) => {}
            }
        }

        state.before = state.written.tag;
        state.sets = ledger.sets();
        state.written = ledger.put(RecordName::State, None, &encode(state));
        ledger.finish(state.written)
    }

    /// Deletes everything and leaves a tombstone without keys. It stays as long as there is something to tell, or to answer.
    pub(in crate::chat) fn burial(
        &self,
        records: &RecordKeys,
        tombstone: &Tombstone,
        state: &mut State,
        rng: &mut dyn CryptoRng,
    ) -> Batch {
        let mut ledger = Ledger::new(records, state.written, state.sets, rng);
        ledger.destroy();
        let was_closed = matches!(self.phase, Phase::Closed(_));
        if was_closed && tombstone.receipt.is_none() {
            // The peer has been told, and whatever it says needs no answer: the tombstone goes too.
            ledger.delete_all([RecordName::Tombstone]);
            state.written = ledger.nothing_left();
            return ledger.finish(state.written);
        }
        if !was_closed {
            ledger.delete_all(self.record_names());
        }
        state.before = state.written.tag;
        let plain = encode_tombstone(&self.setup, tombstone, &state.before);
        state.written = ledger.put(RecordName::Tombstone, None, plain.as_slice());
        ledger.finish(state.written)
    }

    /// The records of a chat that is not closed.
    fn record_names(&self) -> impl Iterator<Item = RecordName> {
        let outgoing = self.outbox.iter().map(|entry| RecordName::Outgoing(entry.slot));
        let waiting = self.waiting.iter().map(|arrived| RecordName::Waiting(arrived.slot));
        let early = self.early.iter().map(|arrived| RecordName::Early(arrived.slot));
        let timed = self.timed.iter().map(|(random_id, _)| RecordName::Timed(random_id));
        let single = [RecordName::Keys, RecordName::State].into_iter();
        single.chain(outgoing).chain(waiting).chain(early).chain(timed)
    }
}
