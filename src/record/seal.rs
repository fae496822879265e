//! Sealing with AES-256-GCM-SIV under keys that only the records of one chat have (SPEC REC-2).

use alloc::vec::Vec;

use aes_gcm_siv::aead::AeadInOut;
use aes_gcm_siv::aead::consts::{U12, U16};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit};
use rand_core::CryptoRng;
use zeroize::{Zeroize, Zeroizing};

use super::checkpoint::{HEADER_LEN, NONCE_LEN};
use super::set::RecordSet;
use super::{ChatId, RecordName, StoreKey, Written};
use crate::crypto::schedule::{expand_into, extract};
use crate::types::error::StoreError;
use crate::types::secret::{Secret, swept};

const RECORD_KEY: &[u8] = b"secretchat/1 record key";
const SET_KEY: &[u8] = b"secretchat/1 record set";
const RECORD: &[u8] = b"secretchat/1 record";

/// The version of the layout of every record.
const VERSION: u8 = 2;

/// The keys of one chat's records.
#[derive(Debug)]
pub(crate) struct RecordKeys {
    chat: ChatId,
    record_key: Secret<32>,
    set_key: Secret<32>,
}

impl RecordKeys {
    pub(crate) fn derive(chat: ChatId, store_key: &StoreKey) -> Self {
        // Clear the stack at once: a chat is built where this leaves traces, and would copy them in its padding.
        swept(|| {
            let hkdf = extract(&chat.0, store_key.secret().expose());
            let expand = |info| Secret::fill_with(|key| expand_into(&hkdf, &[info], key));
            Self { chat, record_key: expand(RECORD_KEY), set_key: expand(SET_KEY) }
        })
    }

    pub(crate) const fn chat(&self) -> ChatId {
        self.chat
    }

    /// Returns what a record contributes to the digest of its kind.
    pub(crate) fn member(&self, name: RecordName, written: Written) -> [u8; 32] {
        RecordSet::member(&self.set_key, name, written)
    }

    /// Seals `version u8 || generation u64 || nonce[12] || ciphertext || tag[16]`. Also returns what distinguishes
    /// the record from others of its name.
    pub(crate) fn seal(
        &self,
        name: RecordName,
        generation: u64,
        plain: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> (Vec<u8>, Written) {
        let mut nonce = [0; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        let aad = self.associated_data(name, generation);
        let sealed = seal_with(&self.cipher(), nonce, generation, &aad, plain);
        let written = Written::of(&sealed).unwrap_or_default();
        (sealed, written)
    }

    /// Opens a record. Also returns which batch wrote it.
    pub(crate) fn open(&self, name: RecordName, sealed: &[u8]) -> Result<(Written, Zeroizing<Vec<u8>>), StoreError> {
        let damaged = StoreError::Damaged;
        let (&[version], rest) = sealed.split_first_chunk().ok_or(damaged)?;
        match version {
            VERSION => {}
            0 => return Err(damaged),
            older if older < VERSION => return Err(StoreError::OlderVersion),
            _ => return Err(StoreError::NewerVersion),
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
        Ok((Written { generation, tag: *tag }, plain))
    }

    fn cipher(&self) -> Aes256GcmSiv {
        Aes256GcmSiv::new(self.record_key.expose().into())
    }

    fn associated_data(&self, name: RecordName, generation: u64) -> Vec<u8> {
        [RECORD, &[VERSION], &self.chat.0, &name.to_bytes(), &generation.to_le_bytes()].concat()
    }
}

/// Seals the plaintext, or returns an empty record, which nothing opens, if the cipher refuses. It refuses only a
/// plaintext of 64 GiB, and records are bounded by the longest message. The plaintext itself is never returned in
/// place of the sealed record.
fn seal_with(
    cipher: &impl AeadInOut<NonceSize = U12, TagSize = U16>,
    nonce: [u8; NONCE_LEN],
    generation: u64,
    aad: &[u8],
    plain: &[u8],
) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(HEADER_LEN + plain.len() + 16);
    sealed.push(VERSION);
    sealed.extend_from_slice(&generation.to_le_bytes());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plain);
    let body = sealed.get_mut(HEADER_LEN..).unwrap_or_default();
    match cipher.encrypt_inout_detached(&nonce.into(), aad, body.into()) {
        Ok(tag) => sealed.extend_from_slice(&tag),
        Err(_) => sealed.zeroize(),
    }
    sealed
}

#[cfg(test)]
mod tests {
    use aes_gcm_siv::aead::inout::InOutBuf;
    use aes_gcm_siv::aead::{self, AeadCore, TagPosition};

    use super::*;

    struct Refuses;

    impl AeadCore for Refuses {
        type NonceSize = U12;
        type TagSize = U16;
        const TAG_POSITION: TagPosition = TagPosition::Postfix;
    }

    impl AeadInOut for Refuses {
        fn encrypt_inout_detached(
            &self,
            _: &aead::Nonce<Self>,
            _: &[u8],
            _: InOutBuf<'_, '_, u8>,
        ) -> aead::Result<aead::Tag<Self>> {
            Err(aead::Error)
        }

        fn decrypt_inout_detached(
            &self,
            _: &aead::Nonce<Self>,
            _: &[u8],
            _: InOutBuf<'_, '_, u8>,
            _: &aead::Tag<Self>,
        ) -> aead::Result<()> {
            Err(aead::Error)
        }
    }

    #[test]
    fn fa_34_what_the_cipher_refuses_is_no_record_and_nothing_of_the_plaintext() {
        let sealed = seal_with(&Refuses, [7; NONCE_LEN], 3, b"associated", b"a chat key");
        assert!(sealed.is_empty());
        let keys = RecordKeys::derive(ChatId([1; 16]), &StoreKey::new([2; 32]));
        assert_eq!(keys.open(RecordName::Keys, &sealed).unwrap_err(), StoreError::Damaged);
    }
}
