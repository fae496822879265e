//! ML-KEM-768 where the hybrid profile uses it (SPEC HYB-1 to HYB-4): the cases of NIST's ACVP and of Wycheproof, and
//! another implementation.
//!
//! An agreement shows no secret of ML-KEM, but the fingerprint of its keys depends on it.

mod acvp;
mod another;
mod wycheproof;

use recordings::Scripted;
use secretchat::hazmat::Secret;
use secretchat::hazmat::handshake::Binding;
use secretchat::hazmat::handshake::hybrid::{Request, answer, check_request};
use secretchat::hazmat::schedule::{Ends, Labels, Root, Transcript};
use secretchat::hazmat::x25519::KeyPair;
use secretchat::{KeyFingerprint, PeerFault};

const ASKS: [u8; 32] = [0x42; 32];
const ANSWERS: [u8; 32] = [0x43; 32];

fn public(scalar: [u8; 32]) -> [u8; 32] {
    *KeyPair::resume(Secret::new(scalar)).public()
}

fn ends() -> Ends<'static> {
    Ends::new(b"alice", b"bob", b"").unwrap()
}

/// Returns the encapsulation key that a request with this seed carries.
fn generate(seed: [u8; 64]) -> Vec<u8> {
    Request::resume(Secret::new(ASKS), Secret::new(seed)).public()[32..].to_vec()
}

/// Returns the ciphertext in the answer to a request with this key, and the fingerprint of the answerer's keys.
fn encapsulate(key: &[u8], m: [u8; 32]) -> Result<(Vec<u8>, KeyFingerprint), PeerFault> {
    let request = [&public(ASKS), key].concat();
    let mut draws = Scripted::new([ANSWERS.to_vec(), m.to_vec()]);
    let answered = answer(&Binding::Handshake(ends()), &request, &mut draws);
    assert_eq!(check_request(&request).is_ok(), answered.is_ok(), "what is no invitation is not answered either");
    answered.map(|(value, keys)| {
        assert_eq!(value[..32], public(ANSWERS));
        (value[32..].to_vec(), keys.fingerprint)
    })
}

/// Returns the fingerprint of the keys of an end that asked with this seed and gets this ciphertext.
fn decapsulate(seed: [u8; 64], ciphertext: &[u8]) -> Result<KeyFingerprint, PeerFault> {
    let request = Request::resume(Secret::new(ASKS), Secret::new(seed));
    let answer = [&public(ANSWERS), ciphertext].concat();
    request.confirm(&Binding::Handshake(ends()), &answer).map(|keys| keys.fingerprint)
}

/// Computes the fingerprint from ML-KEM's secret by the clauses alone.
fn fingerprint(secret: [u8; 32], key: &[u8], ciphertext: &[u8]) -> KeyFingerprint {
    let labels = &Labels::X25519_ML_KEM_768;
    let classic = KeyPair::resume(Secret::new(ASKS)).shared_secret(&public(ANSWERS)).unwrap();
    let both: [u8; 64] = [secret, *classic.expose()].concat().try_into().unwrap();
    let [request, answer] = [(ASKS, key), (ANSWERS, ciphertext)].map(|(scalar, of)| [&public(scalar), of].concat());
    let transcript = Transcript::new(labels, &ends(), &request, &answer);
    Root::of_handshake(labels, &Secret::new(both), &transcript).fingerprint()
}
