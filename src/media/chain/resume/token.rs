//! The token of a run (SPEC RES-5).

use aes_gcm_siv::aead::AeadInOut;
use aes_gcm_siv::{Aes256GcmSiv, KeyInit};
use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::crypto::schedule::expand_into;
use crate::media::chain::key::ChainKey;
use crate::media::chain::part::{Chain, PartSize};
use crate::types::error::MediaError;
use crate::types::secret::Secret;

const TOKEN: &[u8] = b"secretchat/1 resume token";
/// In version 1 an encryption's token covered only the parts that were done (SPEC RES-5).
const VERSION: u8 = 2;
const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;
const STATE_LEN: usize = 1 + 1 + 8 + 8 + 32 + 16 + 32;

/// Bytes of a token.
pub const RESUME_TOKEN_LEN: usize = 1 + NONCE_LEN + STATE_LEN + TAG_LEN;

/// The host's key for its resume tokens: one for all files, for ever.
#[derive(Debug)]
pub struct ResumeKey(Secret<32>);

impl ResumeKey {
    /// Takes 32 random bytes that only the host knows.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self(Secret::new(key))
    }

    /// Derives the key of a token. It is bound to the file as well: a token says nothing under another file key.
    fn cipher(&self, file: &ChainKey) -> Aes256GcmSiv {
        let mut salt = Zeroizing::new([0; 64]);
        let (key, iv) = file.parts();
        for (to, from) in salt.iter_mut().zip(key.iter().chain(iv)) {
            *to = *from;
        }
        let hkdf = Hkdf::<Sha256>::new(Some(&*salt), self.0.expose());
        // Expanding 32 bytes cannot fail (RFC 5869 section 2.3); a zero key would only make tokens unreadable.
        let key = Secret::<32>::fill_with(|key| expand_into(&hkdf, &[TOKEN], key));
        Aes256GcmSiv::new(key.expose().into())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Encrypt = 0,
    Decrypt = 1,
}

/// What a token says.
pub(super) struct State {
    pub(super) part_size: PartSize,
    size: u64,
    next: u64,
    iv: Zeroizing<[u8; 32]>,
    pub(super) padding: Zeroizing<[u8; 16]>,
    /// The border of all content in an encryption, of what is done in a decryption.
    pub(super) digest: [u8; 32],
}

impl State {
    pub(super) fn of(chain: &Chain, padding: Zeroizing<[u8; 16]>, digest: [u8; 32]) -> Self {
        let Chain { key: _, iv, part_size, size, next } = chain;
        Self { part_size: *part_size, size: *size, next: *next, iv: iv.clone(), padding, digest }
    }

    /// Puts the chain of a file of the same size where the token was sealed.
    pub(super) fn enter(&self, chain: &mut Chain) -> Result<(), MediaError> {
        if chain.size != self.size || self.next > chain.part_size.count(self.size) {
            return Err(MediaError::ResumeToken);
        }
        chain.iv.copy_from_slice(&*self.iv);
        chain.next = self.next;
        Ok(())
    }

    /// `version u8 || nonce[12] || AES-256-GCM-SIV( direction u8 || part power u8 || size u64 || next u64 || iv[32] ||
    /// padding[16] || digest[32] )`
    pub(super) fn seal(
        &self,
        file: &ChainKey,
        host: &ResumeKey,
        direction: Direction,
        rng: &mut dyn CryptoRng,
    ) -> [u8; RESUME_TOKEN_LEN] {
        let mut token = [0; RESUME_TOKEN_LEN];
        let mut nonce = [0; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        let mut plain = Zeroizing::new([0; STATE_LEN]);
        let (size, next) = (self.size.to_le_bytes(), self.next.to_le_bytes());
        let start = [direction as u8, self.part_size.power()];
        let fields: [&[u8]; 6] = [&start, &size, &next, &*self.iv, &*self.padding, &self.digest];
        for (to, from) in plain.iter_mut().zip(fields.into_iter().flatten()) {
            *to = *from;
        }
        // Only a plaintext of 64 GiB fails.
        let tag = host.cipher(file).encrypt_inout_detached(&nonce.into(), &aad(), plain.as_mut_slice().into());
        let tag = tag.unwrap_or_default();
        let fields: [&[u8]; 4] = [&[VERSION], &nonce, &*plain, &tag];
        for (to, from) in token.iter_mut().zip(fields.into_iter().flatten()) {
            *to = *from;
        }
        token
    }

    pub(super) fn open(
        token: &[u8],
        file: &ChainKey,
        host: &ResumeKey,
        direction: Direction,
    ) -> Result<Self, MediaError> {
        Self::read(token, file, host, direction).ok_or(MediaError::ResumeToken)
    }

    fn read(token: &[u8], file: &ChainKey, host: &ResumeKey, direction: Direction) -> Option<Self> {
        let (&[VERSION], rest) = token.split_first_chunk()? else { return None };
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LEN>()?;
        let (sealed, tag) = rest.split_last_chunk::<TAG_LEN>()?;
        let mut plain = Zeroizing::new(*<&[u8; STATE_LEN]>::try_from(sealed).ok()?);
        let cipher = host.cipher(file);
        cipher.decrypt_inout_detached(&(*nonce).into(), &aad(), plain.as_mut_slice().into(), &(*tag).into()).ok()?;
        let (&[of, power], rest) = plain.split_first_chunk()?;
        let (size, rest) = rest.split_first_chunk()?;
        let (next, rest) = rest.split_first_chunk()?;
        let (iv, rest) = rest.split_first_chunk()?;
        let (padding, digest) = rest.split_first_chunk()?;
        (of == direction as u8).then_some(Self {
            part_size: PartSize::from_power(power)?,
            size: u64::from_le_bytes(*size),
            next: u64::from_le_bytes(*next),
            iv: Zeroizing::new(*iv),
            padding: Zeroizing::new(*padding),
            digest: digest.try_into().ok()?,
        })
    }
}

fn aad() -> [u8; TOKEN.len() + 1] {
    let mut aad = [VERSION; TOKEN.len() + 1];
    for (to, from) in aad.iter_mut().zip(TOKEN) {
        *to = *from;
    }
    aad
}
