//! The encrypted message of MTProto 2.0 (SPEC ENV-1 to ENV-4), sealed and opened in the caller's buffer.
//!
//! ```text
//! key_fingerprint[8] || msg_key[16] || AES-256-IGE( length:u32le || body[length] || padding[12..=1024] )
//! ```

#[cfg(feature = "telegram")]
pub mod old;

use core::{fmt, iter};

use rand_core::CryptoRng;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroize;

use crate::crypto::ige;
use crate::crypto::kdf::{ChatKey, MsgKey, Offset};
use crate::types::error::{PeerFault, errors};
use crate::types::id::KeyFingerprint;

/// Bytes before the ciphertext: fingerprint and `msg_key`.
pub const HEADER_LEN: usize = 24;

/// The longest body, in bytes. No limit of Telegram's server is published, but its messages stay far below this.
pub const MAX_BODY_LEN: usize = 1 << 19;

/// The longest sealed message, in bytes.
pub const MAX_SEALED_LEN: usize = HEADER_LEN + MAX_PLAIN_LEN;

const LENGTH_LEN: usize = 4;

/// Where the body begins in a sealed message.
#[cfg(feature = "alloc")]
pub(crate) const BODY_AT: usize = HEADER_LEN + LENGTH_LEN;

const MIN_PADDING: usize = 12;
const MAX_PADDING: usize = 1024;
/// A length field, one word of body and the least padding fill two blocks.
const MIN_PLAIN_LEN: usize = 32;
const MAX_PLAIN_LEN: usize = (LENGTH_LEN + MAX_BODY_LEN + MAX_PADDING) / 16 * 16;

errors! {
    /// A message cannot be sealed with these parameters.
    SealError {
        /// The body is empty, not a whole number of words, or longer than [`MAX_BODY_LEN`] (SPEC ENV-1).
        801 "body_length" BodyLength => "a message body must be a whole number of words and within the bound",
        /// The padding has fewer than 12 or more than 1,024 bytes, or does not fill the last block (SPEC ENV-2).
        802 "padding_length" PaddingLength => "padding must have 12 to 1024 bytes and fill the last block",
        /// The caller's buffer is too small for the result (SPEC ENV-1).
        803 "buffer_too_small" BufferTooSmall => "the buffer is too small; use the length that `Layout::sealed_len` returns",
        /// Eight draws in a row gave nothing usable (SPEC RNG-4).
        804 "unusable_rng" UnusableRng => "eight draws from the random generator were unusable; repair the generator",
    }
}

/// A chat key in one direction. It seals and opens the messages that one end writes.
#[derive(Clone, Copy)]
pub struct DirectionKey<'k> {
    /// The chat key.
    pub chat_key: &'k ChatKey,
    /// The name of the key, in the clear at the start of each message.
    pub fingerprint: KeyFingerprint,
    /// The offset in the chat key at which that direction begins.
    pub x: Offset,
}

impl fmt::Debug for DirectionKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chat_key: _, fingerprint, x } = self;
        f.debug_struct("DirectionKey").field("fingerprint", fingerprint).field("x", x).finish_non_exhaustive()
    }
}

/// The sizes of one message, known before it is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    body_len: usize,
    padding_len: usize,
}

impl Layout {
    /// Pads to the next of a few fixed sizes, as TDLib does. The ciphertext's length then reveals the least about
    /// the text.
    ///
    /// # Errors
    /// [`SealError::BodyLength`] unless `body_len` is a positive multiple of 4 up to [`MAX_BODY_LEN`].
    pub fn size_class(body_len: usize) -> Result<Self, SealError> {
        const SMALL: [usize; 9] = [64, 128, 192, 256, 384, 512, 768, 1024, 1280];
        const STEP: usize = 448;
        let least = Self::least_plain_len(body_len)?;
        let plain_len = SMALL
            .into_iter()
            .find(|class| least <= *class)
            .unwrap_or_else(|| 1280 + least.saturating_sub(1280).next_multiple_of(STEP));
        Self::with_padding(body_len, plain_len - LENGTH_LEN - body_len)
    }

