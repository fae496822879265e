//! What an exchange of keys computes, computed once more from what was drawn and by the
//! clauses alone (SPEC X25-3, X25-7, HYB-1, HYB-4, HYB-6, MODP-5).

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U2048};
use hkdf::Hkdf;
use ml_kem::Seed;
use ml_kem::kem::{Decapsulate, KeyExport};
use ml_kem::ml_kem_768::DecapsulationKey;
use secretchat::DhGroup;
use secretchat::hazmat::schedule::{Ends, Labels, Transcript};
use secretchat::hazmat::x25519;
use sha2::Sha256;
use sha3::{Digest, Sha3_256, Sha3_512};
use shake::{ExtendableOutput, Shake256, Update, XofReader};

use super::lives::{Hold, Known, Life};
use super::story::{EXPORT_CONTEXT, EXPORT_LABEL, EXPORTED_LEN, Kind};

/// What the two ends of one exchange drew.
pub(crate) struct Drawn {
    /// The scalar, and in the hybrid profile the seed; or the exponent.
    pub(crate) request: Vec<Vec<u8>>,
    /// The scalar, and in the hybrid profile the randomness of the encapsulation; or the exponent.
    pub(crate) answer: Vec<Vec<u8>>,
    /// The exchange's name, and whether the responder began it; `None` of the handshake.
    pub(crate) rekey: Option<(i64, bool)>,
}

/// The life of each exchange, and the one in which the next key takes the place of its key (SPEC REKEY-4, CLOSE-1).
const LIVES: [(Life, Life); 3] =
    [(Life::Handshake, Life::FirstRekey), (Life::FirstRekey, Life::SecondRekey), (Life::SecondRekey, Life::Close)];

/// Returns the secrets of all exchanges of a chat of alice and bob, one on top of the other, and the chat keys.
pub(crate) fn of_exchanges(kind: Kind, exchanges: &[Drawn]) -> (Vec<Known>, Vec<Vec<u8>>) {
    let (mut secrets, mut chat_keys) = (Vec::new(), Vec::new());
    let mut bound = Bound { th: [0; 32], chain: Vec::new() };
    assert_eq!(exchanges.len(), LIVES.len());
    for (n, (drawn, (own, next))) in exchanges.iter().zip(LIVES).enumerate() {
        // Who asks keeps its draws until the answer has come, who answers keeps none (SPEC X25-2, HYB-7).
        for (part, draw) in drawn.request.iter().enumerate() {
            secrets.push(Known::new(format!("draw {part} of request {n}"), draw, Hold::Until(own)));
        }
        for (part, draw) in drawn.answer.iter().enumerate() {
            secrets.push(Known::new(format!("draw {part} of answer {n}"), draw, Hold::OneCall));
        }
        let chat_key = match kind {
            Kind::Telegram => power(n, drawn, &mut secrets),
            Kind::X25519 | Kind::Hybrid => bound.next(kind, (n, drawn), Hold::Until(next), &mut secrets),
        };
        secrets.push(Known::new(format!("chat key {n}"), &chat_key, Hold::Until(next)));
        chat_keys.push(chat_key);
    }
    (secrets, chat_keys)
}

/// What each key of a profile that binds them is bound to.
struct Bound {
    th: [u8; 32],
    chain: Vec<u8>,
}

impl Bound {
    /// Computes the chat key of an exchange, and what is next to it.
    fn next(&mut self, kind: Kind, (n, drawn): (usize, &Drawn), hold: Hold, secrets: &mut Vec<Known>) -> Vec<u8> {
        let (ikm, request, answer) = agreed(kind, (n, drawn), secrets);
        let (salt, info) = match drawn.rekey {
            None => {
                let ends = Ends::new(b"alice", b"bob", b"").unwrap();
                let (labels, salt) = match kind {
                    Kind::Hybrid => (Labels::X25519_ML_KEM_768, &b"secretchat/1 x25519mlkem768 handshake"[..]),
                    _ => (Labels::X25519, &b"secretchat/1 x25519 handshake"[..]),
                };
                self.th = Transcript::new(&labels, &ends, &request, &answer).to_bytes();
                (salt.to_vec(), [b"secretchat/1 root", &self.th[..]].concat())
            }
            Some((exchange_id, by_responder)) => {
                let label = match kind {
                    Kind::Hybrid => &b"secretchat/1 x25519mlkem768 rekey"[..],
                    _ => b"secretchat/1 rekey",
                };
                let info = [label, &self.th, &exchange_id.to_le_bytes(), &[u8::from(by_responder)], &request, &answer];
                (self.chain.clone(), info.concat())
            }
        };
        let (prk, hkdf) = Hkdf::<Sha256>::extract(Some(&salt), &ikm);
        let root = expand(&hkdf, &info, 32);
        let of_root = Hkdf::<Sha256>::from_prk(&root).unwrap();
        self.chain = expand(&of_root, b"secretchat/1 chain", 32);
        let discard_keys = expand(&of_root, b"secretchat/1 discard", 64);
        let exporter = expand(&of_root, b"secretchat/1 exporter", 32);
        // It is kept only where the host asked for it. The last one is forgotten before the chat ends (SPEC EXP-2).
        let exporter_hold = match hold {
            _ if !kind.exports() => Hold::OneCall,
            Hold::Until(Life::Close) => Hold::Until(Life::Forget),
            hold => hold,
        };
        if kind.exports() {
            let exported = exported(&exporter);
            secrets.push(Known::new(format!("exported secret {n}"), &exported, Hold::OneCall));
        }
        for (name, secret, hold) in [
            ("ikm", &ikm[..], Hold::OneCall),
            ("prk", &prk, Hold::OneCall),
            ("root", &root, Hold::OneCall),
            ("exporter", &exporter, exporter_hold),
            ("chain", &self.chain, hold),
            ("initiator's discard key", &discard_keys[..32], hold),
            ("responder's discard key", &discard_keys[32..], hold),
        ] {
            secrets.push(Known::new(format!("{name} {n}"), secret, hold));
        }
        expand(&of_root, b"secretchat/1 chat key", 256)
    }
}

