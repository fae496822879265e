//! The derivations of a message equal their formulas, computed with a hasher (SPEC KDF-1, KDF-2).

use proptest::prelude::*;
use rand_core::Rng;
use secretchat::KeyFingerprint;
use secretchat::hazmat::Secret;
use secretchat::hazmat::envelope::{self, DirectionKey, Layout};
use secretchat::hazmat::ige;
use secretchat::hazmat::kdf::{MsgKey, Offset};
use sha2::{Digest, Sha256};

use crate::support::rng::Seeded;

const OFFSETS: [(Offset, usize); 3] =
    [(Offset::INITIATOR, 0), (Offset::TELEGRAM_RESPONDER, 8), (Offset::X25519_RESPONDER, 128)];

const FINGERPRINT: [u8; 8] = *b"finger 1";

fn random<const N: usize>(seed: u64) -> [u8; N] {
    let mut bytes = [0; N];
    Seeded::new(seed).fill_bytes(&mut bytes);
    bytes
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}

fn msg_key(key: &[u8; 256], x: usize, plain: &[u8]) -> [u8; 16] {
    *sha256(&[&key[88 + x..120 + x], plain])[8..24].first_chunk().unwrap()
}

fn aes_key_iv(key: &[u8; 256], x: usize, msg_key: &[u8; 16]) -> ([u8; 32], [u8; 32]) {
    let a = sha256(&[msg_key, &key[x..36 + x]]);
    let b = sha256(&[&key[40 + x..76 + x], msg_key]);
    let join =
        |outer: [u8; 32], inner: [u8; 32]| [&outer[..8], &inner[8..24], &outer[24..]].concat().try_into().unwrap();
    (join(a, b), join(b, a))
}

/// Seals a plaintext, length field and all, as the formulas say.
fn sealed(key: &[u8; 256], x: usize, plain: &[u8]) -> Vec<u8> {
    let msg_key = msg_key(key, x, plain);
    let (aes_key, iv) = aes_key_iv(key, x, &msg_key);
    let mut cipher = plain.to_vec();
    ige::encrypt(&aes_key, &iv, cipher.as_chunks_mut().0);
    [&FINGERPRINT[..], &msg_key, &cipher].concat()
}

#[test]
fn message_key_of_a_plaintext_of_any_length() {
    let (key, plain) = (random(1), random::<400>(2));
    for (offset, x) in OFFSETS {
        for len in 0..=plain.len() {
            let computed = MsgKey::of(&Secret::new(key), offset, &plain[..len]).to_bytes();
            assert_eq!(computed, msg_key(&key, x, &plain[..len]), "x = {x}, {len} bytes");
        }
    }
}

// Each number of blocks ends elsewhere in the last block of the hash.
#[test]
fn a_message_of_any_number_of_blocks() {
    let chat_key = random(3);
    for (offset, x) in OFFSETS {
        let key = DirectionKey {
            chat_key: &Secret::new(chat_key),
            fingerprint: KeyFingerprint::from_bytes(FINGERPRINT),
            x: offset,
        };
        for blocks in 2..80 {
            let body_len = 16 * blocks - 4 - 12;
            let plain = [
                &u32::try_from(body_len).unwrap().to_le_bytes()[..],
                &random::<1280>(blocks as u64)[..16 * blocks - 4],
            ]
            .concat();
            let expected = sealed(&chat_key, x, &plain);

            let (body, padding) = plain[4..].split_at(body_len);
            let layout = Layout::with_padding(body_len, 12).unwrap();
            let mut buffer = vec![0; layout.sealed_len()];
            let mut rng = secretchat::rng_from_fn(|to: &mut [u8]| to.copy_from_slice(padding));
            envelope::seal(&key, layout, &mut rng, &mut buffer, |to| to.copy_from_slice(body)).unwrap();
            assert_eq!(buffer, expected, "x = {x}, {blocks} blocks");
            assert_eq!(envelope::open(&key, &mut buffer).unwrap(), body, "x = {x}, {blocks} blocks");
        }
    }
}

proptest! {
    #[test]
    fn keys_of_a_message(seed: u64, msg_key: [u8; 16], (offset, x) in prop::sample::select(&OFFSETS[..])) {
        let key = random(seed);
        let (aes_key, iv) = MsgKey::from_bytes(msg_key).aes_key_iv(&Secret::new(key), offset);
        prop_assert_eq!((*aes_key.expose(), *iv.expose()), aes_key_iv(&key, x, &msg_key));
    }

    #[test]
    fn message_key(seed: u64, plain in prop::collection::vec(any::<u8>(), 0..3000), (offset, x) in prop::sample::select(&OFFSETS[..])) {
        let key = random(seed);
        prop_assert_eq!(MsgKey::of(&Secret::new(key), offset, &plain).to_bytes(), msg_key(&key, x, &plain));
    }
}
