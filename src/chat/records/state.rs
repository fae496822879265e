//! The record that every batch rewrites.

use crate::chat::model::{Compared, State, StateOptions};
use crate::record::{Written, fields, if_option, options, variants};
use crate::types::id::Layer;

/// The heads of the records of state and keys.
pub(in crate::chat) struct Heads {
    pub(in crate::chat) state: Written,
    pub(in crate::chat) keys: Written,
}

fields! {
    State, layout 1, heads: Heads {
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
        told_old,
        before,
        sets,
        options;
        written: heads.state,
        keys_written: Some(heads.keys),
    }
}

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
