//! MTProto 2.0 key derivation: `msg_key`, and the AES key and iv derived from it (SPEC KDF-1, KDF-2).

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::types::id::Role;
use crate::types::secret::Secret;

/// The 256-byte key of a chat.
pub type ChatKey = Secret<256>;

/// The offset in the chat key at which the bytes for one direction begin: the `x` of the formulas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset(usize);

impl Offset {
    /// The offset for messages of the initiator, in both profiles.
    pub const INITIATOR: Self = Self(0);
    /// The offset for messages of the responder in the Telegram profile.
    pub const TELEGRAM_RESPONDER: Self = Self(8);
    /// The offset for messages of the responder in the X25519 profile. The two directions share no byte of the key.
    pub const X25519_RESPONDER: Self = Self(128);

    /// Returns the offset for messages of `sender` in the X25519 profile.
    #[must_use]
    pub const fn x25519(sender: Role) -> Self {
        match sender {
            Role::Initiator => Self::INITIATOR,
            Role::Responder => Self::X25519_RESPONDER,
        }
    }

    /// Returns the offset for messages of `sender` in the Telegram profile.
    #[must_use]
    pub const fn telegram(sender: Role) -> Self {
        match sender {
            Role::Initiator => Self::INITIATOR,
            Role::Responder => Self::TELEGRAM_RESPONDER,
        }
    }
}

/// The 16 bytes that authenticate a message and select its AES key.
#[derive(Clone, Copy, Debug)]
pub struct MsgKey([u8; 16]);

impl MsgKey {
    /// Computes the key of a plaintext with its length field and padding: bytes 8..24 of SHA-256(`key[88 + x..120 +
    /// x]`, plaintext).
    #[must_use]
    pub fn of(chat_key: &ChatKey, x: Offset, plaintext: &[u8]) -> Self {
        let mut large: [u8; 32] =
            Sha256::new().chain_update(window::<32>(chat_key, 88, x)).chain_update(plaintext).finalize().into();
        let mut key = [0; 16];
        splice(&mut key, &large, 8);
        large.zeroize();
        Self(key)
    }

    /// Creates the key from its bytes in a message.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes as they are in a message.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// Derives the AES-256 key and the IGE iv of the message.
    #[must_use]
    pub fn aes_key_iv(self, chat_key: &ChatKey, x: Offset) -> (Secret<32>, Secret<32>) {
        let mut a: [u8; 32] =
            Sha256::new().chain_update(self.0).chain_update(window::<36>(chat_key, 0, x)).finalize().into();
        let mut b: [u8; 32] =
            Sha256::new().chain_update(window::<36>(chat_key, 40, x)).chain_update(self.0).finalize().into();
        let key = Secret::fill_with(|key| interleave(key, &a, &b));
        let iv = Secret::fill_with(|iv| interleave(iv, &b, &a));
        a.zeroize();
        b.zeroize();
        (key, iv)
    }
}

impl ConstantTimeEq for MsgKey {
    fn ct_eq(&self, other: &Self) -> subtle::Choice {
        self.0.ct_eq(&other.0)
    }
}

/// Returns `key[at + x..][..N]`.
#[expect(clippy::indexing_slicing, reason = "at + x + N is at most 88 + 128 + 36 for the three offsets there are")]
fn window<const N: usize>(key: &ChatKey, at: usize, x: Offset) -> &[u8] {
    const { assert!(N <= 36) };
    &key.expose()[at + x.0..][..N]
}

/// Writes `outer[0..8] || inner[8..24] || outer[24..32]`.
fn interleave(out: &mut [u8; 32], outer: &[u8; 32], inner: &[u8; 32]) {
    for (i, ((out, outer), inner)) in out.iter_mut().zip(outer).zip(inner).enumerate() {
        *out = if (8..24).contains(&i) { *inner } else { *outer };
    }
}

/// Writes `from[at..][..16]`.
fn splice(out: &mut [u8; 16], from: &[u8; 32], at: usize) {
    for (out, from) in out.iter_mut().zip(from.iter().skip(at)) {
        *out = *from;
    }
}
