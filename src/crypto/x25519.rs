//! X25519 (RFC 7748): the primitive, and the boundary that refuses values which no honest peer sends.

use rand_core::CryptoRng;
use x25519_dalek::{PublicKey, StaticSecret};

use crate::types::error::PeerFault;
use crate::types::secret::Secret;

/// The values of small order, which every clamped scalar takes to zero: of order 1 and 2, of order 4 on the curve and
/// on its twist, and the two of order 8 (<https://cr.yp.to/ecdh.html#validate>). Their other encodings are not
/// canonical.
const SMALL_ORDER: [[u8; 32]; 5] = {
    let (mut one, mut minus_one) = ([0; 32], [0xff; 32]);
    one[0] = 1;
    (minus_one[0], minus_one[31]) = (0xec, 0x7f);
    let of_order_8 = [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09,
        0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ];
    let also_of_order_8 = [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44,
        0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
    ];
    [[0; 32], one, minus_one, of_order_8, also_of_order_8]
};

/// Computes the function of RFC 7748 section 5: clamps the scalar, masks the top bit of `u`, reduces it, and
/// refuses nothing.
#[must_use]
pub fn x25519(scalar: [u8; 32], u: [u8; 32]) -> [u8; 32] {
    x25519_dalek::x25519(scalar, u)
}

/// A secret scalar and its public value, for one exchange only.
#[derive(Debug)]
pub struct KeyPair {
    scalar: Secret<32>,
    public: [u8; 32],
}

impl KeyPair {
    /// Draws a scalar of 32 bytes.
    #[must_use]
    pub fn generate(rng: &mut dyn CryptoRng) -> Self {
        Self::resume(Secret::random(rng))
    }

    /// Rebuilds a pair from its stored scalar.
    #[must_use]
    pub fn resume(scalar: Secret<32>) -> Self {
        let public = PublicKey::from(&StaticSecret::from(*scalar.expose())).to_bytes();
        Self { scalar, public }
    }

    /// Copies the pair for the same exchange. There is no `Clone`, so every copy is visible in the code.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self { scalar: self.scalar.duplicate(), public: self.public }
    }

    /// Returns the scalar, for storing.
    #[must_use]
    pub const fn scalar(&self) -> &Secret<32> {
        &self.scalar
    }

    /// Returns the public value to send to the peer.
    #[must_use]
    pub const fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// Computes the shared secret with a peer's public value (SPEC X25-2).
    ///
    /// # Errors
    /// [`PeerFault::BadPublicValue`] unless `peer` is 32 canonical bytes and differs from our own value, and the
    /// result is not all zero.
    pub fn shared_secret(&self, peer: &[u8]) -> Result<Secret<32>, PeerFault> {
        let peer: [u8; 32] = peer.try_into().map_err(|_| PeerFault::BadPublicValue)?;
        if !is_canonical(&peer) || peer == self.public {
            return Err(PeerFault::BadPublicValue);
        }
        let shared = StaticSecret::from(*self.scalar.expose()).diffie_hellman(&PublicKey::from(peer));
        if !shared.was_contributory() {
            return Err(PeerFault::BadPublicValue);
        }
        Ok(Secret::new(shared.to_bytes()))
    }
}

/// Checks a peer's public value without a secret, and returns its 32 bytes. It must be canonical and not of small
/// order, so every scalar but the peer's own gives a shared secret.
///
/// # Errors
/// [`PeerFault::BadPublicValue`].
pub fn check_public(peer: &[u8]) -> Result<[u8; 32], PeerFault> {
    let peer = peer.try_into().map_err(|_| PeerFault::BadPublicValue)?;
    if is_canonical(&peer) && !SMALL_ORDER.contains(&peer) { Ok(peer) } else { Err(PeerFault::BadPublicValue) }
}

/// Returns whether the top bit is clear and the value is below 2^255 - 19.
///
/// Both ends run this crate, so only the canonical encoding is honest. A second encoding of the same point would
/// give a second transcript for the same key.
#[must_use]
pub fn is_canonical(u: &[u8; 32]) -> bool {
    let [lowest, middle @ .., highest] = u;
    *highest < 0x7f || (*highest == 0x7f && (*lowest < 0xed || middle.iter().any(|byte| *byte != 0xff)))
}

#[cfg(test)]
mod tests {
    use std::vec;

    use subtle::ConstantTimeEq;

    use super::*;

    const P: [u8; 32] = {
        let mut p = [0xff; 32];
        p[0] = 0xed;
        p[31] = 0x7f;
        p
    };

    fn p_plus(delta: i16) -> [u8; 32] {
        let mut value = P;
        value[0] = u8::try_from(i16::from(P[0]) + delta).unwrap();
        value
    }

    #[test]
    fn canonical_means_below_p() {
        assert!(is_canonical(&[0; 32]) && is_canonical(&p_plus(-1)));
        for delta in 0..=18 {
            assert!(!is_canonical(&p_plus(delta)), "p + {delta}");
        }
        let mut below = P;
        below[17] = 0xfe;
        below[0] = 0xff;
        assert!(is_canonical(&below));
        let mut top_bit = [9; 32];
        top_bit[31] = 0x80;
        assert!(!is_canonical(&top_bit));
    }

    // The seven low-order encodings (RFC 7748 section 7 and its references), each with and without the top bit.
    #[test]
    fn small_order_values_are_refused() {
        let order_8 = [
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        ];
        let mut one = [0; 32];
        one[0] = 1;
        let mut values = vec![[0; 32], one, p_plus(-1), P, p_plus(1)];
        values.extend(order_8.map(|text| <[u8; 32]>::try_from(hex::decode(text).unwrap()).unwrap()));
        let pair = KeyPair::resume(Secret::new([0x42; 32]));
        for value in values {
            for top_bit in [0, 0x80] {
                let mut value = value;
                value[31] |= top_bit;
                assert_eq!(x25519(*pair.scalar().expose(), value), [0; 32], "the list is right");
                assert_eq!(pair.shared_secret(&value).unwrap_err(), PeerFault::BadPublicValue);
                assert_eq!(check_public(&value), Err(PeerFault::BadPublicValue));
            }
        }
    }

    // Only the list is refused: a neighbour of each value has a shared secret.
    #[test]
    fn check_public_refuses_what_has_no_shared_secret_and_nothing_else() {
        let pair = KeyPair::resume(Secret::new([0x42; 32]));
        for small in SMALL_ORDER {
            for place in 0..31 {
                let mut value = small;
                value[place] ^= 4;
                let shared = pair.shared_secret(&value);
                assert_eq!(check_public(&value).is_ok(), shared.is_ok(), "{}", hex::encode(value));
            }
        }
    }

    #[test]
    fn own_short_long_and_non_canonical_values_are_refused() {
        let pair = |scalar| KeyPair::resume(Secret::new([scalar; 32]));
        let (own, other) = (*pair(7).public(), *pair(8).public());
        let long = [&other[..], &[0]].concat();
        let mut top_bit = other;
        top_bit[31] |= 0x80;
        for bad in [&own[..], &other[..31], &long, &[], &top_bit, &p_plus(2), &p_plus(9)] {
            assert_eq!(pair(7).shared_secret(bad).unwrap_err(), PeerFault::BadPublicValue);
            // The check alone does not know which value is ours.
            assert_eq!(check_public(bad).is_ok(), bad == own);
        }
        let ours = pair(7).shared_secret(&other).unwrap();
        assert!(bool::from(ours.ct_eq(&pair(8).shared_secret(&own).unwrap())));
    }
}
