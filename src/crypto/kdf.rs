//! MTProto 2.0 key derivation: `msg_key`, and the AES key and iv derived from it (SPEC KDF-1, KDF-2).

use subtle::ConstantTimeEq;

use super::sha256::{BLOCK_LEN, Sha256, Tail};
use crate::types::id::Role;
use crate::types::secret::{Scratch, Secret};

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
    /// How many bytes of a plaintext share a block of the hash with the secret before them.
    pub(crate) const FIRST_PIECE_LEN: usize = BLOCK_LEN - 32;

    /// Computes the key of a plaintext with its length field and padding: bytes 8..24 of SHA-256(`key[88 + x..120 +
    /// x]`, plaintext).
    #[must_use]
    pub fn of(chat_key: &ChatKey, x: Offset, plaintext: &[u8]) -> Self {
        match plaintext.split_at_checked(Self::FIRST_PIECE_LEN) {
            Some((first, rest)) => Self::of_pieces(chat_key, x, [first, rest]),
            None => Self::of_pieces(chat_key, x, [plaintext]),
        }
    }

    /// Does the same for a plaintext that comes in pieces: the first [`Self::FIRST_PIECE_LEN`] bytes, then whole
    /// blocks of the hash, then what is left. A piece is hashed after the next one has been taken.
    #[inline]
    #[allow(single_use_lifetimes, reason = "newer compilers know that an elided one is unstable here")]
    pub(crate) fn of_pieces<'a>(chat_key: &ChatKey, x: Offset, pieces: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut pieces = pieces.into_iter();
        let mut hash = Sha256::new();
        let mut start = Scratch::new([0; BLOCK_LEN]);
        let mut waiting = join(&mut start, window::<32>(chat_key, 88, x), pieces.next().unwrap_or_default());
        for piece in pieces {
            hash.update(waiting);
            waiting = piece;
        }
        let [_, _, words @ .., _, _] = hash.finish(waiting);
        let mut key = [0; 16];
        write_words(&mut key, words);
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
        self.with_aes_key_iv(chat_key, x, |key, iv| {
            (Secret::fill_with(|to| *to = *key), Secret::fill_with(|to| *to = *iv))
        })
    }

    /// Derives the AES-256 key and the IGE iv of the message, and lends them to `work`.
    #[inline]
    pub(crate) fn with_aes_key_iv<T>(
        self,
        chat_key: &ChatKey,
        x: Offset,
        work: impl FnOnce(&[u8; 32], &[u8; 32]) -> T,
    ) -> T {
        // Both inputs are ready before either is hashed, so that the processor hashes them side by side.
        let input_a = Tail::new(52, [&self.0, window::<36>(chat_key, 0, x)]);
        let input_b = Tail::new(52, [window::<36>(chat_key, 40, x), &self.0]);
        let (mut a, mut b) = (Sha256::new(), Sha256::new());
        let (a, b) = (a.finish_with(&input_a), b.finish_with(&input_b));
        let (mut key, mut iv) = (Scratch::new([0; 32]), Scratch::new([0; 32]));
        write_words(&mut *key, &interleave(a, b));
        write_words(&mut *iv, &interleave(b, a));
        work(&key, &iv)
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

/// Joins two parts, and returns what they fill of `out`.
#[inline]
fn join<'o>(out: &'o mut [u8; BLOCK_LEN], a: &[u8], b: &[u8]) -> &'o [u8] {
    let (out, _) = out.split_at_mut(a.len() + b.len());
    let (to_a, to_b) = out.split_at_mut(a.len());
    to_a.copy_from_slice(a);
    to_b.copy_from_slice(b);
    out
}

/// Returns bytes 0..8 of `outer`, 8..24 of `inner` and 24..32 of `outer`, as words of four bytes.
const fn interleave(outer: &[u32; 8], inner: &[u32; 8]) -> [u32; 8] {
    let [a, b, _, _, _, _, g, h] = *outer;
    let [_, _, c, d, e, f, _, _] = *inner;
    [a, b, c, d, e, f, g, h]
}

/// Writes the words of a hash in the order of its bytes.
#[inline]
fn write_words(out: &mut [u8], words: &[u32]) {
    for (out, word) in out.as_chunks_mut().0.iter_mut().zip(words) {
        *out = word.to_be_bytes();
    }
}
