//! The record of set-up and keys, rewritten only when keys change.

use alloc::boxed::Box;

use super::super::agreement::Pending;
use super::super::config::Profile;
use super::super::keys::{Agreed, Bound, Exchange, Keys, NextKey, OldKey, SealingKey};
use super::super::state::{Phase, Setup};
use super::seq_no;
use super::setup::{decode_setup, encode_setup};
#[cfg(feature = "telegram")]
use crate::crypto::modp;
use crate::crypto::schedule::{DiscardKey, Transcript};
use crate::error::StoreError;
use crate::handshake::Request;
use crate::id::{ExchangeId, KeyFingerprint, SeqNo};
use crate::record::{Fields, Put};
use crate::secret::Secret;
use crate::time::Elapsed;

/// A change of the layout is a new number.
const KEYS: u8 = 1;

/// Room for every fixed field of the record of keys, so that key bytes are not moved by a growing buffer.
const KEYS_CAPACITY: usize = 2800;

/// Phases.
const REQUESTED: u8 = 0;
const OPEN: u8 = 1;

pub(in crate::chat) fn encode_keys(setup: &Setup, phase: &Phase) -> Put {
    let Setup { identities, .. } = setup;
    let ids = identities.local_id.len() + identities.peer_id.len() + identities.context.len();
    let mut put = Put::new(KEYS, KEYS_CAPACITY + ids);
    encode_setup(&mut put, setup);
    match phase {
        Phase::Requested(pending) => {
            put.array(&[REQUESTED]);
            encode_pending(&mut put, pending);
        }
        Phase::Open(keys) => {
            let Keys { current, old, exchange, verification, accepted, agreed } = &**keys;
            put.array(&[OPEN]);
            encode_key(&mut put, current);
            put.array(verification).flag(accepted.is_some()).bytes(accepted.as_deref().unwrap_or_default());
            match agreed {
                Agreed::X25519 { transcript, bound } => {
                    put.array(&transcript.to_bytes());
                    encode_bound(&mut put, bound);
                }
                #[cfg(feature = "telegram")]
                Agreed::Telegram => {}
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
        [REQUESTED] => Phase::Requested(decode_pending(&mut fields, &setup)?),
        [OPEN] => Phase::Open(Box::new(Keys {
            current: decode_key(&mut fields, &setup)?,
            verification: fields.array()?,
            accepted: match (fields.flag()?, fields.bytes()?) {
                (true, public) => Some(public.to_vec()),
                (false, _) => None,
            },
            agreed: match &setup.profile {
                Profile::X25519 => Agreed::X25519 {
                    transcript: Transcript::from_bytes(fields.array()?),
                    bound: decode_bound(&mut fields)?,
                },
                #[cfg(feature = "telegram")]
                Profile::Telegram { .. } => Agreed::Telegram,
            },
            old: decode_old(&mut fields, &setup)?,
            exchange: decode_exchange(&mut fields, &setup)?,
        })),
        _ => return Err(StoreError::Damaged),
    };
    fields.finish()?;
    Ok((setup, phase))
}

fn encode_pending(put: &mut Put, pending: &Pending) {
    match pending {
        Pending::X25519(request) => put.array(request.scalar().expose()),
        #[cfg(feature = "telegram")]
        Pending::Telegram(pair) => put.array(pair.exponent().expose()),
    };
}

fn decode_pending(fields: &mut Fields<'_>, setup: &Setup) -> Result<Pending, StoreError> {
    Ok(match &setup.profile {
        Profile::X25519 => Pending::X25519(Request::resume(Secret::new(fields.array()?))),
        #[cfg(feature = "telegram")]
        Profile::Telegram { group, .. } => {
            let pair = modp::KeyPair::resume(group, Secret::new(fields.array()?)).ok_or(StoreError::Damaged)?;
            Pending::Telegram(Box::new(pair))
        }
    })
}

fn encode_key(put: &mut Put, SealingKey { chat_key, fingerprint, peer_discard }: &SealingKey) {
    put.array(chat_key.expose()).array(&fingerprint.to_bytes());
    if let Some(peer_discard) = peer_discard {
        put.array(peer_discard.secret().expose());
    }
}

fn decode_key(fields: &mut Fields<'_>, setup: &Setup) -> Result<SealingKey, StoreError> {
    Ok(SealingKey {
        chat_key: Secret::new(fields.array()?),
        fingerprint: KeyFingerprint::from_bytes(fields.array()?),
        peer_discard: match &setup.profile {
            Profile::X25519 => Some(DiscardKey::new(Secret::new(fields.array()?))),
            #[cfg(feature = "telegram")]
            Profile::Telegram { .. } => None,
        },
    })
}

fn encode_bound(put: &mut Put, Bound { chain, check, own_discard }: &Bound) {
    put.array(chain.expose()).array(check).array(own_discard.secret().expose());
}

fn decode_bound(fields: &mut Fields<'_>) -> Result<Bound, StoreError> {
    let (chain, check) = (Secret::new(fields.array()?), fields.array()?);
    Ok(Bound { chain, check, own_discard: DiscardKey::new(Secret::new(fields.array()?)) })
}

fn encode_old(put: &mut Put, old: Option<&OldKey>) {
    put.flag(old.is_some());
    if let Some(OldKey { key, committed }) = old {
        encode_key(put, key);
        put.flag(committed.is_some()).array(&committed.unwrap_or(SeqNo::ZERO).get().to_le_bytes());
    }
}

fn decode_old(fields: &mut Fields<'_>, setup: &Setup) -> Result<Option<OldKey>, StoreError> {
    if !fields.flag()? {
        return Ok(None);
    }
    let key = decode_key(fields, setup)?;
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

fn decode_next(fields: &mut Fields<'_>, setup: &Setup) -> Result<Box<NextKey>, StoreError> {
    let key = decode_key(fields, setup)?;
    let bound = match &setup.profile {
        Profile::X25519 => Some(decode_bound(fields)?),
        #[cfg(feature = "telegram")]
        Profile::Telegram { .. } => None,
    };
    Ok(Box::new(NextKey { key, bound }))
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
            encode_pending(put, pending);
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

fn decode_exchange(fields: &mut Fields<'_>, setup: &Setup) -> Result<Exchange, StoreError> {
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
            pending: decode_pending(fields, setup)?,
            ignored: match (fields.flag()?, fields.i64()?, fields.bytes()?) {
                (true, exchange_id, public) => Some((ExchangeId(exchange_id), public.to_vec())),
                (false, _, _) => None,
            },
        },
        ASKED => Exchange::Asked { exchange_id, public: fields.bytes()?.to_vec() },
        ACCEPTED => Exchange::Accepted { exchange_id, slot: seq_no(fields)?, next: decode_next(fields, setup)? },
        ANSWERED => Exchange::Answered { exchange_id, next: decode_next(fields, setup)? },
        _ => return Err(StoreError::Damaged),
    })
}
