//! The token of a run (SPEC RES-5).

use aes_gcm_siv::aead::AeadInOut;
use aes_gcm_siv::{Aes256GcmSiv, KeyInit};
use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::content::Border;
use crate::crypto::schedule::expand_into;
use crate::media::chain::PartSize;
use crate::types::error::MediaError;
use crate::types::secret::Secret;

const TOKEN: &[u8] = b"secretchat/1 resume token";
/// In version 1 an encryption's token covered only the parts that were done (SPEC RES-5).
const VERSION: u8 = 2;
const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;
const STATE_LEN: usize = 1 + 1 + 8 + 8 + 32 + 16 + 32;

/// The length of a token, in bytes.
pub const RESUME_TOKEN_LEN: usize = 1 + NONCE_LEN + STATE_LEN + TAG_LEN;

/// The host's key for its resume tokens. One key serves all files of either form, forever.
#[derive(Debug)]
pub struct ResumeKey(Secret<32>);

impl ResumeKey {
    /// Takes 32 random bytes that only the host knows.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self(Secret::new(key))
    }

    /// Derives the key of a token. It is bound to the file as well, so a token is meaningless under another file
    /// key.
    fn cipher(&self, (key, iv): FileFields<'_>) -> Aes256GcmSiv {
        let mut salt = Zeroizing::new([0; 64]);
        for (to, from) in salt.iter_mut().zip(key.iter().chain(iv)) {
            *to = *from;
        }
        let hkdf = Hkdf::<Sha256>::new(Some(&*salt), self.0.expose());
        // Expanding 32 bytes cannot fail (RFC 5869 section 2.3); a zero key would only make tokens unreadable.
        let key = Secret::<32>::fill_with(|key| expand_into(&hkdf, &[TOKEN], key));
        Aes256GcmSiv::new(key.expose().into())
    }
}

/// The fields `key` and `iv` of the message that names the file.
type FileFields<'a> = (&'a [u8; 32], &'a [u8; 32]);

/// The kind of a run: what it does, to a file of which form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::media) enum RunKind {
    EncryptChain = 0,
    DecryptChain = 1,
    SealSegments = 2,
    OpenSegments = 3,
}

/// The contents of a token.
pub(in crate::media) struct State {
    pub(in crate::media) kind: RunKind,
    pub(in crate::media) part_size: PartSize,
    pub(in crate::media) size: u64,
    /// How many parts are done.
    pub(in crate::media) next: u64,
    /// The iv of a chain's next part, or the salt of segments.
    pub(in crate::media) start: Zeroizing<[u8; 32]>,
    /// The padding bytes of a chain, or the padding scheme of segments.
    pub(in crate::media) padding: Zeroizing<[u8; 16]>,
    /// The border of all content for an encryption, or of the done content for a decryption.
    pub(in crate::media) digest: Border,
}

impl State {
    /// `version u8 || nonce[12] || AES-256-GCM-SIV( direction u8 || part power u8 || size u64 || next u64 || start[32]
    /// || padding[16] || digest[32] )`
    pub(in crate::media) fn seal(
        &self,
        file: FileFields<'_>,
        host: &ResumeKey,
        rng: &mut dyn CryptoRng,
    ) -> [u8; RESUME_TOKEN_LEN] {
        let Self { kind, part_size, size, next, start, padding, digest } = self;
        let mut token = [0; RESUME_TOKEN_LEN];
        let mut nonce = [0; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        let mut plain = Zeroizing::new([0; STATE_LEN]);
        let (size, next) = (size.to_le_bytes(), next.to_le_bytes());
        let head = [*kind as u8, part_size.power()];
        let fields: [&[u8]; 6] = [&head, &size, &next, &**start, &**padding, digest];
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

    /// Opens the token of a run of that kind, for a file of that size. The form checks how many parts may be done.
    pub(in crate::media) fn open(
        token: &[u8],
        file: FileFields<'_>,
        size: u64,
        host: &ResumeKey,
        kind: RunKind,
    ) -> Result<Self, MediaError> {
        let state = Self::read(token, file, host, kind).filter(|state| state.size == size);
        state.ok_or(MediaError::ResumeToken)
    }

    fn read(token: &[u8], file: FileFields<'_>, host: &ResumeKey, kind: RunKind) -> Option<Self> {
        let (&[VERSION], rest) = token.split_first_chunk()? else { return None };
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LEN>()?;
        let (sealed, tag) = rest.split_last_chunk::<TAG_LEN>()?;
        let mut plain = Zeroizing::new(*<&[u8; STATE_LEN]>::try_from(sealed).ok()?);
        let cipher = host.cipher(file);
        cipher.decrypt_inout_detached(&(*nonce).into(), &aad(), plain.as_mut_slice().into(), &(*tag).into()).ok()?;
        let (&[of, power], rest) = plain.split_first_chunk()?;
        let (size, rest) = rest.split_first_chunk()?;
        let (next, rest) = rest.split_first_chunk()?;
        let (start, rest) = rest.split_first_chunk()?;
        let (padding, digest) = rest.split_first_chunk()?;
        (of == kind as u8).then_some(Self {
            kind,
            part_size: PartSize::from_power(power)?,
            size: u64::from_le_bytes(*size),
            next: u64::from_le_bytes(*next),
            start: Zeroizing::new(*start),
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
