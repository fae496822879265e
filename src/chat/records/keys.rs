//! The record of set-up and keys, rewritten only when keys change.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::chat::model::{Bound, Exchange, Keys, NextKey, OldKey, Phase, SealingKey, Setup};
use crate::crypto::schedule::{DiscardKey, Transcript};
use crate::profile::Profile;
use crate::record::{Decode, Decoder, Encode, Encoder, decode_with, encode_with, fields, if_set, stored_as, variants};
use crate::types::error::StoreError;

/// Another list of fields is another number.
const LAYOUT: u8 = 1;

pub(in crate::chat) fn encode_keys(setup: &Setup, phase: &Phase) -> Zeroizing<Vec<u8>> {
    encode_with(LAYOUT, |to| setup.encode_around(to, |to| phase.encode(to)))
}

pub(in crate::chat) fn decode_keys(plain: &[u8]) -> Result<(Setup, Phase), StoreError> {
    decode_with(LAYOUT, plain, |from| Setup::decode_around(from, Phase::decode))
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

fields! { Bound { chain, check, own_discard } }

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

impl Encode for DiscardKey {
    fn encode(&self, to: &mut Encoder<'_>) {
        self.secret().encode(to);
    }
}

impl<K: ?Sized> Decode<K> for DiscardKey {
    fn decode(from: &mut Decoder<'_>, known: &K) -> Result<Self, StoreError> {
        Decode::decode(from, known).map(Self::new)
    }
}

/// What stands in the record if the profile binds its keys.
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
