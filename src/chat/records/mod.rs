//! The records of a chat: the contents of each with its layout, the batch of a turn, and restoring (SPEC REC-1 to
//! REC-6).

mod batch;
mod codes;
mod keys;
mod message;
mod restore;
mod setup;
mod state;
mod timed;
mod tombstone;

use keys::{decode_keys, encode_keys};
use message::Place;
use state::{decode_state, encode_state};
use timed::Known;
use tombstone::{decode_tombstone, encode_tombstone};

#[cfg(test)]
mod tests;
