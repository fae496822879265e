//! The record of set-up and keys, rewritten only when keys change.

use alloc::boxed::Box;

use super::super::keys::{Bound, Exchange, Keys, NextKey, OldKey, SealingKey};
use super::super::state::{Phase, Setup};
use super::seq_no;
use super::setup::{decode_setup, encode_setup};
use crate::agreement::Pending;
use crate::crypto::schedule::{DiscardKey, Transcript};
use crate::error::StoreError;
use crate::id::{ExchangeId, KeyFingerprint, SeqNo};
use crate::profile::{Lengths, Profile, Rules};
use crate::record::{Fields, Put};
use crate::secret::Secret;
use crate::time::Elapsed;

/// A change of the layout is a new number.
const KEYS: u8 = 1;

/// Room for every fixed field of the record of keys, so that key bytes are not moved by a growing buffer.
const KEYS_CAPACITY: usize = 2048;

/// Phases.
const REQUESTED: u8 = 0;
const OPEN: u8 = 1;

pub(in crate::chat) fn encode_keys(setup: &Setup, phase: &Phase) -> Put {
    let Setup { identities, profile, .. } = setup;
    let ids = identities.local_id.len() + identities.peer_id.len() + identities.context.len();
    let Lengths { request, answer, pending, .. } = profile.rules().lengths;
    let mut put = Put::new(KEYS, KEYS_CAPACITY + ids + request + answer + pending);
    encode_setup(&mut put, setup);
    match phase {
        Phase::Requested(pending) => {
            put.array(&[REQUESTED]);
            pending.encode(&mut put);
        }
        Phase::Open(keys) => {
            let Keys { current, old, exchange, verification, accepted, bound } = &**keys;
            put.array(&[OPEN]);
            encode_key(&mut put, current);
            put.array(verification).flag(accepted.is_some()).bytes(accepted.as_deref().unwrap_or_default());
            if let Some(bound) = bound {
                put.array(&bound.transcript.to_bytes());
                encode_bound(&mut put, bound);
            }
            encode_old(&mut put, old.as_ref());
            encode_exchange(&mut put, exchange);
        }
        // A closed chat has a tombstone instead.
        Phase::Closed(_) => {}
    }
    put
}

pub(in crate::chat) fn decode_keys(plain: &[u8]) -> Result<(Setup, Phase), StoreError> {
    let mut fields = Fields::new(KEYS, plain)?;
    let setup = decode_setup(&mut fields)?;
    let phase = match fields.array()? {
        [REQUESTED] => Phase::Requested(Pending::decode(&setup.profile, &mut fields)?),
        [OPEN] => {
            let rules = setup.profile.rules();
            let current = decode_key(&mut fields, rules)?;
            let verification = fields.array()?;
            let accepted = match (fields.flag()?, fields.bytes()?) {
                (true, public) => Some(public.to_vec()),
                (false, _) => None,
            };
            let transcript = if rules.keys_are_bound { Some(Transcript::from_bytes(fields.array()?)) } else { None };
            let bound = decode_bound(&mut fields, transcript)?;
            let old = decode_old(&mut fields, rules)?;
            let exchange = decode_exchange(&mut fields, &setup.profile, transcript)?;
            Phase::Open(Box::new(Keys { current, old, exchange, verification, accepted, bound }))
        }
        _ => return Err(StoreError::Damaged),
    };
    fields.finish()?;
    Ok((setup, phase))
}

fn encode_key(put: &mut Put, SealingKey { chat_key, fingerprint, peer_discard }: &SealingKey) {
    put.array(chat_key.expose()).array(&fingerprint.to_bytes());
    if let Some(peer_discard) = peer_discard {
        put.array(peer_discard.secret().expose());
    }
}

fn decode_key(fields: &mut Fields<'_>, rules: &Rules) -> Result<SealingKey, StoreError> {
    Ok(SealingKey {
        chat_key: Secret::new(fields.array()?),
        fingerprint: KeyFingerprint::from_bytes(fields.array()?),
        peer_discard: if rules.keys_are_bound { Some(DiscardKey::new(Secret::new(fields.array()?))) } else { None },
    })
}

/// The transcript stands once, at the current key.
fn encode_bound(put: &mut Put, Bound { transcript: _, chain, check, own_discard }: &Bound) {
    put.array(chain.expose()).array(check).array(own_discard.secret().expose());
}

