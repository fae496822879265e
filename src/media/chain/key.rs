//! The key of one file.

use core::fmt;

use rand_core::CryptoRng;
use subtle::{Choice, ConstantTimeEq};

#[cfg(feature = "telegram")]
use crate::crypto::fingerprint;
use crate::types::secret::Secret;

/// The key and the iv of **one** file (SPEC MED-1). It travels inside the message that names the file.
///
/// Use one key for one file only. Two files under the same key and iv show up to where they are equal, and the
/// carrier can mix them. An edited file needs a new key, and so does a forwarded one: encrypt its content again.
///
/// ```
/// use secretchat::media::ChainKey;
///
/// let key = ChainKey::from_parts([1; 32], [2; 32]);
/// assert_eq!(key.parts(), (&[1; 32], &[2; 32]));
/// assert_eq!(format!("{key:?}"), "ChainKey(..)");
/// ```
pub struct ChainKey {
    key: Secret<32>,
    iv: Secret<32>,
}

impl ChainKey {
    /// Creates a new key. The key is the first draw of 32 bytes, the iv the second.
    #[must_use]
    pub fn random(rng: &mut dyn CryptoRng) -> Self {
        let key = Secret::random(rng);
        let iv = Secret::random(rng);
        Self { key, iv }
    }

    /// Takes the key and the iv from a message. The iv is the previous ciphertext block followed by the previous
    /// plaintext block.
    #[must_use]
    pub fn from_parts(key: [u8; 32], iv: [u8; 32]) -> Self {
        Self { key: Secret::new(key), iv: Secret::new(iv) }
    }

    /// Returns the key and the iv. The caller must wipe any copy.
    #[must_use]
    pub fn parts(&self) -> (&[u8; 32], &[u8; 32]) {
        (self.key.expose(), self.iv.expose())
    }

    /// Returns the fingerprint that a Telegram server receives with the file (SPEC FP-2). It proves nothing.
    #[cfg(feature = "telegram")]
    #[must_use]
    pub fn fingerprint(&self) -> i32 {
        fingerprint::file_key_fingerprint(&self.key, &self.iv)
    }

    /// Copies the key, for decrypting again. Never use it for another file or another chat (SPEC RIGHT-1).
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self { key: self.key.duplicate(), iv: self.iv.duplicate() }
    }
}

impl ConstantTimeEq for ChainKey {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.key.ct_eq(&other.key) & self.iv.ct_eq(&other.iv)
    }
}

impl fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key: _, iv: _ } = self;
        f.write_str("ChainKey(..)")
    }
}
