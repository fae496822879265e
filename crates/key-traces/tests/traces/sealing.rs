//! The keys under which messages and files are sealed, computed once more by the clauses alone (SPEC KDF-2 to KDF-4, SEG-3), and
//! what AES makes of a key.

use aes::hazmat::{cipher_round, inv_mix_columns};
use hkdf::Hkdf;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::lives::{Hold, Known, Life};
use super::story::Kind;

/// Returns the keys of one sealed message. They last for the call that seals or opens it.
pub(crate) fn of_message(n: usize, kind: Kind, chat_key: &[u8], sender: usize, sealed: &[u8]) -> [Known; 3] {
    let x = match (kind, sender) {
        (_, 0) => 0,
        (Kind::Telegram, _) => 8,
        (Kind::X25519 | Kind::Hybrid, _) => 128,
    };
    let msg_key = &sealed[8..24];
    let a = Sha256::digest([msg_key, &chat_key[x..x + 36]].concat());
    let b = Sha256::digest([&chat_key[40 + x..76 + x], msg_key].concat());
    let key = [&a[..8], &b[8..24], &a[24..]].concat();
    let iv = [&b[..8], &a[8..24], &b[24..]].concat();
    [
        Known::new(format!("key of message {n}"), &key, Hold::OneCall),
        Known::new(format!("iv of message {n}"), &iv, Hold::OneCall),
        Known::new(format!("round keys of message {n}"), &round_keys(&key), Hold::OneCall),
    ]
}

/// Returns the keys of a message of MTProto 1.0, and the digests that they are made of (SPEC KDF-4).
pub(crate) fn of_old_message(n: usize, chat_key: &[u8], sealed: &[u8]) -> [Known; 7] {
    let sha1 = |parts: &[&[u8]]| Sha1::digest(parts.concat());
    let msg_key = &sealed[8..24];
    let a = sha1(&[msg_key, &chat_key[..32]]);
    let b = sha1(&[&chat_key[32..48], msg_key, &chat_key[48..64]]);
    let c = sha1(&[&chat_key[64..96], msg_key]);
    let d = sha1(&[msg_key, &chat_key[96..128]]);
    let key = [&a[..8], &b[8..], &c[4..16]].concat();
    let iv = [&a[8..], &b[..8], &c[16..], &d[..8]].concat();
    [
        ("key", &key[..]),
        ("iv", &iv),
        ("round keys", &round_keys(&key)),
        ("first digest", &a),
        ("second digest", &b),
        ("third digest", &c),
        ("fourth digest", &d),
    ]
    .map(|(name, secret)| Known::new(format!("{name} of old message {n}"), secret, Hold::OneCall))
}

/// Returns the keys of a sealed file of one segment, or of one chain. A chat holds what the message has of them until the life
/// that shows it is over (SPEC DES-10).
pub(crate) fn of_file(kind: Kind, life: Life, size: usize, [key, iv]: [&[u8]; 2], sealed: &[u8]) -> Vec<Known> {
    let held = |name, secret| Known::new(format!("{name} of {life:?}"), secret, Hold::Until(life));
    let mut secrets = vec![held("file key", key), held("file iv", iv)];
    if kind == Kind::Telegram {
        secrets.push(Known::new(format!("round keys of the file of {life:?}"), &round_keys(key), Hold::OneCall));
        return secrets;
    }
    let (form, salt) = sealed[..40].split_at(8);
    let size = u64::try_from(size).unwrap().to_le_bytes();
    let (prk, hkdf) = Hkdf::<Sha256>::extract(Some(salt), key);
    let expand = |label: &str, index: &[u8], len| {
        let mut out = vec![0; len];
        hkdf.expand(&[label.as_bytes(), form, &size, index].concat(), &mut out).unwrap();
        out
    };
    assert_eq!(expand("secretchat/1 file commitment", &[], 32), iv, "SPEC SEG-3");
    let of_segment = expand("secretchat/1 segment key", &0_u64.to_le_bytes(), 64);
    let tag_key = expand("secretchat/1 segment tag", &[], 32);
    let round_keys = round_keys(&of_segment[..32]);
    for (name, secret) in [
        ("prk of the file", &prk[..]),
        ("tag key of the file", &tag_key),
        ("key and iv of the segment", &of_segment),
        ("round keys of the segment", &round_keys),
    ] {
        secrets.push(Known::new(format!("{name} of {life:?}"), secret, Hold::OneCall));
    }
    secrets
}

/// Returns the round keys of AES-256 beyond the key itself, as the instructions of processors take them: 13 for encryption
/// (FIPS 197, section 5.2), and 13 for decryption, mixed (section 5.3.5).
pub(crate) fn round_keys(key: &[u8]) -> Vec<u8> {
    let mut words: Vec<[u8; 4]> = key.as_chunks().0.to_vec();
    let mut round_constant = 1;
    for n in 8..60 {
        let mut word = words[n - 1];
        if n % 8 == 0 {
            word.rotate_left(1);
            word = substituted(word);
            word[0] ^= round_constant;
            round_constant <<= 1;
        } else if n % 8 == 4 {
            word = substituted(word);
        }
        for (byte, before) in word.iter_mut().zip(words[n - 8]) {
            *byte ^= before;
        }
        words.push(word);
    }
    let all = words.concat();
    let mixed = all.as_chunks::<16>().0[1..14].iter().flat_map(|round_key| {
        let mut block = (*round_key).into();
        inv_mix_columns(&mut block);
        <[u8; 16]>::from(block)
    });
    all[32..].iter().copied().chain(mixed).collect()
}

/// `SUBWORD`. In a block of four equal columns a round shifts nothing, so it substitutes and mixes.
fn substituted(word: [u8; 4]) -> [u8; 4] {
    let mut block = <[u8; 16]>::try_from([word; 4].concat()).unwrap().into();
    cipher_round(&mut block, &[0; 16].into());
    inv_mix_columns(&mut block);
    block[..4].try_into().unwrap()
}

// FIPS 197, A.3.
#[test]
fn the_round_keys_are_those_of_the_standard() {
    let key = [
        0x60, 0x3d, 0xeb, 0x10, 0x15, 0xca, 0x71, 0xbe, 0x2b, 0x73, 0xae, 0xf0, 0x85, 0x7d, 0x77, 0x81, 0x1f, 0x35,
        0x2c, 0x07, 0x3b, 0x61, 0x08, 0xd7, 0x2d, 0x98, 0x10, 0xa3, 0x09, 0x14, 0xdf, 0xf4,
    ];
    let round_keys = round_keys(&key);
    assert_eq!(round_keys[..4], [0x9b, 0xa3, 0x54, 0x11], "w8");
    assert_eq!(round_keys[4 * 51..4 * 52], [0x70, 0x6c, 0x63, 0x1e], "w59");
}
