//! The set-up of a chat: a part of the record of keys and of the tombstone.

use crate::chat::model::Setup;
use crate::error::StoreError;
use crate::profile::{Identities, Limits, Profile};
use crate::record::{Decode, Decoder, Encode, Encoder, fields};
use crate::rekey::RekeyPolicy;

impl Encode for Setup {
    fn encode(&self, to: &mut Encoder<'_>) {
        let Self { profile, role, identities, limits, rekey, view_once } = self;
        profile.number().encode(to);
        role.encode(to);
        profile.encode_parameters(to);
        identities.encode(to);
        limits.encode(to);
        rekey.encode(to);
        view_once.encode(to);
    }
}

impl Decode for Setup {
    fn decode(from: &mut Decoder<'_>, (): &()) -> Result<Self, StoreError> {
        let (number, role) = from.take()?;
        let profile = Profile::decode_parameters(number, from)?;
        let identities: Identities = from.take()?;
        if profile.rules().keys_are_bound {
            identities.ends(role).map_err(|_| StoreError::Damaged)?;
        }
        Ok(Self { profile, role, identities, limits: from.take()?, rekey: from.take()?, view_once: from.take()? })
    }
}

fields! { Identities { local_id, peer_id, context } }

fields! {
    Limits {
        outbox_messages,
        outbox_bytes,
        waiting_messages,
        waiting_bytes,
        waiting_span,
        timed_messages,
        view_once,
        discard_patience,
    }
}

fields! {
    RekeyPolicy { initiator_messages, responder_messages, limit_messages, age, limit_age, patience, limit }
}
