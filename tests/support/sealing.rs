//! Sealing a plaintext of one's own making, which the crate does not: it writes length and padding itself.

use secretchat::hazmat::envelope::DirectionKey;
use secretchat::hazmat::ige;
use secretchat::hazmat::kdf::MsgKey;

/// Returns whole blocks, length field and all, under their right `msg_key` (SPEC ENV-1 to ENV-3).
pub(crate) fn seal_raw(key: &DirectionKey<'_>, plain: &[u8]) -> Vec<u8> {
    let msg_key = MsgKey::of(key.chat_key, key.x, plain);
    let (aes_key, aes_iv) = msg_key.aes_key_iv(key.chat_key, key.x);
    let mut cipher = plain.to_vec();
    ige::encrypt(aes_key.expose(), aes_iv.expose(), cipher.as_chunks_mut().0);
    [&key.fingerprint.to_bytes()[..], &msg_key.to_bytes(), &cipher].concat()
}
