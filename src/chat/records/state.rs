//! The record that every batch rewrites.

use crate::chat::model::{Compared, Kept, State, StateOptions};
use crate::record::{Decode, Encode, Plain, Written, decode_with, encode_with, fields, if_option, options, variants};
use crate::types::error::StoreError;
use crate::types::id::Layer;

/// Change this number when the list of fields changes.
const LAYOUT: u8 = 1;

/// Encodes the state, and what it must know of the other records.
pub(in crate::chat) fn encode_state(state: &State, kept: &Kept) -> Plain {
    encode_with(LAYOUT, |to| {
        state.encode(to);
        kept.encode(to);
        state.options.encode(to);
    })
}

/// Returns the state, and what it knows of the other records. `newest` is the head of its own record.
pub(in crate::chat) fn decode_state(plain: &[u8], newest: &Written) -> Result<(State, Kept), StoreError> {
    decode_with(LAYOUT, plain, |from| {
        let state: State = from.take()?;
        let kept = Kept::decode(from, newest)?;
        Ok((State { options: from.take()?, ..state }, kept))
    })
}

fields! {
    State {
        clock,
        confirmed,
        discard_noted,
        slots,
        asked,
        asks,
        asked_at,
        owes_acknowledgement,
        own_layer: announced,
        peer_layer,
        seen_layer,
        told_at,
        ttl,
        ttl_slot,
        ttl_known,
        ttl_from,
        rekeys,
        key_since,
        key_slot,
        key_received,
        overdue_told,
        failures,
        ended,
        refused,
        noop_held_until,
        ask_after,
        unanswered,
        modern_from,
        told_old;
        // They come at the end of the record.
        options: StateOptions::default(),
    }
}

fields! { Kept, newest: Written { before, sets; newest: *newest } }

options! { StateOptions { 1 compared, 2 monotonic: if_option, 3 key_bytes } }

variants! { Compared { 1 Handshake, 2 CurrentKey; Self::Nothing } }

/// A layer that an end may announce. No other is stored (SPEC LAY-2).
mod announced {
    use super::Layer;
    use crate::record::{Decode, Decoder, Encode, Encoder};
    use crate::types::error::StoreError;

    pub(super) fn encode(layer: &Layer, to: &mut Encoder<'_>) {
        layer.encode(to);
    }

    pub(super) fn decode<K: ?Sized>(from: &mut Decoder<'_>, known: &K) -> Result<Layer, StoreError> {
        let layer = Decode::decode(from, known)?;
        if (Layer::L73..=Layer::L144).contains(&layer) { Ok(layer) } else { Err(StoreError::Damaged) }
    }
}
