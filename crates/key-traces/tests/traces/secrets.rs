//! What an exchange of keys computes on the way and keeps nowhere, computed once more from what was drawn and by the
//! clauses alone (SPEC X25-3, X25-7, HYB-1, HYB-4, HYB-6), and the forms that big numbers have in memory.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U2048};
use hkdf::Hkdf;
use ml_kem::Seed;
use ml_kem::kem::{Decapsulate, KeyExport};
use ml_kem::ml_kem_768::DecapsulationKey;
use secretchat::hazmat::schedule::{Ends, Labels, Transcript};
use secretchat::hazmat::x25519;
use sha2::Sha256;
use sha3::{Digest, Sha3_256, Sha3_512};
use shake::{ExtendableOutput, Shake256, Update, XofReader};

use super::story::Kind;

/// A secret and what it is.
pub(crate) type Named = (String, Vec<u8>);

/// What the two ends of one exchange drew.
pub(crate) struct Drawn {
    /// The scalar, and in the hybrid profile the seed.
    pub(crate) request: Vec<Vec<u8>>,
    /// The scalar, and in the hybrid profile the randomness of the encapsulation.
    pub(crate) answer: Vec<Vec<u8>>,
    /// The exchange's name, and whether the responder began it; `None` of the handshake.
    pub(crate) rekey: Option<(i64, bool)>,
}

/// Returns the secrets of all exchanges of a chat of alice and bob, one on top of the other.
pub(crate) fn of_exchanges(kind: Kind, exchanges: &[Drawn]) -> Vec<Named> {
    let (mut secrets, mut th, mut chain) = (Vec::new(), [0; 32], Vec::new());
    for (n, drawn) in exchanges.iter().enumerate() {
        let (ikm, request, answer) = agreed(kind, drawn, &mut secrets);
        let (salt, info) = match drawn.rekey {
            None => {
                let ends = Ends::new(b"alice", b"bob", b"").unwrap();
                let (labels, salt) = match kind {
                    Kind::Hybrid => (Labels::X25519_ML_KEM_768, &b"secretchat/1 x25519mlkem768 handshake"[..]),
                    _ => (Labels::X25519, &b"secretchat/1 x25519 handshake"[..]),
                };
                th = Transcript::new(&labels, &ends, &request, &answer).to_bytes();
                (salt.to_vec(), [b"secretchat/1 root", &th[..]].concat())
            }
            Some((exchange_id, by_responder)) => {
                let label = match kind {
                    Kind::Hybrid => &b"secretchat/1 x25519mlkem768 rekey"[..],
                    _ => b"secretchat/1 rekey",
                };
                let info = [label, &th, &exchange_id.to_le_bytes(), &[u8::from(by_responder)], &request, &answer];
                (chain.clone(), info.concat())
            }
        };
        let (prk, hkdf) = Hkdf::<Sha256>::extract(Some(&salt), &ikm);
        let root = expand(&hkdf, &info, 32);
        let of_root = Hkdf::<Sha256>::from_prk(&root).unwrap();
        chain = expand(&of_root, b"secretchat/1 chain", 32);
        secrets.extend([("ikm", ikm), ("prk", prk.to_vec()), ("root", root), ("chain", chain.clone())].map(named));
        secrets.push(("both discard keys".into(), expand(&of_root, b"secretchat/1 discard", 64)));
        secrets.push((format!("chat key {n}"), expand(&of_root, b"secretchat/1 chat key", 256)));
    }
    secrets
}

/// Returns a big number as `crypto-bigint` has it in memory, and as a residue modulo the published prime, which is the
/// number times 2^2048.
pub(crate) fn of_number(name: &str, number: &[u8], prime: &[u8]) -> [Named; 2] {
    let modulus = FixedMontyParams::new_vartime(Odd::new(U2048::from_be_slice(prime)).unwrap());
    let number = U2048::from_be_slice(number);
    let residue = FixedMontyForm::new(&number, &modulus);
    let words = |number: &U2048| number.as_words().iter().flat_map(|word| word.to_ne_bytes()).collect();
    [(format!("{name} in words"), words(&number)), (format!("{name} as a residue"), words(residue.as_montgomery()))]
}

fn named((name, secret): (&str, Vec<u8>)) -> Named {
    (name.into(), secret)
}

