//! Sealing with AES-256-GCM-SIV under keys that only this chat's records have (SPEC REC-2).

use alloc::vec::Vec;

use aes_gcm_siv::aead::AeadInOut;
use aes_gcm_siv::{Aes256GcmSiv, KeyInit};
use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{ChatId, RecordName, RecordSet, StoreKey};
use crate::crypto::schedule::expand_into;
use crate::error::StoreError;
use crate::secret::Secret;

const RECORD_KEY: &[u8] = b"secretchat/1 record key";
const SET_KEY: &[u8] = b"secretchat/1 record set";
const RECORD: &[u8] = b"secretchat/1 record";

/// The version of every record's layout.
const VERSION: u8 = 1;
const NONCE_LEN: usize = 12;
const HEADER_LEN: usize = 1 + 8 + NONCE_LEN;

/// The keys of one chat's records.
#[derive(Debug)]
pub(crate) struct RecordKeys {
    chat: ChatId,
    record_key: Secret<32>,
    set_key: Secret<32>,
}

impl RecordKeys {
    pub(crate) fn derive(chat: ChatId, store_key: &StoreKey) -> Self {
        let hkdf = Hkdf::<Sha256>::new(Some(&chat.0), store_key.secret().expose());
        let expand = |info| Secret::fill_with(|key| expand_into(&hkdf, &[info], key));
        Self { chat, record_key: expand(RECORD_KEY), set_key: expand(SET_KEY) }
    }

    pub(crate) const fn chat(&self) -> ChatId {
        self.chat
    }

    /// What the set of a kind's records is told of one of them.
    pub(crate) fn member(&self, name: RecordName, generation: u64) -> [u8; 32] {
        RecordSet::member(&self.set_key, name, generation)
    }

    /// `version u8 || generation u64 || nonce[12] || ciphertext || tag[16]`
    pub(crate) fn seal(&self, name: RecordName, generation: u64, plain: &[u8], rng: &mut dyn CryptoRng) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        let mut sealed = Vec::with_capacity(HEADER_LEN + plain.len() + 16);
        sealed.push(VERSION);
        sealed.extend_from_slice(&generation.to_le_bytes());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let aad = self.associated_data(name, generation);
        let body = sealed.get_mut(HEADER_LEN..).unwrap_or_default();
        // Only a plaintext of 64 GiB fails; records are bounded by the longest message.
        let tag = self.cipher().encrypt_inout_detached(&nonce.into(), &aad, body.into()).unwrap_or_default();
        sealed.extend_from_slice(&tag);
        sealed
    }

    pub(crate) fn open(&self, name: RecordName, sealed: &[u8]) -> Result<(u64, Zeroizing<Vec<u8>>), StoreError> {
        let damaged = StoreError::Damaged;
        let (&[version], rest) = sealed.split_first_chunk().ok_or(damaged)?;
        if version != VERSION {
            return Err(if version > VERSION { StoreError::NewerVersion } else { damaged });
        }
        let (generation, rest) = rest.split_first_chunk().ok_or(damaged)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LEN>().ok_or(damaged)?;
        let (body, tag) = rest.split_last_chunk::<16>().ok_or(damaged)?;
        let generation = u64::from_le_bytes(*generation);
        let mut plain = Zeroizing::new(body.to_vec());
        self.cipher()
            .decrypt_inout_detached(
                &(*nonce).into(),
                &self.associated_data(name, generation),
                plain.as_mut_slice().into(),
                &(*tag).into(),
            )
            .map_err(|_| damaged)?;
        Ok((generation, plain))
    }

    fn cipher(&self) -> Aes256GcmSiv {
        Aes256GcmSiv::new(self.record_key.expose().into())
    }

    fn associated_data(&self, name: RecordName, generation: u64) -> Vec<u8> {
        [RECORD, &[VERSION], &self.chat.0, &name.to_bytes(), &generation.to_le_bytes()].concat()
    }
}
