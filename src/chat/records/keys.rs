//! The record of configuration and keys, rewritten only when keys change.

use crate::chat::model::{Bound, Exchange, Keys, NextKey, OldKey, Phase, SealingKey, Setup};
use crate::crypto::schedule::{DiscardKey, Exporter, Transcript};
use crate::profile::Profile;
use crate::record::{
    Decode, Decoder, Encode, Encoder, Plain, decode_with, encode_with, fields, if_option, if_set, options, stored_as,
    stored_secret, variants,
};
use crate::types::error::StoreError;

/// Change this number when the list of fields changes.
const LAYOUT: u8 = 1;

pub(in crate::chat) fn encode_keys(setup: &Setup, phase: &Phase) -> Plain {
    let options = KeyOptions::of(phase);
    encode_with(LAYOUT, |to| setup.encode_around(to, |to| phase.encode(to), &options))
}

pub(in crate::chat) fn decode_keys(plain: &[u8]) -> Result<(Setup, Phase), StoreError> {
    let (setup, mut phase, options) = decode_with(LAYOUT, plain, |from| Setup::decode_around(from, Phase::decode))?;
    options.put_into(&mut phase)?;
    Ok((setup, phase))
}

/// Parts of the keys that few chats keep (SPEC REC-9, EXP-2). The exporters are stored apart from the rest of their
/// roots, so chats without them keep the records that they always had.
#[derive(Debug, Default, PartialEq)]
pub(super) struct KeyOptions {
    exporter: Option<Exporter>,
    next_exporter: Option<Exporter>,
}

options! { KeyOptions { 128 exporter: if_option, 129 next_exporter: if_option } }

impl KeyOptions {
    fn of(phase: &Phase) -> Self {
        let exporters = phase.keys().map_or([None, None], Keys::exporters);
        let [exporter, next_exporter] = exporters.map(|exporter| exporter.map(Exporter::duplicate));
        Self { exporter, next_exporter }
    }

    /// Adds each exporter to the rest of its root. An exporter without a root is damage.
    fn put_into(self, phase: &mut Phase) -> Result<(), StoreError> {
        let Self { exporter, next_exporter } = self;
        let mut bounds = [None, None];
        if let Phase::Open(keys) = phase {
            let Keys { bound, exchange, .. } = &mut **keys;
            bounds = [bound.as_mut(), exchange.next_mut().and_then(|next| next.bound.as_mut())];
        }
        for (exporter, bound) in [exporter, next_exporter].into_iter().zip(bounds) {
            match (exporter, bound) {
                (Some(exporter), Some(bound)) => bound.exporter = Some(exporter),
                (Some(_), None) => return Err(StoreError::Damaged),
                (None, _) => {}
            }
        }
        Ok(())
    }
}

// A closed chat has a tombstone instead.
variants! { Phase, profile: Profile { 0 Requested(pending), 1 Open(keys); Self::Closed(_) } }

fields! {
    Keys, profile: Profile {
        current,
        verification,
        accepted,
        transcript: if_bound,
        bound: if_bound,
        old: if_set,
        exchange,
    }
}

fields! { SealingKey, profile: Profile { chat_key, fingerprint, peer_discard: if_bound } }

fields! { Bound { chain, check, own_discard; exporter: None } }

fields! { OldKey, profile: Profile { key, committed } }

fields! { NextKey, profile: Profile { key, bound: if_bound } }

variants! {
    Exchange, profile: Profile {
        0 Idle,
        1 Requested { exchange_id, slot, at, pending, ignored },
        2 Asked { exchange_id, public },
        3 Accepted { exchange_id, slot, next },
        4 Answered { exchange_id, next },
    }
}

stored_as! { Transcript = [u8; 32]: |transcript| transcript.to_bytes(), |bytes| Some(Transcript::from_bytes(bytes)); }

stored_secret! { DiscardKey: secret, new; Exporter: secret, new; }

/// The fields in the record if the profile binds its keys.
mod if_bound {
    use super::{Decode, Decoder, Encode, Encoder, Profile, StoreError};

    pub(super) fn encode<T: Encode>(value: &Option<T>, to: &mut Encoder<'_>) {
        if let Some(value) = value {
            value.encode(to);
        }
    }

    pub(super) fn decode<T: Decode<Profile>>(
        from: &mut Decoder<'_>,
        profile: &Profile,
    ) -> Result<Option<T>, StoreError> {
        profile.rules().keys_are_bound.then(|| T::decode(from, profile)).transpose()
    }
}
