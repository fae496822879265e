//! Sealing under MTProto 1.0, which the crate cannot do: written out from the protocol's page, over the SHA-1 of its own
//! crate.

use secretchat::KeyFingerprint;
use secretchat::hazmat::ige;
use secretchat::hazmat::kdf::ChatKey;
use sha1::{Digest, Sha1};

/// With as much padding as fills the last block.
pub(crate) fn seal(chat_key: &ChatKey, fingerprint: KeyFingerprint, body: &[u8]) -> Vec<u8> {
    let padding = (4 + body.len()).next_multiple_of(16) - 4 - body.len();
    seal_with(chat_key, fingerprint, u32::try_from(body.len()).unwrap(), body, padding)
}

/// With any length field and any padding.
pub(crate) fn seal_with(
    chat_key: &ChatKey,
    fingerprint: KeyFingerprint,
    length: u32,
    body: &[u8],
    padding: usize,
) -> Vec<u8> {
    let sha1 = |parts: &[&[u8]]| -> [u8; 20] { Sha1::digest(parts.concat()).into() };
    let key = chat_key.expose();
    let mut plain = length.to_le_bytes().to_vec();
    plain.extend(body);
    let msg_key = sha1(&[&plain])[4..].to_vec();
    plain.extend(std::iter::repeat_n(0x5a, padding));
    let a = sha1(&[&msg_key, &key[..32]]);
    let b = sha1(&[&key[32..48], &msg_key, &key[48..64]]);
    let c = sha1(&[&key[64..96], &msg_key]);
    let d = sha1(&[&msg_key, &key[96..128]]);
    let aes_key: [u8; 32] = [&a[..8], &b[8..], &c[4..16]].concat().try_into().unwrap();
    let aes_iv: [u8; 32] = [&a[8..], &b[..8], &c[16..], &d[..8]].concat().try_into().unwrap();
    assert!(plain.len().is_multiple_of(16));
    ige::encrypt(&aes_key, &aes_iv, plain.as_chunks_mut().0);
    [&fingerprint.to_bytes()[..], &msg_key, &plain].concat()
}
