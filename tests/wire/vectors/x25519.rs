//! RFC 7748, sections 5.2 and 6.1.

use secretchat::PeerFault;
use secretchat::hazmat::Secret;
use secretchat::hazmat::x25519::{KeyPair, x25519};

use super::json::{array, published};

#[test]
fn single_products_are_those_of_rfc_7748() {
    let cases = published("rfc7748-single", "RFC 7748");
    assert_eq!(cases.len(), 2);
    for case in cases {
        assert_eq!(x25519(array(&case["scalar"]), array(&case["u"])), array(&case["product"]));
    }
}

/// A million rounds take minutes without optimisation: they run where `SECRETCHAT_SLOW` is set.
#[test]
fn iterated_products_are_those_of_rfc_7748() {
    let slow = std::env::var_os("SECRETCHAT_SLOW").is_some();
    let mut base = [0; 32];
    base[0] = 9;
    let (mut k, mut u, mut done) = (base, base, 0);
    for case in published("rfc7748-iterated", "RFC 7748") {
        let rounds = case["rounds"].as_u64().unwrap();
        if rounds > 1000 && !slow {
            continue;
        }
        for _ in done..rounds {
            (k, u) = (x25519(k, u), k);
        }
        done = rounds;
        assert_eq!(k, array(&case["product"]), "after {rounds} rounds");
    }
    assert_eq!(done, if slow { 1_000_000 } else { 1000 });
}

#[test]
fn two_ends_agree_as_in_rfc_7748() {
    let case = &published("rfc7748-agreement", "RFC 7748")[0];
    let [a, b] = ["a", "b"].map(|scalar| KeyPair::resume(Secret::new(array(&case[scalar]))));
    let (a_public, b_public) = (array::<32>(&case["a_public"]), array::<32>(&case["b_public"]));
    assert_eq!(a.public(), &a_public);
    assert_eq!(b.public(), &b_public);
    assert_eq!(a.shared_secret(&b_public).unwrap().expose(), &array(&case["shared"]));
    assert_eq!(b.shared_secret(&a_public).unwrap().expose(), &array(&case["shared"]));
    assert_eq!(a.shared_secret(&a_public).unwrap_err(), PeerFault::BadPublicValue, "one's own value");
}
