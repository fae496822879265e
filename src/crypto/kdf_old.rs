//! Key derivation of MTProto 1.0 (SPEC KDF-4). Its messages are opened, never sealed.

use sha1::{Digest, Sha1};
use zeroize::Zeroize;

use super::kdf::ChatKey;
use crate::types::secret::Secret;

/// Returns bytes 4..20 of the SHA-1 of a plaintext **without** its padding. It is not keyed.
#[must_use]
pub fn msg_key(plaintext: &[u8]) -> [u8; 16] {
    let mut hash: [u8; 20] = Sha1::digest(plaintext).into();
    let mut key = [0; 16];
    for (key, hash) in key.iter_mut().zip(hash.iter().skip(4)) {
        *key = *hash;
    }
    hash.zeroize();
    key
}

/// Derives the AES-256 key and the IGE iv of a message. They are the same in both directions: x is 0.
#[must_use]
pub fn aes_key_iv(msg_key: [u8; 16], chat_key: &ChatKey) -> (Secret<32>, Secret<32>) {
    let [k0, k1, k2, k3, k4] = parts(chat_key);
    let mut a = sha1([&msg_key, k0, &[]]);
    let mut b = sha1([k1, &msg_key, k2]);
    let mut c = sha1([k3, &msg_key, &[]]);
    let mut d = sha1([&msg_key, k4, &[]]);
    let key = Secret::fill_with(|key| join(key, [(&a, 0, 8), (&b, 8, 12), (&c, 4, 12), (&d, 0, 0)]));
    let iv = Secret::fill_with(|iv| join(iv, [(&a, 8, 12), (&b, 0, 8), (&c, 16, 4), (&d, 0, 8)]));
    [&mut a, &mut b, &mut c, &mut d].into_iter().for_each(Zeroize::zeroize);
    (key, iv)
}

/// Returns bytes 0..32, 32..48, 48..64, 64..96 and 96..128 of the chat key.
fn parts(chat_key: &ChatKey) -> [&[u8]; 5] {
    let key = chat_key.expose();
    [&key[..32], &key[32..48], &key[48..64], &key[64..96], &key[96..128]]
}

fn sha1(parts: [&[u8]; 3]) -> [u8; 20] {
    parts.into_iter().fold(Sha1::new(), Sha1::chain_update).finalize().into()
}

/// Joins a number of bytes of each hash, from a given offset.
fn join(out: &mut [u8; 32], parts: [(&[u8; 20], usize, usize); 4]) {
    let bytes = parts.into_iter().flat_map(|(hash, at, len)| hash.iter().skip(at).take(len));
    for (out, byte) in out.iter_mut().zip(bytes) {
        *out = *byte;
    }
}
