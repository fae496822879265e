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
pub(super) use message::Place;
pub(super) use state::Heads;
pub(super) use timed::Known;
pub(super) use tombstone::decode_tombstone;
use tombstone::encode_tombstone;