    /// Pads as little as allowed, 12 to 27 bytes. The ciphertext's length then reveals that of the body to within a
    /// block.
    ///
    /// # Errors
    /// Same as [`Layout::size_class`].
    pub fn least(body_len: usize) -> Result<Self, SealError> {
        Self::with_padding(body_len, Self::least_plain_len(body_len)? - LENGTH_LEN - body_len)
    }

    /// Pads by a random amount. Every allowed one is equally likely.
    ///
    /// # Errors
    /// The errors of [`Layout::size_class`], and [`SealError::UnusableRng`] (SPEC RNG-4).
    pub fn random(body_len: usize, rng: &mut dyn CryptoRng) -> Result<Self, SealError> {
        let least = Self::least_plain_len(body_len)?;
        let shortest = least - LENGTH_LEN - body_len;
        let choices = (MAX_PADDING - shortest) / 16 + 1;
        // There are 63 or 64 choices: six bits per draw, drawn again if they do not fit.
        for _ in 0..8 {
            let mut draw = [0];
            rng.fill_bytes(&mut draw);
            let [draw] = draw;
            let choice = usize::from(draw & 63);
            if choice < choices {
                return Self::with_padding(body_len, shortest + 16 * choice);
            }
        }
        Err(SealError::UnusableRng)
    }

    /// Pads by exactly `padding_len` bytes.
    ///
    /// # Errors
    /// The errors of [`Layout::size_class`], and [`SealError::PaddingLength`] unless 12 to 1,024 bytes fill the
    /// last block.
    pub fn with_padding(body_len: usize, padding_len: usize) -> Result<Self, SealError> {
        Self::least_plain_len(body_len)?;
        let layout = Self { body_len, padding_len };
        if !(MIN_PADDING..=MAX_PADDING).contains(&padding_len) || !layout.plain_len().is_multiple_of(16) {
            return Err(SealError::PaddingLength);
        }
        Ok(layout)
    }

    /// Returns the length of the whole sealed message.
    #[must_use]
    pub const fn sealed_len(self) -> usize {
        HEADER_LEN + self.plain_len()
    }

    /// Returns how many bytes of padding the message has.
    #[cfg(feature = "alloc")]
    pub(crate) const fn padding_len(self) -> usize {
        self.padding_len
    }

    const fn plain_len(self) -> usize {
        LENGTH_LEN + self.body_len + self.padding_len
    }

    fn least_plain_len(body_len: usize) -> Result<usize, SealError> {
        if body_len == 0 || body_len > MAX_BODY_LEN || !body_len.is_multiple_of(4) {
            return Err(SealError::BodyLength);
        }
        Ok((LENGTH_LEN + body_len + MIN_PADDING).next_multiple_of(16))
    }
}

/// Seals one message. `write_body` fills the body in place, and the generator fills the padding. Returns the sealed
/// part of `buffer`, which has [`Layout::sealed_len`] bytes.
///
/// # Errors
/// [`SealError::BufferTooSmall`].
pub fn seal<'b>(
    key: &DirectionKey<'_>,
    layout: Layout,
    rng: &mut dyn CryptoRng,
    buffer: &'b mut [u8],
    write_body: impl FnOnce(&mut [u8]),
) -> Result<&'b mut [u8], SealError> {
    let sealed = buffer.get_mut(..layout.sealed_len()).ok_or(SealError::BufferTooSmall)?;
    let (header, plain) = sealed.split_at_mut_checked(HEADER_LEN).ok_or(SealError::BufferTooSmall)?;

    let (length, rest) = plain.split_at_mut_checked(LENGTH_LEN).ok_or(SealError::BufferTooSmall)?;
    let (body, padding) = rest.split_at_mut_checked(layout.body_len).ok_or(SealError::BufferTooSmall)?;
    let body_len = u32::try_from(layout.body_len).map_err(|_| SealError::BodyLength)?;
    length.copy_from_slice(&body_len.to_le_bytes());
    write_body(body);
    rng.fill_bytes(padding);

    let msg_key = MsgKey::of(key.chat_key, key.x, plain);
    let (fingerprint, msg_key_bytes) = header.split_at_mut(8);
    fingerprint.copy_from_slice(&key.fingerprint.to_bytes());
    msg_key_bytes.copy_from_slice(&msg_key.to_bytes());
    msg_key.with_aes_key_iv(key.chat_key, key.x, |aes_key, iv| ige::encrypt(aes_key, iv, plain.as_chunks_mut().0));
    Ok(sealed)
}