fn expand(hkdf: &Hkdf<Sha256>, info: &[u8], len: usize) -> Vec<u8> {
    let mut out = vec![0; len];
    hkdf.expand(info, &mut out).unwrap();
    out
}

/// Returns the input of the key schedule and the two public values.
fn agreed(kind: Kind, drawn: &Drawn, secrets: &mut Vec<Named>) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let scalar = |of: &[Vec<u8>]| <[u8; 32]>::try_from(&of[0][..]).unwrap();
    let base = core::array::from_fn(|at| if at == 0 { 9 } else { 0 });
    let (a, b) = (scalar(&drawn.request), scalar(&drawn.answer));
    let (mut request, mut answer) = (x25519::x25519(a, base).to_vec(), x25519::x25519(b, base).to_vec());
    let classic = x25519::x25519(a, answer[..].try_into().unwrap()).to_vec();
    secrets.push(("X25519's secret".into(), classic.clone()));
    if kind != Kind::Hybrid {
        return (classic, request, answer);
    }
    let (post_quantum, key, ciphertext) = ml_kem(&drawn.request[1], &drawn.answer[1], secrets);
    request.extend(key);
    answer.extend(ciphertext);
    ([post_quantum, classic].concat(), request, answer)
}

/// Returns ML-KEM's secret, the encapsulation key and the ciphertext (FIPS 203 algorithms 13 to 18).
fn ml_kem(seed: &[u8], m: &[u8], secrets: &mut Vec<Named>) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let dk = DecapsulationKey::from_seed(Seed::try_from(seed).unwrap());
    let ek = dk.encapsulation_key().to_bytes();
    let (ciphertext, _) = dk.encapsulation_key().encapsulate_deterministic(m.try_into().unwrap());
    let shared = dk.decapsulate(&ciphertext);

    let sigma = &Sha3_512::digest([&seed[..32], &[3]].concat())[32..];
    let of_key = Sha3_512::digest([m, &Sha3_256::digest(ek)].concat());
    assert_eq!(of_key[..32], shared[..], "algorithm 17");
    let randomness = &of_key[32..];
    let s_encoded = encoded_s(&dk);
    let s_hat: Vec<u16> = s_encoded.as_chunks::<3>().0.iter().flat_map(|three| numbers(*three)).collect();
    secrets.extend([
        ("ML-KEM's secret".into(), shared.to_vec()),
        ("sigma".into(), sigma.to_vec()),
        ("s in its encoding".into(), s_encoded),
        ("s, transformed".into(), in_memory(&s_hat)),
        ("s".into(), in_memory(&small(sigma, 0..3))),
        ("e".into(), in_memory(&small(sigma, 3..6))),
        ("the randomness of a ciphertext".into(), randomness.to_vec()),
        ("y".into(), in_memory(&small(randomness, 0..3))),
        ("e1".into(), in_memory(&small(randomness, 3..6))),
        ("e2".into(), in_memory(&small(randomness, 6..7))),
    ]);
    (shared.to_vec(), ek.to_vec(), ciphertext.to_vec())
}

/// Returns the vector that the expanded key begins with, in the encoding of FIPS 203.
#[expect(deprecated, reason = "nothing else shows it")]
fn encoded_s(dk: &DecapsulationKey) -> Vec<u8> {
    ml_kem::ExpandedKeyEncoding::to_expanded_bytes(dk)[..1152].to_vec()
}

/// `ByteDecode_12` (algorithm 6).
fn numbers([low, middle, high]: [u8; 3]) -> [u16; 2] {
    let [low, middle, high] = [low, middle, high].map(u16::from);
    [low | (middle & 0xf) << 8, middle >> 4 | high << 4]
}

/// Returns the polynomials that are sampled with a secret (algorithm 8 with eta = 2).
fn small(secret: &[u8], places: core::ops::Range<u8>) -> Vec<u16> {
    let sampled = places.flat_map(|place| {
        let mut prf = Shake256::default();
        prf.update(secret);
        prf.update(&[place]);
        let mut bytes = [0; 128];
        prf.finalize_xof().read(&mut bytes);
        bytes
    });
    let number = |bits: u8| {
        let ones = |bits: u8| u16::try_from((bits & 3).count_ones()).unwrap();
        (3_329 + ones(bits) - ones(bits >> 2)) % 3_329
    };
    sampled.flat_map(|byte| [number(byte & 0xf), number(byte >> 4)]).collect()
}

fn in_memory(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_ne_bytes()).collect()
}
