//! The record of a closed chat.

use super::super::keys::MAX_LIVE_KEYS;
use super::super::state::{PendingDiscard, Setup, Tombstone, Until};
use super::setup::{decode_setup, encode_setup};
use crate::error::StoreError;
use crate::event::DiscardProof;
use crate::record::{Fields, Put};

/// A change of the layout is a new number.
const TOMBSTONE: u8 = 1;

/// `before` is the tag of the last record of the state.
pub(in crate::chat) fn encode_tombstone(setup: &Setup, tombstone: &Tombstone, before: &[u8; 16]) -> Put {
    let Tombstone { reason, history, receipt, discard } = tombstone;
    let mut put = Put::new(TOMBSTONE, 272);
    encode_setup(&mut put, setup);
    put.code(*reason).flag(*history);
    put.flag(receipt.is_some()).array(&receipt.unwrap_or_default()).flag(discard.is_some());
    if let Some(PendingDiscard { history, proof, until }) = discard {
        let DiscardProof { sent, mac } = proof.unwrap_or(NO_PROOF);
        put.flag(*history).flag(proof.is_some()).array(&sent.to_le_bytes()).array(&mac);
        encode_until(&mut put, until);
    }
    put.array(before);
    put
}

/// Stands where there is no proof.
const NO_PROOF: DiscardProof = DiscardProof { sent: 0, mac: [0; 32] };

fn encode_until(put: &mut Put, until: &Until) {
    let receipts = match until {
        Until::Taken => [None; MAX_LIVE_KEYS],
        Until::Closed(receipts) => *receipts,
    };
    for receipt in receipts {
        put.flag(receipt.is_some()).array(&receipt.unwrap_or_default());
    }
}

fn decode_until(fields: &mut Fields<'_>) -> Result<Until, StoreError> {
    let mut receipts = [None; MAX_LIVE_KEYS];
    for receipt in &mut receipts {
        *receipt = optional(fields)?;
    }
    Ok(if receipts.iter().all(Option::is_none) { Until::Taken } else { Until::Closed(receipts) })
}

fn optional(fields: &mut Fields<'_>) -> Result<Option<[u8; 32]>, StoreError> {
    match (fields.flag()?, fields.array()?) {
        (true, bytes) => Ok(Some(bytes)),
        (false, _) => Ok(None),
    }
}

/// What is left, and the tag of the last record of the state.
pub(in crate::chat) fn decode_tombstone(plain: &[u8]) -> Result<(Setup, Tombstone, [u8; 16]), StoreError> {
    let mut fields = Fields::new(TOMBSTONE, plain)?;
    let setup = decode_setup(&mut fields)?;
    let reason = fields.code()?;
    let history = fields.flag()?;
    let receipt = optional(&mut fields)?;
    let discard = if fields.flag()? {
        let history = fields.flag()?;
        let proof = match (fields.flag()?, fields.u32()?, fields.array()?) {
            (true, sent, mac) => Some(DiscardProof { sent, mac }),
            (false, _, _) => None,
        };
        Some(PendingDiscard { history, proof, until: decode_until(&mut fields)? })
    } else {
        None
    };
    let before = fields.array()?;
    fields.finish()?;
    Ok((setup, Tombstone { reason, history, receipt, discard }, before))
}
