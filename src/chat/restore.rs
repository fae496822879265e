//! A chat from its records (SPEC REC-3, REC-5, REC-6).

use alloc::vec::Vec;

use super::Chat;
use super::persist::{decode_keys, decode_outgoing, decode_state, decode_timed, decode_tombstone, decode_waiting};
use super::queue::Waiting;
use super::state::{Phase, State};
use super::timed::Timed;
use crate::env::Env;
use crate::error::StoreError;
use crate::id::{Layer, SeqNo};
use crate::record::{RecordKeys, RecordName, RecordSet, Records, StoreKey};
use crate::seq::Counters;
use crate::time::{LogicalClock, Timestamp};

impl Chat {
    /// A chat as its records left it, in any phase. It asks for nothing by itself, [`Chat::retransmit`] does;
    /// only messages that came before the keys, and that a crash kept from being taken after them, are taken now.
    ///
    /// `expected_generation` is the generation of the newest batch that the host remembers apart from the records.
    /// Without it, restored older records are only noticed at the first message that acknowledges what they do not
    /// know, and the chat closes then.
    ///
    /// # Errors
    /// [`StoreError`], within time and memory proportional to the records.
    pub fn restore(
        records: &Records,
        store_key: &StoreKey,
        expected_generation: Option<u64>,
        env: &mut Env<'_>,
    ) -> Result<Self, StoreError> {
        let keys = RecordKeys::derive(records.chat, store_key);
        let mut chat = match single(records, RecordName::Tombstone)? {
            Some(tombstone) => restore_closed(keys, records, tombstone)?,
            None => restore_open(keys, records)?,
        };
        if expected_generation.is_some_and(|expected| chat.state.generation < expected) {
            return Err(StoreError::RolledBack);
        }
        chat.unproved_restore = expected_generation.is_none();
        chat.state.clock = chat.state.clock.advanced(env.now);
        if chat.keys().is_some() {
            chat.take_early(env);
        }
        Ok(chat)
    }
}

fn restore_closed(keys: RecordKeys, records: &Records, sealed: &[u8]) -> Result<Chat, StoreError> {
    if records.rows.len() != 1 {
        return Err(StoreError::Mismatch);
    }
    let (generation, plain) = keys.open(RecordName::Tombstone, sealed)?;
    let (setup, tombstone) = decode_tombstone(&plain)?;
    let mut state = State::new(LogicalClock::start(Timestamp::default()), Layer::L144, setup.profile.first_layer());
    state.generation = generation;
    Ok(Chat::assemble(setup, state, Phase::Closed(tombstone), Some(keys)))
}

fn restore_open(keys: RecordKeys, records: &Records) -> Result<Chat, StoreError> {
    let sealed_state = single(records, RecordName::State)?.ok_or(StoreError::Missing)?;
    let sealed_keys = single(records, RecordName::Keys)?.ok_or(StoreError::Missing)?;

    let (generation, plain) = keys.open(RecordName::State, sealed_state)?;
    let state = decode_state(&plain, generation)?;
    let (keys_generation, plain) = keys.open(RecordName::Keys, sealed_keys)?;
    let (setup, phase) = decode_keys(&plain)?;

    let mut keys_set = RecordSet::default();
    keys_set.insert(&keys.member(RecordName::Keys, keys_generation));
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
            let (generation, plain) = keys.open(*name, sealed)?;
            set.insert(&keys.member(*name, generation));
            Ok((generation, plain))
        };
        match *name {
            RecordName::Outgoing(slot) => {
                let (generation, plain) = read(&mut outgoing_set)?;
                outgoing.push(decode_outgoing(&plain, slot, generation)?);
            }
            RecordName::Waiting(slot) => {
                let (generation, plain) = read(&mut waiting_set)?;
                waiting.put(decode_waiting(&plain, slot, generation)?);
            }
            RecordName::Early(place) => {
                let (generation, plain) = read(&mut early_set)?;
                early.put(decode_waiting(&plain, place, generation)?);
            }
            RecordName::Timed(random_id) => {
                let (generation, plain) = read(&mut timed_set)?;
                timed.put(random_id, decode_timed(&plain, generation, setup.profile.file_form())?);
            }
            RecordName::Keys | RecordName::State | RecordName::Tombstone => {}
        }
    }
    let State { keys_set: keys_expected, outgoing_set: outgoing_expected, .. } = state;
    if (keys_set, outgoing_set) != (keys_expected, outgoing_expected)
        || (waiting_set, early_set, timed_set) != (state.waiting_set, state.early_set, state.timed_set)
        || keys_generation != state.keys_generation
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
    Ok(chat)
}

/// The one record of this name; two are one too many.
fn single(records: &Records, wanted: RecordName) -> Result<Option<&[u8]>, StoreError> {
    let mut found = records.rows.iter().filter(|(name, _)| *name == wanted);
    let first = found.next().map(|(_, sealed)| sealed.as_slice());
    if found.next().is_some() { Err(StoreError::Mismatch) } else { Ok(first) }
}