/// Computes what a host gets for its label and context (SPEC EXP-1).
fn exported(exporter: &[u8]) -> Vec<u8> {
    let length = |len: usize| u32::try_from(len).unwrap().to_le_bytes();
    let (label_len, context_len) = (length(EXPORT_LABEL.len()), length(EXPORT_CONTEXT.len()));
    let info =
        [&b"secretchat/1 exported"[..], &length(EXPORTED_LEN), &label_len, EXPORT_LABEL, &context_len, EXPORT_CONTEXT];
    expand(&Hkdf::from_prk(exporter).unwrap(), &info.concat(), EXPORTED_LEN)
}

/// Computes the key of an exchange of the Telegram profile (SPEC MODP-5). The numbers are kept as bytes, and as
/// `crypto-bigint` has them in memory for no longer than a call: in words, and as a residue modulo the published prime, which
/// is the number times 2^2048.
pub(crate) fn power(n: usize, drawn: &Drawn, secrets: &mut Vec<Known>) -> Vec<u8> {
    let prime = DhGroup::published(3).unwrap().prime();
    let modulus = FixedMontyParams::new_vartime(Odd::new(U2048::from_be_slice(&prime)).unwrap());
    let exponents = [&drawn.request, &drawn.answer].map(|draws| U2048::from_be_slice(&draws[0]));
    let base = FixedMontyForm::new(&U2048::from_u8(3), &modulus);
    let key = base.pow(&exponents[0]).pow(&exponents[1]).retrieve();
    let words = |number: &U2048| -> Vec<u8> { number.as_words().iter().flat_map(|word| word.to_ne_bytes()).collect() };
    let [request, answer] = &exponents;
    for (name, number) in [("exponent of request", request), ("exponent of answer", answer), ("chat key", &key)] {
        let residue = FixedMontyForm::new(number, &modulus);
        secrets.push(Known::new(format!("{name} {n} in words"), &words(number), Hold::OneCall));
        let residue = words(residue.as_montgomery());
        secrets.push(Known::new(format!("{name} {n} as a residue"), &residue, Hold::OneCall));
    }
    key.as_words().iter().rev().flat_map(|word| word.to_be_bytes()).collect()
}

fn expand(hkdf: &Hkdf<Sha256>, info: &[u8], len: usize) -> Vec<u8> {
    let mut out = vec![0; len];
    hkdf.expand(info, &mut out).unwrap();
    out
}

/// Returns the input of the key schedule and the two public values.
fn agreed(kind: Kind, (n, drawn): (usize, &Drawn), secrets: &mut Vec<Known>) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let scalar = |of: &[Vec<u8>]| <[u8; 32]>::try_from(&of[0][..]).unwrap();
    let base = core::array::from_fn(|at| if at == 0 { 9 } else { 0 });
    let (a, b) = (scalar(&drawn.request), scalar(&drawn.answer));
    let (mut request, mut answer) = (x25519::x25519(a, base).to_vec(), x25519::x25519(b, base).to_vec());
    let classic = x25519::x25519(a, answer[..].try_into().unwrap()).to_vec();
    secrets.push(Known::new(format!("X25519's secret {n}"), &classic, Hold::OneCall));
    if kind != Kind::Hybrid {
        return (classic, request, answer);
    }
    let (post_quantum, key, ciphertext) = ml_kem(n, &drawn.request[1], &drawn.answer[1], secrets);
    request.extend(key);
    answer.extend(ciphertext);
    ([post_quantum, classic].concat(), request, answer)
}

/// Returns ML-KEM's secret, the encapsulation key and the ciphertext (FIPS 203 algorithms 13 to 18).
fn ml_kem(n: usize, seed: &[u8], m: &[u8], secrets: &mut Vec<Known>) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
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
    for (name, secret) in [
        ("ML-KEM's secret", &shared[..]),
        ("sigma", sigma),
        ("s in its encoding", &s_encoded),
        ("s, transformed,", &in_memory(&s_hat)),
        ("s", &in_memory(&small(sigma, 0..3))),
        ("e", &in_memory(&small(sigma, 3..6))),
        ("the randomness of ciphertext", randomness),
        ("y", &in_memory(&small(randomness, 0..3))),
        ("e1", &in_memory(&small(randomness, 3..6))),
        ("e2", &in_memory(&small(randomness, 6..7))),
    ] {
        secrets.push(Known::new(format!("{name} {n}"), secret, Hold::OneCall));
    }
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
