//! The batch of a turn: the records that it writes and deletes (SPEC REC-1, REC-3).

use super::{encode_keys, encode_state, encode_tombstone};
use crate::chat::Chat;
use crate::chat::model::{Keeping, Kept, Phase, Tombstone};
use crate::chat::turn::Turn;
use crate::record::{Batch, Ledger, NONCE_LEN, RecordName, encode};

impl Turn<'_> {
    /// Seals what the turn changes, and adds the batch to what goes out. Returns the records as it leaves them, or `None` for
    /// a chat that keeps no records.
    pub(in crate::chat) fn batch(&mut self) -> Option<Kept> {
        let records = self.chat.records.as_ref()?;
        let (batch, kept) = match *self.phase.get() {
            Phase::Closed(ref tombstone) => self.burial(records, &tombstone.clone()),
            Phase::Requested(_) | Phase::Open(_) => self.changes(records),
        };
        self.group.persist(batch);
        Some(kept)
    }

    /// Writes what changes, and deletes what is no longer needed. Each record that is written is noted in the turn.
    fn changes(&mut self, records: &Keeping) -> (Batch, Kept) {
        let (keys, before) = (&records.keys, records.kept());
        let Self { chat, rng, state, phase, outbox, timed, waiting, unopened, forget_unopened, .. } = self;
        // One nonce for each record that is put below.
        let messages = outbox.changed().len() + usize::from(waiting.is_some()) + usize::from(unopened.is_some());
        let timed_ones = timed.changes_mut().changed.values().flatten().count();
        let put = usize::from(phase.is_written()) + messages + timed_ones + 1;
        rng.read_ahead(put * NONCE_LEN);
        let mut ledger = Ledger::new(keys, before.newest, before.sets, rng);
        let mut kept = Kept { before: before.newest.tag, ..before };

        if phase.is_written() {
            let plain = encode_keys(&chat.setup, phase.get());
            ledger.put_alone(RecordName::Keys, plain);
        }

        for freed in chat.outbox.iter().take_while(|entry| entry.slot < state.slots.acknowledged) {
            ledger.delete(RecordName::Outgoing(freed.slot), freed.written);
        }
        for outgoing in outbox.changed_mut() {
            let old = chat.outbox.get(outgoing.slot);
            if old.is_some_and(|old| outgoing.emptied && !old.emptied) {
                ledger.destroy();
            }
            let (name, old) = (RecordName::Outgoing(outgoing.slot), old.map(|old| old.written));
            outgoing.written = ledger.put(name, old, encode(outgoing));
        }

        for taken in chat.waiting.iter().take_while(|arrived| arrived.slot < state.slots.received) {
            ledger.delete(RecordName::Waiting(taken.slot), taken.written);
        }
        if let Some(arrived) = waiting {
            let name = RecordName::Waiting(arrived.slot);
            arrived.written = ledger.put(name, None, encode(&**arrived));
        }

        if *forget_unopened {
            for taken in chat.unopened.iter() {
                ledger.delete(RecordName::Unopened(taken.slot), taken.written);
            }
        }
        if let Some(arrived) = unopened {
            let name = RecordName::Unopened(arrived.slot);
            arrived.written = ledger.put(name, None, encode(&**arrived));
        }

        let timed = timed.changes_mut();
        if timed.flushed {
            for (random_id, old) in chat.timed.iter().filter(|(id, _)| !timed.changed.contains_key(id)) {
                ledger.delete(RecordName::Timed(random_id), old.written);
            }
        }
        for (random_id, message) in &mut timed.changed {
            let (name, old) = (RecordName::Timed(*random_id), chat.timed.get(*random_id).map(|old| old.written));
            match (message, old) {
                (Some(message), old) => message.written = ledger.put(name, old, encode(message)),
                (None, Some(old)) => ledger.delete(name, old),
                (None, None) => {}
            }
        }

        kept.sets = ledger.sets();
        kept.newest = ledger.put(RecordName::State, None, encode_state(state, &kept));
        (ledger.finish(kept.newest), kept)
    }

    /// Deletes everything and leaves a tombstone without keys. It stays as long as the peer must be notified or may
    /// need an answer.
    fn burial(&mut self, records: &Keeping, tombstone: &Tombstone) -> (Batch, Kept) {
        let (keys, before) = (&records.keys, records.kept());
        let Self { chat, rng, .. } = self;
        let mut ledger = Ledger::new(keys, before.newest, before.sets, rng);
        let mut kept = before;
        ledger.destroy();
        let was_closed = matches!(chat.phase, Phase::Closed(_));
        if was_closed && tombstone.discard.is_none() && tombstone.receipt.is_none() {
            // The peer has been notified and needs no answer to anything it sends, so the tombstone is deleted too.
            ledger.delete_all([RecordName::Tombstone]);
            kept.newest = ledger.nothing_left();
            return (ledger.finish(kept.newest), kept);
        }
        if !was_closed {
            ledger.delete_all(chat.record_names());
        }
        kept.before = before.newest.tag;
        let plain = encode_tombstone(&chat.setup, tombstone, &kept.before);
        kept.newest = ledger.put(RecordName::Tombstone, None, plain);
        (ledger.finish(kept.newest), kept)
    }
}

impl Chat {
    /// Returns the names of the records of a chat that is not closed.
    fn record_names(&self) -> impl Iterator<Item = RecordName> {
        let outgoing = self.outbox.iter().map(|entry| RecordName::Outgoing(entry.slot));
        let waiting = self.waiting.iter().map(|arrived| RecordName::Waiting(arrived.slot));
        let unopened = self.unopened.iter().map(|arrived| RecordName::Unopened(arrived.slot));
        let timed = self.timed.iter().map(|(random_id, _)| RecordName::Timed(random_id));
        let single = [RecordName::Keys, RecordName::State].into_iter();
        single.chain(outgoing).chain(waiting).chain(unopened).chain(timed)
    }
}
