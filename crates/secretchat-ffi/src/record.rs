//! Records: rows out for the host's store, and rows in for a restart.

use alloc::vec::Vec;
use core::ffi::c_char;

use secretchat::{Batch, ChatId, Checkpoint, RecordName, Records};

use crate::border::{In, Out, ScBytes};
use crate::chat::ScChat;
use crate::error::{Fault, Own, ScStatus, guard};

/// How many bytes the name of a record has.
pub const SC_RECORD_NAME_LEN: usize = 9;

const _: () = assert!(SC_RECORD_NAME_LEN == RecordName::LEN, "the name of a record has another length");

/// A record: a row of the host's store. Its key is the chat's id with the name.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct ScRow {
    /// Its name.
    pub name: [u8; SC_RECORD_NAME_LEN],
    /// Its bytes, which are sealed. Null in a list of rows to delete.
    pub value: ScBytes,
}

/// A checkpoint of a chat's records. Keep it elsewhere, where nobody can set it back.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScCheckpoint {
    /// Grows with each batch.
    pub generation: u64,
    /// Tells branches of the same generation apart.
    pub tag: [u8; 16],
}

/// Rows to write and to delete, in one transaction, before the next output is taken. Everything is borrowed.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct ScBatch {
    /// The chat.
    pub chat_id: [u8; 16],
    /// The state after this batch.
    pub checkpoint: ScCheckpoint,
    /// The rows to write.
    pub put: In<ScRow>,
    /// How many rows to write.
    pub put_count: usize,
    /// The rows to delete.
    pub remove: In<ScRow>,
    /// How many rows to delete.
    pub remove_count: usize,
    /// Whether what is replaced or deleted must leave no copy: no free page, no journal.
    pub destroys: u8,
}

impl ScCheckpoint {
    fn of(Checkpoint { generation, tag }: Checkpoint) -> Self {
        Self { generation, tag }
    }

    pub(crate) fn read(&self) -> Checkpoint {
        Checkpoint { generation: self.generation, tag: self.tag }
    }

    pub(crate) fn of_some(checkpoint: Option<Checkpoint>) -> Self {
        checkpoint.map(Self::of).unwrap_or_default()
    }
}

/// The structs that show a batch.
#[derive(Debug, Default)]
pub(crate) struct Batched {
    put: Vec<ScRow>,
    remove: Vec<ScRow>,
    batch: Vec<ScBatch>,
}

impl Batched {
    /// Shows a batch. The result is valid as long as both.
    pub(crate) fn show(&mut self, batch: &Batch) -> In<ScBatch> {
        let row = |name: &RecordName, value| ScRow { name: name.to_bytes(), value };
        self.put.clear();
        self.put.extend(batch.put.iter().map(|(name, value)| row(name, ScBytes::of(value))));
        self.remove.clear();
        self.remove.extend(batch.delete.iter().map(|name| row(name, ScBytes::NONE)));
        self.batch.clear();
        self.batch.push(ScBatch {
            chat_id: batch.chat.0,
            checkpoint: ScCheckpoint::of(batch.checkpoint),
            put: In::of_all(&self.put),
            put_count: self.put.len(),
            remove: In::of_all(&self.remove),
            remove_count: self.remove.len(),
            destroys: batch.destroys.into(),
        });
        In::of_all(&self.batch)
    }
}

/// Reads the rows of a chat.
pub(crate) fn records(chat_id: In<u8>, rows: &[ScRow]) -> Result<Records, Fault> {
    let rows = rows.iter().map(|row| {
        let name = RecordName::from_bytes(row.name).ok_or(Own::Value)?;
        Ok((name, row.value.get()?.to_vec()))
    });
    Ok(Records { chat: ChatId(*chat_id.array()?), rows: rows.collect::<Result<_, Fault>>()? })
}

/// Says whether the batch of the last output follows the records that the store holds. `head` is their row `state`, or
/// the row `tombstone` if there is no state, or null if there is neither. Writes 1 or 0. A store that more than one
/// process writes to asks this inside of the transaction, and refuses a batch that does not follow.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_batch_fits(chat: Option<&ScChat>, head: In<u8>, head_len: usize, fits: Out<u8>) -> ScStatus {
    guard(|| {
        fits.check()?;
        let batch = chat.ok_or(Own::Null)?.held.batch().ok_or(Own::Use)?;
        let head = if head.get().is_some() { Some(head.slice(head_len)?) } else { None };
        fits.put(batch.fits(head).into());
        Ok(())
    })
}

/// Writes the name of a record as text, such as `state` or `outgoing/3`, as `sc_error_name` does. `name` has
/// `SC_RECORD_NAME_LEN` bytes. Returns 0 for a name that no record has.
#[unsafe(no_mangle)]
pub extern "C" fn sc_record_name(name: In<u8>, buffer: Out<c_char>, len: usize) -> usize {
    let text = name.array().ok().and_then(|name| RecordName::from_bytes(*name)).map(|name| alloc::format!("{name}"));
    buffer.put_text(len, &text.unwrap_or_default())
}

/// Reads the checkpoint of the row `state` or `tombstone`, without a key.
#[unsafe(no_mangle)]
pub extern "C" fn sc_checkpoint_of_record(value: In<u8>, len: usize, out: Out<ScCheckpoint>) -> ScStatus {
    guard(|| {
        out.check()?;
        out.put(ScCheckpoint::of(Checkpoint::of_record(value.slice(len)?).ok_or(Own::Value)?));
        Ok(())
    })
}
