//! The record that every batch rewrites.

use super::super::state::State;
use super::{layer, seq_no};
use crate::error::StoreError;
use crate::id::{ExchangeId, Layer, SeqNo};
use crate::record::{Fields, Put, RecordSet, RecordSets, Written};
use crate::seq::Counters;
use crate::time::{Elapsed, LogicalClock, Timestamp, Ttl};

/// A change of the layout is a new number.
const STATE: u8 = 1;

pub(in crate::chat) fn encode_state(state: &State) -> Put {
    let State {
        clock,
        confirmed,
        discard_noted,
        counters,
        asked,
        asks,
        asked_at,
        owes_acknowledgement,
        own_layer,
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
        written: _, // stands in the record itself
        before,
        keys_written: _, // stands in the record of keys itself
        sets,
    } = state;
    let mut put = Put::new(STATE, 400);
    put.array(&clock.raw().as_millis().to_le_bytes())
        .array(&clock.elapsed().as_millis().to_le_bytes())
        .flag(*confirmed)
        .flag(discard_noted.is_some())
        .array(&discard_noted.unwrap_or_default().as_millis().to_le_bytes())
        .array(&counters.sent.get().to_le_bytes())
        .array(&counters.received.get().to_le_bytes())
        .array(&counters.acknowledged.get().to_le_bytes())
        .array(&asked.get().to_le_bytes())
        .array(&[*asks])
        .array(&asked_at.as_millis().to_le_bytes())
        .flag(*owes_acknowledgement)
        .array(&own_layer.0.to_le_bytes())
        .array(&peer_layer.0.to_le_bytes())
        .array(&seen_layer.0.to_le_bytes())
        .flag(told_at.is_some())
        .array(&told_at.unwrap_or(Layer(0)).0.to_le_bytes())
        .array(&ttl.to_wire().to_le_bytes())
        .flag(ttl_slot.is_some())
        .array(&ttl_slot.unwrap_or(SeqNo::ZERO).get().to_le_bytes())
        .array(&ttl_known.to_wire().to_le_bytes())
        .array(&ttl_from.get().to_le_bytes())
        .array(&rekeys.to_le_bytes())
        .array(&key_since.as_millis().to_le_bytes())
        .array(&key_slot.get().to_le_bytes())
        .array(&key_received.get().to_le_bytes())
        .flag(*overdue_told)
        .array(&[*failures])
        .flag(ended.is_some())
        .array(&ended.unwrap_or(ExchangeId(0)).0.to_le_bytes())
        .flag(refused.is_some())
        .array(&refused.unwrap_or(ExchangeId(0)).0.to_le_bytes())
        .flag(noop_held_until.is_some())
        .array(&noop_held_until.unwrap_or_default().as_millis().to_le_bytes())
        .array(&ask_after.as_millis().to_le_bytes())
        .array(&[*unanswered])
        .flag(modern_from.is_some())
        .array(&modern_from.unwrap_or(SeqNo::ZERO).get().to_le_bytes())
        .flag(*told_old)
        .array(before);
    for set in sets.in_order() {
        put.array(&set.to_bytes());
    }
    put
}

pub(in crate::chat) fn decode_state(
    plain: &[u8],
    written: Written,
    keys_written: Written,
) -> Result<State, StoreError> {
    let mut fields = Fields::new(STATE, plain)?;
    let state = State {
        clock: LogicalClock::resume(Timestamp::from_millis(fields.u64()?), Elapsed::from_millis(fields.u64()?)),
        confirmed: fields.flag()?,
        discard_noted: time(&mut fields)?,
        counters: Counters {
            sent: seq_no(&mut fields)?,
            received: seq_no(&mut fields)?,
            acknowledged: seq_no(&mut fields)?,
        },
        asked: seq_no(&mut fields)?,
        asks: u8::from_le_bytes(fields.array()?),
        asked_at: Elapsed::from_millis(fields.u64()?),
        owes_acknowledgement: fields.flag()?,
        own_layer: layer(&mut fields)?,
        peer_layer: layer(&mut fields)?,
        seen_layer: layer(&mut fields)?,
        told_at: match (fields.flag()?, layer(&mut fields)?) {
            (true, at) => Some(at),
            (false, _) => None,
        },
        ttl: Ttl::from_wire(fields.u32()?.cast_signed()),
        ttl_slot: match (fields.flag()?, seq_no(&mut fields)?) {
            (true, slot) => Some(slot),
            (false, _) => None,
        },
        ttl_known: Ttl::from_wire(fields.u32()?.cast_signed()),
        ttl_from: seq_no(&mut fields)?,
        rekeys: fields.u32()?,
        key_since: Elapsed::from_millis(fields.u64()?),
        key_slot: seq_no(&mut fields)?,
        key_received: seq_no(&mut fields)?,
        overdue_told: fields.flag()?,
        failures: u8::from_le_bytes(fields.array()?),
        ended: exchange_id(&mut fields)?,
        refused: exchange_id(&mut fields)?,
        noop_held_until: time(&mut fields)?,
        ask_after: Elapsed::from_millis(fields.u64()?),
        unanswered: u8::from_le_bytes(fields.array()?),
        modern_from: match (fields.flag()?, seq_no(&mut fields)?) {
            (true, slot) => Some(slot),
            (false, _) => None,
        },
        told_old: fields.flag()?,
        written,
        before: fields.array()?,
        keys_written: Some(keys_written),
        sets: {
            let mut set = || Ok::<_, StoreError>(RecordSet::from_bytes(&fields.array()?));
            RecordSets::of_order([set()?, set()?, set()?, set()?, set()?])
        },
    };
    fields.finish()?;
    // No other layer can be announced (SPEC LAY-2).
    if !(Layer::L73..=Layer::L144).contains(&state.own_layer) {
        return Err(StoreError::Damaged);
    }
    Ok(state)
}

fn exchange_id(fields: &mut Fields<'_>) -> Result<Option<ExchangeId>, StoreError> {
    let (flag, exchange_id) = (fields.flag()?, fields.i64()?);
    Ok(flag.then_some(ExchangeId(exchange_id)))
}

fn time(fields: &mut Fields<'_>) -> Result<Option<Elapsed>, StoreError> {
    let (flag, at) = (fields.flag()?, fields.u64()?);
    Ok(flag.then_some(Elapsed::from_millis(at)))
}
