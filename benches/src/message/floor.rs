//! The least work for a message, as instructions and as code.

use std::hint::black_box;

use ige_lanes::{DecryptionKey, EncryptionKey};
use sha2::{Digest, Sha256};

use super::envelope::COUNT;
use crate::limits::{Chains, Units};
use crate::measure::Lap;

/// The bytes under the cipher.
const PLAIN_LEN: usize = 192;
/// The blocks of SHA-256: four for the message key over 32 bytes of key and the plaintext, one for each of two hashes of
/// the key derivation.
const HASH_BLOCKS: usize = 6;

/// The dependent instructions of both directions.
pub(super) fn latency(units: Units) -> [Lap; 2] {
    Chains::CIPHER
        .map(|cipher| Lap::of(COUNT, move || units.run_messages(cipher, [PLAIN_LEN, HASH_BLOCKS * 64], COUNT)))
}

/// The work in code, in both directions.
pub(super) fn code() -> [Lap; 2] {
    [Lap::new(COUNT, seal), Lap::new(COUNT, open)]
}

fn seal() {
    let mut body = black_box([0x55; PLAIN_LEN]);
    let [key, iv] = keys(&message_key(&body));
    EncryptionKey::new(&key).encrypt(&mut { iv }, body.as_chunks_mut().0);
    black_box(body);
}

fn open() {
    let mut body = black_box([0x55; PLAIN_LEN]);
    let [key, iv] = keys(&black_box([0x33; 16]));
    DecryptionKey::new(&key).decrypt(&mut { iv }, body.as_chunks_mut().0);
    black_box(message_key(&body));
}

fn message_key(body: &[u8; PLAIN_LEN]) -> [u8; 16] {
    let digest = Sha256::new().chain_update([0x33; 32]).chain_update(body).finalize();
    std::array::from_fn(|at| digest[at + 8])
}

/// Two hashes of 52 bytes, and the key and iv from them.
fn keys(message_key: &[u8; 16]) -> [[u8; 32]; 2] {
    let half = |byte| Sha256::new().chain_update(message_key).chain_update([byte; 36]).finalize();
    [half(0x33).into(), half(0x44).into()]
}
