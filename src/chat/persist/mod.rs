//! The plain contents of records, each with its layout (SPEC REC-4).

mod batch;
mod codes;
mod keys;
mod message;
mod setup;
mod state;
mod timed;
mod tombstone;

pub(super) use keys::decode_keys;
use keys::encode_keys;
pub(super) use message::{decode_outgoing, decode_waiting};
use message::{encode_outgoing, encode_waiting};
pub(super) use state::decode_state;
use state::encode_state;
pub(super) use timed::decode_timed;
use timed::encode_timed;
pub(super) use tombstone::decode_tombstone;
use tombstone::encode_tombstone;

use crate::error::StoreError;
use crate::id::{Layer, SeqNo};
use crate::record::Fields;

fn seq_no(fields: &mut Fields<'_>) -> Result<SeqNo, StoreError> {
    SeqNo::new(fields.u32()?).ok_or(StoreError::Damaged)
}

fn layer(fields: &mut Fields<'_>) -> Result<Layer, StoreError> {
    fields.u32().map(|layer| Layer(layer.cast_signed()))
}
