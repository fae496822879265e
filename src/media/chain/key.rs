//! The key of one file.

use core::fmt;

use rand_core::CryptoRng;
use subtle::{Choice, ConstantTimeEq};

#[cfg(feature = "telegram")]
use crate::crypto::fingerprint;
use crate::types::secret::Secret;

/// The key and the iv of **one** file (SPEC MED-1). It travels inside the message that names the file.
///
/// One key is for one file: two files under the same key and iv show where they are equal from the start, and let the
/// carrier mix them. An edited file needs a new key, and so does a file that is sent on: encrypt its content anew.
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
    /// Creates a new key: the key is the first draw of 32 bytes, the iv the second.
    #[must_use]
    pub fn random(rng: &mut dyn CryptoRng) -> Self {
        let key = Secret::random(rng);
        let iv = Secret::random(rng);
        Self { key, iv }
    }

    /// Takes the key and the iv of a message. The iv is the ciphertext block, then the plaintext block before the
    /// first.
    #[must_use]
    pub fn from_parts(key: [u8; 32], iv: [u8; 32]) -> Self {
        Self { key: Secret::new(key), iv: Secret::new(iv) }
    }

    /// Returns the key and the iv. Copies are the caller's to wipe.
    #[must_use]
    pub fn parts(&self) -> (&[u8; 32], &[u8; 32]) {
        (self.key.expose(), self.iv.expose())
    }

    /// Returns the fingerprint that a Telegram server is given with the file (SPEC FP-2). It proves nothing.
    #[cfg(feature = "telegram")]
    #[must_use]
    pub fn fingerprint(&self) -> i32 {
        fingerprint::file_key_fingerprint(&self.key, &self.iv)
    }

    /// Returns a second holder of the same key, to decrypt again. It is never for another file, nor for another chat
    /// (SPEC RIGHT-1).
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
