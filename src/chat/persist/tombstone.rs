//! The record of a closed chat.

use super::super::state::{PendingDiscard, Setup, Tombstone};
use super::setup::{decode_setup, encode_setup};
use crate::error::{CloseReason, StoreError, Violation};
use crate::record::{Fields, Put};

/// A change of the layout is a new number.
const TOMBSTONE: u8 = 1;

/// `before` is the tag of the last record of the state.
pub(in crate::chat) fn encode_tombstone(setup: &Setup, tombstone: &Tombstone, before: &[u8; 16]) -> Put {
    let Tombstone { reason, history, discard } = tombstone;
    let mut put = Put::new(TOMBSTONE, 64);
    encode_setup(&mut put, setup);
    put.array(&[close_reason_code(*reason)]).flag(*history).flag(discard.is_some());
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
    let [code] = fields.array()?;
    let reason = close_reason(code).ok_or(StoreError::Damaged)?;
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

/// Violations in the order of their codes; new ones go to the end.
const VIOLATIONS: [Violation; 10] = [
    Violation::SeqNegative,
    Violation::SeqParity,
    Violation::InSeqBack,
    Violation::InSeqAhead,
    Violation::SeqExhausted,
    Violation::LayerBack,
    Violation::BareObject,
    Violation::BodyNotUnderstood,
    Violation::ResendRange,
    Violation::RekeyUnexpected,
];
const FIRST_VIOLATION: u8 = 16;

fn close_reason_code(reason: CloseReason) -> u8 {
    match reason {
        CloseReason::ByUs => 0,
        CloseReason::ByPeer => 1,
        CloseReason::Unproved => 2,
        CloseReason::RolledBack => 3,
        CloseReason::ByServerOrPeer => 4,
        CloseReason::AcceptedElsewhere => 5,
        CloseReason::BadAnswer => 6,
        CloseReason::Violation(violation) => {
            (FIRST_VIOLATION..).zip(VIOLATIONS).find(|(_, v)| *v == violation).map_or(u8::MAX, |(code, _)| code)
        }
    }
}

fn close_reason(code: u8) -> Option<CloseReason> {
    Some(match code {
        0 => CloseReason::ByUs,
        1 => CloseReason::ByPeer,
        2 => CloseReason::Unproved,
        3 => CloseReason::RolledBack,
        4 => CloseReason::ByServerOrPeer,
        5 => CloseReason::AcceptedElsewhere,
        6 => CloseReason::BadAnswer,
        _ => {
            let index = usize::from(code.checked_sub(FIRST_VIOLATION)?);
            CloseReason::Violation(VIOLATIONS.get(index).copied()?)
        }
    })
}
