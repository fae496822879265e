//! The batch of a call: which records it writes and deletes (SPEC REC-1, REC-3).

use alloc::vec::Vec;

use rand_core::CryptoRng;

use super::super::Chat;
use super::super::group::Change;
use super::super::state::{Phase, State, Tombstone};
use super::{encode_keys, encode_outgoing, encode_state, encode_timed, encode_tombstone, encode_waiting};
use crate::record::{Batch, Checkpoint, RecordKeys, RecordName, RecordSet, Written};

impl Chat {
    /// The records that change, and the new state over them.
    pub(in crate::chat) fn batch(&self, records: &RecordKeys, change: &mut Change, rng: &mut dyn CryptoRng) -> Batch {
        let state = &mut change.state;
        let before = state.written;
        let generation = before.generation.saturating_add(1);
        let mut put = Vec::new();
        let mut delete = Vec::new();
        // A key that was replaced, content that was emptied, what waited in plain: none of it may come back.
        let mut destroys = false;

        if change.rewrite_keys || change.phase.is_some() {
            let keys = encode_keys(&self.setup, change.phase.as_ref().unwrap_or(&self.phase));
            if state.keys_written != Written::default() {
                destroys = true;
                state.keys_set.remove(&records.member(RecordName::Keys, state.keys_written));
            }
            let (sealed, written) = records.seal(RecordName::Keys, generation, keys.as_slice(), rng);
            state.keys_set.insert(&records.member(RecordName::Keys, written));
            state.keys_written = written;
            put.push((RecordName::Keys, sealed));
        }
        for freed in self.outbox.iter().take_while(|entry| entry.slot < state.counters.acknowledged) {
            let name = RecordName::Outgoing(freed.slot);
            state.outgoing_set.remove(&records.member(name, freed.written));
            delete.push(name);
        }
        for outgoing in &mut change.outgoing {
            let name = RecordName::Outgoing(outgoing.slot);
            if let Some(replaced) = self.outbox.get(outgoing.slot) {
                destroys |= outgoing.emptied && !replaced.emptied;
                state.outgoing_set.remove(&records.member(name, replaced.written));
            }
            let plain = encode_outgoing(outgoing);
            let (sealed, written) = records.seal(name, generation, plain.as_slice(), rng);
            state.outgoing_set.insert(&records.member(name, written));
            outgoing.written = written;
            put.push((name, sealed));
        }
        for taken in self.waiting.iter().take_while(|arrived| arrived.slot < state.counters.received) {
            let name = RecordName::Waiting(taken.slot);
            destroys = true;
            state.waiting_set.remove(&records.member(name, taken.written));
            delete.push(name);
        }
        if let Some(arrived) = &mut change.waiting {
            let name = RecordName::Waiting(arrived.slot);
            let plain = encode_waiting(arrived);
            let (sealed, written) = records.seal(name, generation, plain.as_slice(), rng);
            state.waiting_set.insert(&records.member(name, written));
            arrived.written = written;
            put.push((name, sealed));
        }
        for taken in self.early.iter().filter(|_| change.forget_early) {
            let name = RecordName::Early(taken.slot);
            destroys = true;
            state.early_set.remove(&records.member(name, taken.written));
            delete.push(name);
        }
        if let Some(early) = &mut change.early {
            let name = RecordName::Early(early.slot);
            let plain = encode_waiting(early);
            let (sealed, written) = records.seal(name, generation, plain.as_slice(), rng);
            state.early_set.insert(&records.member(name, written));
            early.written = written;
            put.push((name, sealed));
        }
        if change.timed.flushed {
            destroys |= self.timed.len() > 0;
            state.timed_set = RecordSet::default();
            let flushed = self.timed.iter().filter(|(random_id, _)| !change.timed.changed.contains_key(random_id));
            delete.extend(flushed.map(|(random_id, _)| RecordName::Timed(random_id)));
        }
        let flushed = change.timed.flushed;
        for (random_id, message) in &mut change.timed.changed {
            let name = RecordName::Timed(*random_id);
            let old = self.timed.get(*random_id).filter(|_| !flushed);
            if let Some(old) = old {
                destroys = true;
                state.timed_set.remove(&records.member(name, old.written));
            }
            match message {
                Some(message) => {
                    let plain = encode_timed(message);
                    let (sealed, written) = records.seal(name, generation, plain.as_slice(), rng);
                    state.timed_set.insert(&records.member(name, written));
                    message.written = written;
                    put.push((name, sealed));
                }
                None => delete.extend(old.map(|_| name)),
            }
        }
        let plain = encode_state(state);
        let (sealed, written) = records.seal(RecordName::State, generation, plain.as_slice(), rng);
        state.written = written;
        put.push((RecordName::State, sealed));
        let Written { generation, tag } = written;
        let checkpoint = Checkpoint { generation, tag };
        Batch { chat: records.chat(), follows: before.checkpoint(), checkpoint, put, delete, destroys }
    }

    /// Everything goes but a tombstone without keys. It stays as long as there is something to tell, or to answer.
    pub(in crate::chat) fn burial(
        &self,
        records: &RecordKeys,
        tombstone: &Tombstone,
        state: &mut State,
        rng: &mut dyn CryptoRng,
    ) -> Batch {
        let before = state.written;
        let generation = before.generation.saturating_add(1);
        let (chat, follows, destroys) = (records.chat(), before.checkpoint(), true);
        let was_closed = matches!(self.phase, Phase::Closed(_));
        if was_closed && tombstone.receipt.is_none() {
            // The peer has been told, and whatever it says needs no answer: the tombstone goes too.
            state.written = Written { generation, tag: [0; 16] };
            let checkpoint = Checkpoint { generation, tag: [0; 16] };
            let delete = [RecordName::Tombstone].into();
            return Batch { chat, follows, checkpoint, put: Vec::new(), delete, destroys };
        }
        let plain = encode_tombstone(&self.setup, tombstone, &before.tag);
        let (sealed, written) = records.seal(RecordName::Tombstone, generation, plain.as_slice(), rng);
        state.written = written;
        let checkpoint = Checkpoint { generation, tag: written.tag };
        if was_closed {
            let put = [(RecordName::Tombstone, sealed)].into();
            return Batch { chat, follows, checkpoint, put, delete: Vec::new(), destroys };
        }
        let slots = self.outbox.iter().map(|entry| RecordName::Outgoing(entry.slot));
        let waiting = self.waiting.iter().map(|arrived| RecordName::Waiting(arrived.slot));
        let early = self.early.iter().map(|arrived| RecordName::Early(arrived.slot));
        let timed = self.timed.iter().map(|(random_id, _)| RecordName::Timed(random_id));
        let both = [RecordName::Keys, RecordName::State].into_iter();
        let delete = both.chain(slots).chain(waiting).chain(early).chain(timed).collect();
        Batch { chat, follows, checkpoint, put: [(RecordName::Tombstone, sealed)].into(), delete, destroys }
    }
}
