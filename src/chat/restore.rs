//! A chat from its records (SPEC REC-3, REC-5, REC-6).

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::Chat;
use super::doubt::Doubt;
use super::persist::{decode_keys, decode_outgoing, decode_state, decode_timed, decode_tombstone, decode_waiting};
use super::queue::Waiting;
use super::state::{Phase, State};
use super::timed::Timed;
use crate::env::Env;
use crate::error::StoreError;
use crate::id::{Layer, SeqNo};
use crate::record::{Checkpoint, RecordKeys, RecordName, RecordSet, Records, StoreKey, Written};
use crate::secret::swept;
use crate::seq::Counters;
use crate::time::{LogicalClock, Timestamp};

impl Chat {
    /// A chat as its records left it, in any phase. It asks for nothing by itself, [`Chat::retransmit`] does;
    /// only messages that came before the keys, and that a crash kept from being taken after them, are taken now.
    ///
    /// `expected` is the newest checkpoint that the host noted apart from the records (SPEC REC-6). Records that have it come
    /// back, and those of the one batch after it, which a crash kept the host from noting: it notes [`Chat::checkpoint`]
    /// before the next batch.
    ///
    /// **Without it a rollback may never be noticed** (SPEC REC-8). The chat closes at the first message of the peer that
    /// acknowledges more than the records know to be sent. That message never comes if nothing was sent since, so that
    /// what had expired can be opened again; nor once as many new messages were made as were lost, which are acknowledged
    /// and never read. Records from before a new key show only by messages that nobody can open:
    /// [`Event::RollbackSuspected`](crate::Event::RollbackSuspected).
    ///
    /// # Errors
    /// [`StoreError`], within time and memory proportional to the records.
    pub fn restore(
        records: &Records,
        store_key: &StoreKey,
        expected: Option<Checkpoint>,
        env: &mut Env<'_>,
    ) -> Result<Self, StoreError> {
        swept(|| Self::restore_unswept(records, store_key, expected, env))
    }

    fn restore_unswept(
        records: &Records,
        store_key: &StoreKey,
        expected: Option<Checkpoint>,
        env: &mut Env<'_>,
    ) -> Result<Self, StoreError> {
        let keys = RecordKeys::derive(records.chat, store_key);
        let (mut chat, before) = match single(records, RecordName::Tombstone)? {
            Some(tombstone) => restore_closed(keys, records, tombstone)?,
            None => restore_open(keys, records)?,
        };
        expected.map_or(Ok(()), |expected| is_expected(chat.state.written, before, expected))?;
        chat.unproved_restore = expected.is_none();
        chat.state.clock = chat.state.clock.advanced(env.now);
        chat.count_restart();
        if chat.keys().is_some() {
            chat.doubt = Some(Box::new(Doubt::begins(chat.state.counters.sent)));
            chat.take_early(env);
        }
        Ok(chat)
    }
}

/// The records are those that were noted, or come from them by one batch (SPEC REC-6). `before` is the tag of the record
/// that the newest one replaced.
fn is_expected(newest: Written, before: [u8; 16], expected: Checkpoint) -> Result<(), StoreError> {
    let generation = newest.generation;
    let previous = Written { generation: generation.saturating_sub(1), tag: before };
    if [newest, previous].map(Written::checkpoint).contains(&Some(expected)) {
        Ok(())
    } else if generation < expected.generation {
        Err(StoreError::RolledBack)
    } else {
        Err(StoreError::Branched)
    }
}

fn restore_closed(keys: RecordKeys, records: &Records, sealed: &[u8]) -> Result<(Chat, [u8; 16]), StoreError> {
    if records.rows.len() != 1 {
        return Err(StoreError::Mismatch);
    }
    let (written, plain) = keys.open(RecordName::Tombstone, sealed)?;
    let (setup, tombstone, before) = decode_tombstone(&plain)?;
    let mut state = State::new(LogicalClock::start(Timestamp::default()), Layer::L144, setup.profile.first_layer());
    state.written = written;
    Ok((Chat::assemble(setup, state, Phase::Closed(tombstone), Some(keys)), before))
}

fn restore_open(keys: RecordKeys, records: &Records) -> Result<(Chat, [u8; 16]), StoreError> {
    let sealed_state = single(records, RecordName::State)?.ok_or(StoreError::Missing)?;
    let sealed_keys = single(records, RecordName::Keys)?.ok_or(StoreError::Missing)?;

    let (written, plain) = keys.open(RecordName::State, sealed_state)?;
    let (mut state, before) = decode_state(&plain, written)?;
    let (keys_written, plain) = keys.open(RecordName::Keys, sealed_keys)?;
    let (setup, phase) = decode_keys(&plain)?;
    state.keys_written = keys_written;

    let mut keys_set = RecordSet::default();
    keys_set.insert(&keys.member(RecordName::Keys, keys_written));
    let mut outgoing_set = RecordSet::default();
    let mut outgoing = Vec::new();
    let mut waiting_set = RecordSet::default();
    let mut waiting = Waiting::default();
    let mut early_set = RecordSet::default();
    let mut early = Waiting::default();
    let mut timed_set = RecordSet::default();
    let mut timed = Timed::default();
    for (name, sealed) in &records.rows {
        let read = |set: &mut RecordSet| {
            let (written, plain) = keys.open(*name, sealed)?;
            set.insert(&keys.member(*name, written));
            Ok((written, plain))
        };
        match *name {
            RecordName::Outgoing(slot) => {
                let (written, plain) = read(&mut outgoing_set)?;
                outgoing.push(decode_outgoing(&plain, slot, written)?);
            }
            RecordName::Waiting(slot) => {
                let (written, plain) = read(&mut waiting_set)?;
                waiting.put(decode_waiting(&plain, slot, written)?);
            }
            RecordName::Early(place) => {
                let (written, plain) = read(&mut early_set)?;
                early.put(decode_waiting(&plain, place, written)?);
            }
            RecordName::Timed(random_id) => {
                let (written, plain) = read(&mut timed_set)?;
                timed.put(random_id, decode_timed(&plain, written, setup.profile.file_form())?);
            }
            RecordName::Keys | RecordName::State | RecordName::Tombstone => {}
        }
    }
    let State { keys_set: keys_expected, outgoing_set: outgoing_expected, .. } = state;
    if (keys_set, outgoing_set) != (keys_expected, outgoing_expected)
        || (waiting_set, early_set, timed_set) != (state.waiting_set, state.early_set, state.timed_set)
        || waiting.first_from(SeqNo::ZERO).is_some_and(|first| first <= state.counters.received)
    {
        return Err(StoreError::Mismatch);
    }

    outgoing.sort_by_key(|entry| entry.slot);
    let Counters { sent, acknowledged, .. } = state.counters;
    let slots = outgoing.iter().map(|entry| entry.slot.get());
    if !slots.eq(acknowledged.get()..sent.get()) {
        return Err(StoreError::Mismatch);
    }
    let mut chat = Chat::assemble(setup, state, phase, Some(keys));
    outgoing.into_iter().for_each(|entry| chat.outbox.put(entry));
    chat.waiting = waiting;
    chat.early = early;
    chat.timed = timed;
    Ok((chat, before))
}

/// The one record of this name; two are one too many.
fn single(records: &Records, wanted: RecordName) -> Result<Option<&[u8]>, StoreError> {
    let mut found = records.rows.iter().filter(|(name, _)| *name == wanted);
    let first = found.next().map(|(_, sealed)| sealed.as_slice());
    if found.next().is_some() { Err(StoreError::Mismatch) } else { Ok(first) }
}
