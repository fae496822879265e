//! Restoring a chat from its records (SPEC REC-3, REC-5, REC-6).

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{Known, Place, decode_keys, decode_state, decode_tombstone};
use crate::chat::Chat;
use crate::chat::model::{Cause, Doubt, Keeping, Kept, Outgoing, Phase, State};
use crate::chat::turn::End;
use crate::record::{Checkpoint, RecordKeys, RecordName, RecordSets, Records, StoreKey, Written, decode};
use crate::seq::Slots;
use crate::types::env::Env;
use crate::types::error::StoreError;
use crate::types::id::{Layer, SeqNo};
use crate::types::secret::swept;
use crate::types::time::{LogicalClock, Timestamp};

impl Chat {
    /// Restores a chat as its records left it, in any phase. Nothing is sent again until you call
    /// [`Chat::retransmit`]. The one exception: messages that came before the keys, and that a crash kept from
    /// being processed after them, are processed now.
    ///
    /// `expected` is the newest checkpoint that the host noted apart from the records (SPEC REC-6). Records with
    /// that checkpoint are restored. So are those of the one batch after it, in case a crash kept the host from
    /// noting it: note [`Chat::checkpoint`] before the next batch.
    ///
    /// **Without a checkpoint a rollback may never be noticed** (SPEC REC-8). The chat closes at the first message
    /// of the peer that acknowledges more than the records know to be sent. That message never comes if nothing was
    /// sent since the records were copied, and then expired messages can be opened again. Nor does it come once as
    /// many new messages were made as were lost: those are acknowledged but never read. Records that are older than
    /// a new key show only by messages that no key opens: see
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
        swept(|| {
            let mut chat = Self::of_records(records, store_key)?;
            let kept = chat.records.as_ref().map(|records| records.kept());
            expected.zip(kept).map_or(Ok(()), |(expected, kept)| is_expected(&kept, expected))?;
            chat.unproved_restore = expected.is_none();
            chat.turn(Cause::Restore, env, |turn| {
                turn.count_restart();
                End::Pass(())
            });
            if chat.keys().is_some() {
                chat.doubt = Some(Box::new(Doubt::begins(chat.state.slots.sent)));
                chat.take_unopened(env);
            }
            Ok(chat)
        })
    }

    /// Returns a chat exactly as its records left it.
    pub(in crate::chat) fn of_records(records: &Records, store_key: &StoreKey) -> Result<Self, StoreError> {
        let keys = RecordKeys::derive(records.chat, store_key);
        match single(records, RecordName::Tombstone)? {
            Some(tombstone) => restore_closed(keys, records, tombstone),
            None => restore_open(keys, records),
        }
    }
}

/// Checks that the records are the noted ones, or follow them by one batch (SPEC REC-6).
fn is_expected(kept: &Kept, expected: Checkpoint) -> Result<(), StoreError> {
    let generation = kept.newest.generation;
    let previous = Written { generation: generation.saturating_sub(1), tag: kept.before };
    if [kept.newest, previous].map(Written::checkpoint).contains(&Some(expected)) {
        Ok(())
    } else if generation < expected.generation {
        Err(StoreError::RolledBack)
    } else {
        Err(StoreError::Branched)
    }
}

fn restore_closed(keys: RecordKeys, records: &Records, sealed: &[u8]) -> Result<Chat, StoreError> {
    if records.rows.len() != 1 {
        return Err(StoreError::Mismatch);
    }
    let (written, plain) = keys.open(RecordName::Tombstone, sealed)?;
    let (setup, tombstone, before) = decode_tombstone(&plain)?;
    let clock = LogicalClock::start(Timestamp::default());
    let state = State::new(clock, Layer::L144, setup.profile.rules());
    let kept = Kept { newest: written, before, ..Kept::default() };
    Ok(Chat::assemble(setup, state, Phase::Closed(Box::new(tombstone)), Some(Keeping::restored(keys, kept))))
}

fn restore_open(keys: RecordKeys, records: &Records) -> Result<Chat, StoreError> {
    let sealed_state = single(records, RecordName::State)?.ok_or(StoreError::Missing)?;
    let sealed_keys = single(records, RecordName::Keys)?.ok_or(StoreError::Missing)?;
    let (written, state) = keys.open(RecordName::State, sealed_state)?;
    let (keys_written, plain) = keys.open(RecordName::Keys, sealed_keys)?;
    let (state, kept) = decode_state(&state, &written)?;
    let (setup, mut phase) = decode_keys(&plain)?;
    phase.heard(state.slots.received);
    let mut sets = RecordSets::default();
    sets.insert(RecordName::Keys, &keys.member(RecordName::Keys, keys_written));
    let mut chat = Chat::assemble(setup, state, phase, Some(Keeping::restored(keys, kept)));
    chat.restore_messages(records, sets)?;
    Ok(chat)
}

impl Chat {
    /// Puts each message where it belongs, and checks that the state knows all of them and no others (SPEC REC-3,
    /// REC-5). `sets` holds what was read before.
    fn restore_messages(&mut self, records: &Records, mut sets: RecordSets) -> Result<(), StoreError> {
        let form = self.rules().file_form;
        let Some(keeping) = self.records.as_deref() else { return Ok(()) };
        let keys = &keeping.keys;
        let mut outgoing = Vec::<Outgoing>::new();
        for (name, sealed) in records.rows.iter().filter(|(name, _)| !name.is_single()) {
            let (written, plain) = keys.open(*name, sealed)?;
            sets.insert(*name, &keys.member(*name, written));
            match *name {
                RecordName::Outgoing(slot) => outgoing.push(decode(&plain, &Place { slot, written })?),
                RecordName::Waiting(slot) => self.waiting.put(decode(&plain, &Place { slot, written })?),
                RecordName::Unopened(slot) => self.unopened.put(decode(&plain, &Place { slot, written })?),
                RecordName::Timed(random_id) => self.timed.put(random_id, decode(&plain, &Known { written, form })?),
                RecordName::Keys | RecordName::State | RecordName::Tombstone => {}
            }
        }
        let Slots { sent, received, acknowledged } = self.state.slots;
        outgoing.sort_by_key(|entry| entry.slot);
        let all_are_there = outgoing.iter().map(|entry| entry.slot.get()).eq(acknowledged.get()..sent.get());
        let all_have_to_wait = self.waiting.first_from(SeqNo::ZERO).is_none_or(|first| first > received);
        if sets != keeping.kept().sets || !all_are_there || !all_have_to_wait {
            return Err(StoreError::Mismatch);
        }
        outgoing.into_iter().for_each(|entry| self.outbox.put(entry));
        Ok(())
    }
}

/// Returns the one record of this name. Two are an error.
fn single(records: &Records, wanted: RecordName) -> Result<Option<&[u8]>, StoreError> {
    let mut found = records.rows.iter().filter(|(name, _)| *name == wanted);
    let first = found.next().map(|(_, sealed)| sealed.as_slice());
    if found.next().is_some() { Err(StoreError::Mismatch) } else { Ok(first) }
}