/// Returns the fingerprint in the clear at the start of a sealed message, or `None` if the message is too short.
#[must_use]
pub fn fingerprint(sealed: &[u8]) -> Option<KeyFingerprint> {
    sealed.first_chunk().copied().map(KeyFingerprint::from_bytes)
}

/// Opens one message in place and returns its body.
///
/// All faults inside fail the same way: the message is decrypted and hashed as a whole before any length in it is
/// looked at, and the buffer is wiped (SPEC ENV-4). Only the fingerprint and the size, which are public, are
/// checked before.
///
/// # Errors
/// [`PeerFault::UnknownKey`] if the message starts with another fingerprint, otherwise [`PeerFault::NotAuthentic`].
pub fn open<'b>(key: &DirectionKey<'_>, sealed: &'b mut [u8]) -> Result<&'b mut [u8], PeerFault> {
    if fingerprint(sealed).ok_or(PeerFault::NotAuthentic)? != key.fingerprint {
        return Err(PeerFault::UnknownKey);
    }
    let (header, plain) = sealed.split_at_mut_checked(HEADER_LEN).ok_or(PeerFault::NotAuthentic)?;
    if !(MIN_PLAIN_LEN..=MAX_PLAIN_LEN).contains(&plain.len()) || !plain.len().is_multiple_of(16) {
        return Err(PeerFault::NotAuthentic);
    }
    let claimed = MsgKey::from_bytes(*header.last_chunk().ok_or(PeerFault::NotAuthentic)?);
    let computed = claimed.with_aes_key_iv(key.chat_key, key.x, |aes_key, iv| {
        decrypt_and_hash(key, ige::Decryptor::new(aes_key, iv), plain)
    });

    let genuine = claimed.ct_eq(&computed);
    let (body_len, well_formed) = body_len(plain);
    if !bool::from(genuine & well_formed) {
        plain.zeroize();
        return Err(PeerFault::NotAuthentic);
    }
    plain.get_mut(LENGTH_LEN..LENGTH_LEN + body_len).ok_or(PeerFault::NotAuthentic)
}

/// Decrypts a plaintext of at least [`MIN_PLAIN_LEN`] bytes in place, and computes its `msg_key`. Decrypting and
/// hashing are two chains of steps that each leave most of the processor idle, so it hashes one piece while it
/// decrypts the next.
fn decrypt_and_hash(key: &DirectionKey<'_>, mut decryptor: ige::Decryptor, plain: &mut [u8]) -> MsgKey {
    let (first, rest) = plain.split_at_mut(MsgKey::FIRST_PIECE_LEN);
    let decrypted = iter::once(first).chain(rest.chunks_mut(16 * ige::TURN)).map(|piece| {
        decryptor.decrypt(piece.as_chunks_mut().0);
        &*piece
    });
    MsgKey::of_pieces(key.chat_key, key.x, decrypted)
}

/// Returns the length field, and whether it and the padding are within bounds, without a branch on the plaintext.
#[expect(clippy::manual_range_contains, reason = "a range test may branch between its two ends")]
fn body_len(plain: &[u8]) -> (usize, Choice) {
    let field = plain.first_chunk().map_or(0, |length| u32::from_le_bytes(*length));
    let body_len = usize::try_from(field).unwrap_or(usize::MAX);
    let padding = plain.len().wrapping_sub(LENGTH_LEN).wrapping_sub(body_len);
    let well_formed = (body_len != 0)
        & body_len.is_multiple_of(4)
        & (body_len <= MAX_BODY_LEN)
        & (body_len <= plain.len())
        & (MIN_PADDING <= padding)
        & (padding <= MAX_PADDING);
    (body_len, Choice::from(u8::from(well_formed)))
}
