//! What an agreement is made of: powers of 2,048 bits and multiplications on the curve, beside those of OpenSSL.

use std::hint::black_box;

use message_paths::Counter;
use openssl::bn::{BigNum, BigNumContext};
use secretchat::hazmat::modp::{KeyPair, PublicValue};
use secretchat::{DhGroup, PrimePolicy};
use x25519_dalek::{EphemeralSecret, PublicKey, StaticSecret};

use crate::measure::{Case, Group, Lap, Unit};

/// The heading of the table.
pub const TITLE: &str = "Powers of 2,048 bits, and the curve";
/// The peer.
pub const OPENSSL: &str = "OpenSSL, a power, constant time";
/// `KeyPair::generate`.
pub const OWN: &str = "secretchat, g^a";
/// `KeyPair::shared_key`.
pub const SHARED: &str = "secretchat, peer^a, its value checked";
/// One multiplication of the base point and one of another point: the least for an answer.
pub const CURVE: &str = "x25519-dalek, a public value and a shared secret";
/// `DhGroup::check`.
pub const GROUP_CHECK: &str = "secretchat, the check of the published group";

/// Returns the cases.
///
/// # Panics
/// Never: the group is valid.
#[must_use]
pub fn group() -> Group {
    let published = || DhGroup::published(3).unwrap();
    let cases = vec![
        Case::new(OPENSSL, [openssl()]),
        Case::new(
            OWN,
            [{
                let (group, mut rng) = (published(), Counter::default());
                Lap::of(1, move || drop(KeyPair::generate(&group, &mut rng).unwrap()))
            }],
        ),
        Case::new(
            SHARED,
            [{
                let (group, mut rng) = (published(), Counter::default());
                let [ours, theirs] = [(); 2].map(|()| KeyPair::generate(&group, &mut rng).unwrap());
                Lap::of(1, move || drop(ours.shared_key(&group, theirs.public()).unwrap()))
            }],
        ),
        Case::new(
            "secretchat, the check of a value alone",
            [{
                let (group, mut rng) = (published(), Counter::default());
                let theirs = KeyPair::generate(&group, &mut rng).unwrap();
                Lap::of(1, move || _ = black_box(PublicValue::check(&group, theirs.public()).unwrap()))
            }],
        ),
        Case::new(
            GROUP_CHECK,
            [{
                let (prime, mut rng) = (published().prime(), Counter::default());
                Lap::new(16, move || drop(DhGroup::check(3, &prime, PrimePolicy::PublishedOnly, &mut rng).unwrap()))
            }],
        ),
        Case::new(
            CURVE,
            [{
                let mut rng = Counter::default();
                let theirs = PublicKey::from(&StaticSecret::from([9; 32]));
                Lap::new(4, move || {
                    let ours = EphemeralSecret::random_from_rng(&mut rng);
                    black_box(PublicKey::from(&ours));
                    black_box(ours.diffie_hellman(&theirs));
                })
            }],
        ),
    ];
    Group { title: TITLE, unit: Unit::Micros, columns: &["us"], cases }
}

/// `BN_mod_exp_mont_consttime`, which OpenSSL takes where the exponent is marked as secret.
fn openssl() -> Lap {
    let prime = BigNum::from_slice(&DhGroup::published(3).unwrap().prime()).unwrap();
    let base = BigNum::from_slice(&[0x55; 255]).unwrap();
    let mut exponent = BigNum::from_slice(&[0xa5; 256]).unwrap();
    exponent.set_const_time();
    let (mut result, mut context) = (BigNum::new().unwrap(), BigNumContext::new().unwrap());
    Lap::of(1, move || result.mod_exp(&base, &exponent, &prime, &mut context).unwrap())
}
