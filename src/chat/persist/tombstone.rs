//! The record of a closed chat.

use super::super::state::{PendingDiscard, Setup, Tombstone};
use super::setup::{decode_setup, encode_setup};
use crate::error::StoreError;
use crate::record::{Fields, Put};

/// A change of the layout is a new number.
const TOMBSTONE: u8 = 1;

/// `before` is the tag of the last record of the state.
pub(in crate::chat) fn encode_tombstone(setup: &Setup, tombstone: &Tombstone, before: &[u8; 16]) -> Put {
    let Tombstone { reason, history, discard } = tombstone;
    let mut put = Put::new(TOMBSTONE, 64);
    encode_setup(&mut put, setup);
    put.code(*reason).flag(*history).flag(discard.is_some());
    if let Some(PendingDiscard { history, proof }) = discard {
        put.flag(*history).flag(proof.is_some()).array(&proof.unwrap_or_default());
    }
    put.array(before);
    put
}

/// What is left, and the tag of the last record of the state.
pub(in crate::chat) fn decode_tombstone(plain: &[u8]) -> Result<(Setup, Tombstone, [u8; 16]), StoreError> {
    let mut fields = Fields::new(TOMBSTONE, plain)?;
    let setup = decode_setup(&mut fields)?;
    let reason = fields.code()?;
    let history = fields.flag()?;
    let discard = if fields.flag()? {
        let history = fields.flag()?;
        let proof = match (fields.flag()?, fields.array()?) {
            (true, proof) => Some(proof),
            (false, _) => None,
        };
        Some(PendingDiscard { history, proof })
    } else {
        None
    };
    let before = fields.array()?;
    fields.finish()?;
    Ok((setup, Tombstone { reason, history, discard }, before))
}
