//! The encrypted message of MTProto 1.0 (SPEC ENV-5): opened for a peer that begins with it, never sealed.
//!
//! ```text
//! key_fingerprint[8] || msg_key[16] || AES-256-IGE( length:u32le || body[length] || padding[0..=15] )
//! ```
//!
//! **This is weaker than its successor**: `msg_key` is a plain hash of the text, the padding is not covered, and
//! both directions read the same bytes of the chat key. Nothing from such a message is ever shown to a user.

use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroize;

use super::{HEADER_LEN, LENGTH_LEN, MAX_BODY_LEN, MAX_PLAIN_LEN, fingerprint};
use crate::crypto::ige;
use crate::crypto::kdf::ChatKey;
use crate::crypto::kdf_old::{aes_key_iv, msg_key};
use crate::types::error::PeerFault;
use crate::types::id::KeyFingerprint;

const MAX_PADDING: usize = 15;
/// A length field and one word of body fill a block.
const MIN_PLAIN_LEN: usize = 16;

/// Opens one message in place and returns its body. All faults inside fail the same way, and the buffer is wiped.
///
/// # Errors
/// [`PeerFault::UnknownKey`] if the message starts with another fingerprint, otherwise [`PeerFault::NotAuthentic`].
pub fn open<'b>(chat_key: &ChatKey, name: KeyFingerprint, sealed: &'b mut [u8]) -> Result<&'b mut [u8], PeerFault> {
    if fingerprint(sealed).ok_or(PeerFault::NotAuthentic)? != name {
        return Err(PeerFault::UnknownKey);
    }
    let (header, plain) = sealed.split_at_mut_checked(HEADER_LEN).ok_or(PeerFault::NotAuthentic)?;
    if !(MIN_PLAIN_LEN..=MAX_PLAIN_LEN).contains(&plain.len()) || !plain.len().is_multiple_of(16) {
        return Err(PeerFault::NotAuthentic);
    }
    let claimed: [u8; 16] = *header.last_chunk().ok_or(PeerFault::NotAuthentic)?;
    let (aes_key, aes_iv) = aes_key_iv(claimed, chat_key);
    ige::decrypt(aes_key.expose(), aes_iv.expose(), plain.as_chunks_mut().0);

    let body_len = body_len(plain);
    // The hash ends with the body. If the length is impossible, everything is hashed.
    let hashed = body_len.and_then(|body_len| plain.get(..LENGTH_LEN + body_len)).unwrap_or(plain);
    let genuine = claimed.ct_eq(&msg_key(hashed));
    let well_formed = Choice::from(u8::from(body_len.is_some()));
    match body_len {
        Some(body_len) if bool::from(genuine & well_formed) => {
            plain.get_mut(LENGTH_LEN..LENGTH_LEN + body_len).ok_or(PeerFault::NotAuthentic)
        }
        _ => {
            plain.zeroize();
            Err(PeerFault::NotAuthentic)
        }
    }
}

/// Returns the length field, if it and the padding are within bounds.
fn body_len(plain: &[u8]) -> Option<usize> {
    let field = u32::from_le_bytes(*plain.first_chunk()?);
    let body_len = usize::try_from(field).ok()?;
    let padding = plain.len().checked_sub(LENGTH_LEN)?.checked_sub(body_len)?;
    (body_len != 0 && body_len.is_multiple_of(4) && body_len <= MAX_BODY_LEN && padding <= MAX_PADDING)
        .then_some(body_len)
}
