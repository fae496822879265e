//! The record of set-up and keys, rewritten only when keys change.

use alloc::boxed::Box;

use super::super::agreement::{Agreed, Keys, Pending};
#[cfg(feature = "telegram")]
use super::super::config::PeerPolicy;
use super::super::config::{Identities, Limits, Profile};
use super::super::state::{Phase, Setup};
#[cfg(feature = "telegram")]
use crate::crypto::modp;
use crate::crypto::schedule::{DiscardKeys, Transcript};
use crate::error::StoreError;
use crate::handshake::Request;
use crate::id::{KeyFingerprint, Role};
use crate::record::{Fields, Put};
use crate::secret::Secret;

/// A change of the layout is a new number.
const KEYS: u8 = 1;

/// Room for every fixed field of the record of keys, so that key bytes are not moved by a growing buffer.
const KEYS_CAPACITY: usize = 1200;

pub(super) fn encode_setup(put: &mut Put, setup: &Setup) {
    let Setup { profile, role, identities, limits } = setup;
    let Identities { local_id, peer_id, context } = identities;
    let Limits { outbox_messages, outbox_bytes, waiting_messages, waiting_bytes, waiting_span } = limits;
    let role = match role {
        Role::Initiator => 0,
        Role::Responder => 1,
    };
    match profile {
        Profile::X25519 => {
            put.array(&[X25519, role]);
        }
        #[cfg(feature = "telegram")]
        Profile::Telegram { group, peer } => {
            let peer = match peer {
                PeerPolicy::Default => 0,
                PeerPolicy::Strict => 1,
                PeerPolicy::Tolerant => 2,
            };
            put.array(&[TELEGRAM, role, peer]).array(&group.generator().to_le_bytes()).array(&group.prime());
        }
    }
    put.bytes(local_id).bytes(peer_id).bytes(context);
    for limit in [outbox_messages, outbox_bytes, waiting_messages, waiting_bytes, waiting_span] {
        put.array(&limit.to_le_bytes());
    }
}

pub(super) fn decode_setup(fields: &mut Fields<'_>) -> Result<Setup, StoreError> {
    let [profile, role] = fields.array()?;
    let role = match role {
        0 => Role::Initiator,
        1 => Role::Responder,
        _ => return Err(StoreError::Damaged),
    };
    let profile = match profile {
        X25519 => Profile::X25519,
        #[cfg(feature = "telegram")]
        TELEGRAM => {
            let peer = match fields.array()? {
                [0] => PeerPolicy::Default,
                [1] => PeerPolicy::Strict,
                [2] => PeerPolicy::Tolerant,
                _ => return Err(StoreError::Damaged),
            };
            let (generator, prime) = (fields.u32()?, fields.array::<256>()?);
            let group = modp::stored_group(generator, &prime).map_err(|_| StoreError::Damaged)?;
            Profile::Telegram { group, peer }
        }
        #[cfg(not(feature = "telegram"))]
        TELEGRAM => return Err(StoreError::ProfileOff),
        _ => return Err(StoreError::Damaged),
    };
    let identities = Identities {
        local_id: fields.bytes()?.to_vec(),
        peer_id: fields.bytes()?.to_vec(),
        context: fields.bytes()?.to_vec(),
    };
    if profile == Profile::X25519 {
        identities.ends(role).map_err(|_| StoreError::Damaged)?;
    }
    let limits = Limits {
        outbox_messages: fields.u32()?,
        outbox_bytes: fields.u32()?,
        waiting_messages: fields.u32()?,
        waiting_bytes: fields.u32()?,
        waiting_span: fields.u32()?,
    };
    Ok(Setup { profile, role, identities, limits })
}

/// Profiles.
const X25519: u8 = 1;
const TELEGRAM: u8 = 2;

/// Phases.
const REQUESTED: u8 = 0;
const OPEN: u8 = 1;

pub(in crate::chat) fn encode_keys(setup: &Setup, phase: &Phase) -> Put {
    let Identities { local_id, peer_id, context } = &setup.identities;
    let mut put = Put::new(KEYS, KEYS_CAPACITY + local_id.len() + peer_id.len() + context.len());
    encode_setup(&mut put, setup);
    match phase {
        Phase::Requested(pending) => {
            put.array(&[REQUESTED]);
            match pending {
                Pending::X25519(request) => put.array(request.scalar().expose()),
                #[cfg(feature = "telegram")]
                Pending::Telegram(pair) => put.array(pair.exponent().expose()),
            };
        }
        Phase::Open(keys) => {
            let Keys { chat_key, fingerprint, verification, accepted, agreed } = &**keys;
            put.array(&[OPEN])
                .array(chat_key.expose())
                .array(&fingerprint.to_bytes())
                .array(verification)
                .flag(accepted.is_some())
                .bytes(accepted.as_deref().unwrap_or_default());
            match agreed {
                Agreed::X25519 { transcript, chain, check, discard_keys } => {
                    let (initiator, responder) = discard_keys.parts();
                    put.array(&transcript.to_bytes())
                        .array(chain.expose())
                        .array(check)
                        .array(initiator.expose())
                        .array(responder.expose());
                }
                #[cfg(feature = "telegram")]
                Agreed::Telegram => {}
            }
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
        [REQUESTED] => Phase::Requested(match &setup.profile {
            Profile::X25519 => Pending::X25519(Request::resume(Secret::new(fields.array()?))),
            #[cfg(feature = "telegram")]
            Profile::Telegram { group, .. } => {
                let pair = modp::KeyPair::resume(group, Secret::new(fields.array()?)).ok_or(StoreError::Damaged)?;
                Pending::Telegram(Box::new(pair))
            }
        }),
        [OPEN] => Phase::Open(Box::new(Keys {
            chat_key: Secret::new(fields.array()?),
            fingerprint: KeyFingerprint::from_bytes(fields.array()?),
            verification: fields.array()?,
            accepted: match (fields.flag()?, fields.bytes()?) {
                (true, public) => Some(public.to_vec()),
                (false, _) => None,
            },
            agreed: match &setup.profile {
                Profile::X25519 => Agreed::X25519 {
                    transcript: Transcript::from_bytes(fields.array()?),
                    chain: Secret::new(fields.array()?),
                    check: fields.array()?,
                    discard_keys: DiscardKeys::from_parts(Secret::new(fields.array()?), Secret::new(fields.array()?)),
                },
                #[cfg(feature = "telegram")]
                Profile::Telegram { .. } => Agreed::Telegram,
            },
        })),
        _ => return Err(StoreError::Damaged),
    };
    fields.finish()?;
    Ok((setup, phase))
}
