//! The record of a closed chat.

use super::keys::KeyOptions;
use crate::chat::model::{MAX_LIVE_KEYS, PendingDiscard, Setup, Tombstone, Until};
use crate::output::DiscardProof;
use crate::record::{Decode, Decoder, Encode, Encoder, Plain, decode_with, encode_with, fields, if_set, stored_as};
use crate::types::error::StoreError;

/// Change this number when the list of fields changes.
const LAYOUT: u8 = 1;

/// Encodes a tombstone. `before` is the tag of the last record of the state.
pub(in crate::chat) fn encode_tombstone(setup: &Setup, tombstone: &Tombstone, before: &[u8; 16]) -> Plain {
    encode_with(LAYOUT, |to| {
        let rest = |to: &mut Encoder<'_>| {
            tombstone.encode(to);
            before.encode(to);
        };
        setup.encode_around(to, rest, &KeyOptions::default());
    })
}

/// Returns the tombstone, and the tag of the last record of the state.
pub(in crate::chat) fn decode_tombstone(plain: &[u8]) -> Result<(Setup, Tombstone, [u8; 16]), StoreError> {
    let read = decode_with(LAYOUT, plain, |from| Setup::decode_around(from, |from, _| from.take()))?;
    let (setup, (tombstone, before), of_keys) = read;
    // A closed chat has no keys.
    if of_keys == KeyOptions::default() { Ok((setup, tombstone, before)) } else { Err(StoreError::Damaged) }
}

fields! { Tombstone { reason, history, receipt, discard: if_set } }

fields! { PendingDiscard { history, proof, until } }

stored_as! {
    DiscardProof = (u32, [u8; 32]): |proof| (proof.sent, proof.mac), |(sent, mac)| Some(DiscardProof { sent, mac });
}

impl Encode for Until {
    fn encode(&self, to: &mut Encoder<'_>) {
        let receipts = match self {
            Self::Taken => &[None; MAX_LIVE_KEYS],
            Self::Closed(receipts) => receipts,
        };
        receipts.iter().for_each(|receipt| receipt.encode(to));
    }
}

impl<K: ?Sized> Decode<K> for Until {
    fn decode(from: &mut Decoder<'_>, known: &K) -> Result<Self, StoreError> {
        let mut receipts = [None; MAX_LIVE_KEYS];
        for receipt in &mut receipts {
            *receipt = Decode::decode(from, known)?;
        }
        Ok(if receipts.iter().all(Option::is_none) { Self::Taken } else { Self::Closed(receipts) })
    }
}
