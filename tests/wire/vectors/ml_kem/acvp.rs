//! NIST's ACVP cases. `acvp.json` says where they come from.

use ml_kem::DecapsulationKey768;
use ml_kem::kem::Decapsulate;
use secretchat::PeerFault;
use serde_json::Value;

use super::{encapsulate, fingerprint, generate};
use crate::vectors::json::{array, bytes, list, parse};

fn cases(function: &str) -> Vec<Value> {
    let cases = list(&parse(include_str!("acvp.json"))[function]).to_vec();
    assert_eq!(cases.len(), 10, "{function}");
    cases
}

#[test]
fn key_generation() {
    for case in cases("keyGen") {
        let seed = [array::<32>(&case["d"]), array(&case["z"])].concat().try_into().unwrap();
        assert_eq!(generate(seed), bytes(&case["ek"]), "case {}", case["tcId"]);
    }
}

#[test]
fn encapsulation() {
    for case in cases("encapsulation") {
        let (key, ciphertext) = (bytes(&case["ek"]), bytes(&case["c"]));
        let expected = fingerprint(array(&case["k"]), &key, &ciphertext);
        assert_eq!(encapsulate(&key, array(&case["m"])), Ok((ciphertext, expected)), "case {}", case["tcId"]);
    }
}

/// The bad ones have another length. Those that are not reduced are among Wycheproof's.
#[test]
fn encapsulation_key_check() {
    let mut good = 0;
    for case in cases("encapsulationKeyCheck") {
        let passed = case["testPassed"].as_bool().unwrap();
        good += usize::from(passed);
        let result = encapsulate(&bytes(&case["ek"]), [7; 32]).map(drop);
        assert_eq!(result, if passed { Ok(()) } else { Err(PeerFault::BadPublicValue) }, "case {}", case["tcId"]);
    }
    assert_eq!(good, 5);
}

/// Their keys come without a seed, so the primitive is tried alone. Half of the ciphertexts are changed.
#[test]
fn decapsulation() {
    for case in cases("decapsulation") {
        #[expect(deprecated, reason = "the cases have keys of this form only")]
        let key = DecapsulationKey768::from_expanded(&array::<2400>(&case["dk"]).into()).unwrap();
        let shared = key.decapsulate(&array::<1088>(&case["c"]).into());
        assert_eq!(shared.as_slice(), bytes(&case["k"]), "case {}", case["tcId"]);
    }
}