fn decode_bound(fields: &mut Fields<'_>, transcript: Option<Transcript>) -> Result<Option<Bound>, StoreError> {
    let Some(transcript) = transcript else { return Ok(None) };
    let (chain, check) = (Secret::new(fields.array()?), fields.array()?);
    Ok(Some(Bound { transcript, chain, check, own_discard: DiscardKey::new(Secret::new(fields.array()?)) }))
}

fn encode_old(put: &mut Put, old: Option<&OldKey>) {
    put.flag(old.is_some());
    if let Some(OldKey { key, committed }) = old {
        encode_key(put, key);
        put.flag(committed.is_some()).array(&committed.unwrap_or(SeqNo::ZERO).get().to_le_bytes());
    }
}

fn decode_old(fields: &mut Fields<'_>, rules: &Rules) -> Result<Option<OldKey>, StoreError> {
    if !fields.flag()? {
        return Ok(None);
    }
    let key = decode_key(fields, rules)?;
    let committed = match (fields.flag()?, seq_no(fields)?) {
        (true, slot) => Some(slot),
        (false, _) => None,
    };
    Ok(Some(OldKey { key, committed }))
}

fn encode_next(put: &mut Put, NextKey { key, bound }: &NextKey) {
    encode_key(put, key);
    if let Some(bound) = bound {
        encode_bound(put, bound);
    }
}

fn decode_next(
    fields: &mut Fields<'_>,
    rules: &Rules,
    transcript: Option<Transcript>,
) -> Result<Box<NextKey>, StoreError> {
    let key = decode_key(fields, rules)?;
    Ok(Box::new(NextKey { key, bound: decode_bound(fields, transcript)? }))
}

/// States of an exchange.
const IDLE: u8 = 0;
const KEY_REQUESTED: u8 = 1;
const ASKED: u8 = 2;
const ACCEPTED: u8 = 3;
const ANSWERED: u8 = 4;

fn encode_exchange(put: &mut Put, exchange: &Exchange) {
    match exchange {
        Exchange::Idle => {
            put.array(&[IDLE]);
        }
        Exchange::Requested { exchange_id, slot, at, pending, ignored } => {
            put.array(&[KEY_REQUESTED]).array(&exchange_id.0.to_le_bytes()).array(&slot.get().to_le_bytes());
            put.array(&at.as_millis().to_le_bytes());
            pending.encode(put);
            let (exchange_id, public) = ignored.as_ref().map_or((0, &[][..]), |(id, public)| (id.0, public));
            put.flag(ignored.is_some()).array(&exchange_id.to_le_bytes()).bytes(public);
        }
        Exchange::Asked { exchange_id, public } => {
            put.array(&[ASKED]).array(&exchange_id.0.to_le_bytes()).bytes(public);
        }
        Exchange::Accepted { exchange_id, slot, next } => {
            put.array(&[ACCEPTED]).array(&exchange_id.0.to_le_bytes()).array(&slot.get().to_le_bytes());
            encode_next(put, next);
        }
        Exchange::Answered { exchange_id, next } => {
            put.array(&[ANSWERED]).array(&exchange_id.0.to_le_bytes());
            encode_next(put, next);
        }
    }
}

fn decode_exchange(
    fields: &mut Fields<'_>,
    profile: &Profile,
    transcript: Option<Transcript>,
) -> Result<Exchange, StoreError> {
    let rules = profile.rules();
    let [state] = fields.array()?;
    if state == IDLE {
        return Ok(Exchange::Idle);
    }
    let exchange_id = ExchangeId(fields.i64()?);
    Ok(match state {
        KEY_REQUESTED => Exchange::Requested {
            exchange_id,
            slot: seq_no(fields)?,
            at: Elapsed::from_millis(fields.u64()?),
            pending: Pending::decode(profile, fields)?,
            ignored: match (fields.flag()?, fields.i64()?, fields.bytes()?) {
                (true, exchange_id, public) => Some((ExchangeId(exchange_id), public.to_vec())),
                (false, _, _) => None,
            },
        },
        ASKED => Exchange::Asked { exchange_id, public: fields.bytes()?.to_vec() },
        ACCEPTED => {
            let (slot, next) = (seq_no(fields)?, decode_next(fields, rules, transcript)?);
            Exchange::Accepted { exchange_id, slot, next }
        }
        ANSWERED => Exchange::Answered { exchange_id, next: decode_next(fields, rules, transcript)? },
        _ => return Err(StoreError::Damaged),
    })
}
