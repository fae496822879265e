//! Sealing with AES-256-GCM-SIV under keys that only the records of one chat have (SPEC REC-2).

use alloc::vec::Vec;

use aes::Aes256Enc;
use aes_gcm_siv::AesGcmSiv;
use aes_gcm_siv::aead::consts::{U12, U16};
use aes_gcm_siv::aead::{AeadInOut, KeyInit};
use rand_core::CryptoRng;
use zeroize::{Zeroize, Zeroizing};

use super::checkpoint::{HEADER_LEN, NONCE_LEN, TAG_LEN};
use super::contents::joined;
use super::derivation::DerivingAes;
use super::set::RecordSet;
use super::{ChatId, Plain, RecordName, StoreKey, Written};
use crate::crypto::schedule::{expand_into, extract};
use crate::types::error::StoreError;
use crate::types::secret::{Secret, swept};

const RECORD_KEY: &[u8] = b"secretchat/1 record key";
const SET_KEY: &[u8] = b"secretchat/1 record set";
const RECORD: &[u8] = b"secretchat/1 record";

/// The version of the layout of every record.
const VERSION: u8 = 2;

/// The length of what is authenticated beside a record: the label, the version, the chat, the name, the generation.
const AAD_LEN: usize = RECORD.len() + 1 + 16 + RecordName::LEN + 8;

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

    /// Expands the record key, which then seals any number of records.
    pub(crate) fn expanded(&self) -> Aes256Enc {
        Aes256Enc::new(self.record_key.expose().into())
    }

    /// Seals `version u8 || generation u64 || nonce[12] || ciphertext || tag[16]` under the expanded record key. Also
    /// returns what distinguishes the record from others of its name.
    pub(crate) fn seal(
        &self,
        aes: &Aes256Enc,
        name: RecordName,
        generation: u64,
        plain: Plain,
        rng: &mut dyn CryptoRng,
    ) -> (Vec<u8>, Written) {
        let mut nonce = [0; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        let cipher = AesGcmSiv::from(DerivingAes::new(aes, nonce));
        let sealed = seal_with(&cipher, nonce, generation, &self.associated_data(name, generation), plain);
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
        let (body, tag) = rest.split_last_chunk::<TAG_LEN>().ok_or(damaged)?;
        let generation = u64::from_le_bytes(*generation);
        let mut plain = Zeroizing::new(body.to_vec());
        AesGcmSiv::from(DerivingAes::new(&self.expanded(), *nonce))
            .decrypt_inout_detached(
                &(*nonce).into(),
                &self.associated_data(name, generation),
                plain.as_mut_slice().into(),
                &(*tag).into(),
            )
            .map_err(|_| damaged)?;
        Ok((Written { generation, tag: *tag }, plain))
    }

    fn associated_data(&self, name: RecordName, generation: u64) -> [u8; AAD_LEN] {
        joined(&[RECORD, &[VERSION], &self.chat.0, &name.to_bytes(), &generation.to_le_bytes()])
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
    plain: Plain,
) -> Vec<u8> {
    let mut sealed = plain.into_buffer();
    let tag = sealed.split_first_chunk_mut().and_then(|(header, body)| {
        *header = joined::<HEADER_LEN>(&[&[VERSION], &generation.to_le_bytes(), &nonce]);
        cipher.encrypt_inout_detached(&nonce.into(), aad, body.into()).ok()
    });
    match tag {
        Some(tag) => sealed.extend_from_slice(&tag),
        None => sealed.zeroize(),
    }
    sealed
}

#[cfg(test)]
mod tests {
    use aes_gcm_siv::aead::inout::InOutBuf;
    use aes_gcm_siv::aead::{self, AeadCore, TagPosition};

    use super::*;
    use crate::record::{Encode, encode_with};

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
        let plain = encode_with(1, |to| b"a chat key".encode(to));
        let sealed = seal_with(&Refuses, [7; NONCE_LEN], 3, b"associated", plain);
        assert!(sealed.is_empty());
        let keys = RecordKeys::derive(ChatId([1; 16]), &StoreKey::new([2; 32]));
        assert_eq!(keys.open(RecordName::Keys, &sealed).unwrap_err(), StoreError::Damaged);
    }
}
