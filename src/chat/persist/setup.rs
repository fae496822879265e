//! The set-up of a chat: a part of the record of keys and of the tombstone.

use core::time::Duration;

use super::super::state::Setup;
use crate::error::StoreError;
use crate::profile::{Identities, Limits, Profile};
use crate::record::{Fields, Put};
use crate::rekey::RekeyPolicy;

pub(super) fn encode_setup(put: &mut Put, setup: &Setup) {
    let Setup { profile, role, identities, limits, rekey, view_once: offers_view_once } = setup;
    let Identities { local_id, peer_id, context } = identities;
    let Limits {
        outbox_messages,
        outbox_bytes,
        waiting_messages,
        waiting_bytes,
        waiting_span,
        timed_messages,
        view_once,
        discard_patience,
    } = limits;
    put.array(&[profile.code()]).code(*role);
    profile.encode_parameters(put);
    put.bytes(local_id).bytes(peer_id).bytes(context);
    for limit in [
        outbox_messages,
        outbox_bytes,
        waiting_messages,
        waiting_bytes,
        waiting_span,
        timed_messages,
        view_once,
        discard_patience,
    ] {
        put.array(&limit.to_le_bytes());
    }
    encode_rekey(put, rekey);
    put.flag(*offers_view_once);
}

pub(super) fn decode_setup(fields: &mut Fields<'_>) -> Result<Setup, StoreError> {
    let [code] = fields.array()?;
    let role = fields.code()?;
    let profile = Profile::decode(code, fields)?;
    let identities = Identities {
        local_id: fields.bytes()?.to_vec(),
        peer_id: fields.bytes()?.to_vec(),
        context: fields.bytes()?.to_vec(),
    };
    if profile.rules().keys_are_bound {
        identities.ends(role).map_err(|_| StoreError::Damaged)?;
    }
    let limits = Limits {
        outbox_messages: fields.u32()?,
        outbox_bytes: fields.u32()?,
        waiting_messages: fields.u32()?,
        waiting_bytes: fields.u32()?,
        waiting_span: fields.u32()?,
        timed_messages: fields.u32()?,
        view_once: fields.u32()?,
        discard_patience: fields.u32()?,
    };
    let rekey = decode_rekey(fields)?;
    let view_once = fields.flag()?;
    Ok(Setup { profile, role, identities, limits, rekey, view_once })
}

fn encode_rekey(put: &mut Put, policy: &RekeyPolicy) {
    let RekeyPolicy { initiator_messages, responder_messages, age, limit_messages, limit_age, limit, patience } =
        policy;
    for messages in [initiator_messages, responder_messages, limit_messages] {
        put.array(&messages.to_le_bytes());
    }
    for time in [age, limit_age, patience] {
        put.array(&u64::try_from(time.as_millis()).unwrap_or(u64::MAX).to_le_bytes());
    }
    put.code(*limit);
}

fn decode_rekey(fields: &mut Fields<'_>) -> Result<RekeyPolicy, StoreError> {
    let (initiator_messages, responder_messages, limit_messages) = (fields.u32()?, fields.u32()?, fields.u32()?);
    let mut time = || fields.u64().map(Duration::from_millis);
    let (age, limit_age, patience) = (time()?, time()?, time()?);
    let limit = fields.code()?;
    Ok(RekeyPolicy { initiator_messages, responder_messages, age, limit_messages, limit_age, limit, patience })
}
