//! Fingerprints and the verification value of the Telegram profile (SPEC FP-1, FP-2, VER-1).
//!
//! SHA-1 and MD5 serve as identifiers here because the wire format requires them. Nothing relies on their collision
//! resistance.

#![cfg(feature = "telegram")]

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::kdf::ChatKey;
use crate::types::id::KeyFingerprint;
use crate::types::secret::Secret;

/// Returns the name of a chat key: the last 8 bytes of its SHA-1.
#[must_use]
pub fn key_fingerprint(chat_key: &ChatKey) -> KeyFingerprint {
    let hash: [u8; 20] = Sha1::digest(chat_key.expose()).into();
    let [.., a, b, c, d, e, f, g, h] = hash;
    KeyFingerprint::from_bytes([a, b, c, d, e, f, g, h])
}

/// Returns the 36 bytes that the two users compare: 16 from the SHA-1 and 20 from the SHA-256 of the first chat
/// key.
#[must_use]
pub fn verification(chat_key: &ChatKey) -> [u8; 36] {
    let sha1: [u8; 20] = Sha1::digest(chat_key.expose()).into();
    let sha256: [u8; 32] = Sha256::digest(chat_key.expose()).into();
    let mut value = [0; 36];
    for (to, from) in value.iter_mut().zip(sha1.iter().take(16).chain(&sha256)) {
        *to = *from;
    }
    value
}

/// Returns the fingerprint of a file's key: words 0 and 1 of MD5(key, iv), combined by exclusive or.
#[must_use]
pub fn file_key_fingerprint(key: &Secret<32>, iv: &Secret<32>) -> i32 {
    let mut hash: [u8; 16] = Md5::new().chain_update(key.expose()).chain_update(iv.expose()).finalize().into();
    let [a, b, c, d, e, f, g, h, ..] = hash;
    let fingerprint = i32::from_le_bytes([a ^ e, b ^ f, c ^ g, d ^ h]);
    hash.zeroize();
    fingerprint
}
