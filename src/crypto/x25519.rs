//! X25519 (RFC 7748): the primitive, and the boundary that refuses values which no honest peer sends.

use x25519_dalek::{PublicKey, StaticSecret};

use crate::types::error::PeerFault;
use crate::types::secret::Secret;

/// Computes the function of RFC 7748 section 5: clamps the scalar, masks the top bit of `u`, reduces it, and
/// refuses nothing.
#[must_use]
pub fn x25519(scalar: [u8; 32], u: [u8; 32]) -> [u8; 32] {
    x25519_dalek::x25519(scalar, u)
}

/// Returns the public value of a scalar.
#[must_use]
pub fn public_value(scalar: &Secret<32>) -> [u8; 32] {
    PublicKey::from(&StaticSecret::from(*scalar.expose())).to_bytes()
}

/// Computes the shared secret with a peer's public value (SPEC X25-2).
///
/// # Errors
/// [`PeerFault::BadPublicValue`] unless `peer` is 32 canonical bytes and differs from our own value, and the result
/// is not all zero.
pub fn shared_secret(scalar: &Secret<32>, peer: &[u8]) -> Result<Secret<32>, PeerFault> {
    let peer: [u8; 32] = peer.try_into().map_err(|_| PeerFault::BadPublicValue)?;
    if !is_canonical(&peer) || peer == public_value(scalar) {
        return Err(PeerFault::BadPublicValue);
    }
    let shared = StaticSecret::from(*scalar.expose()).diffie_hellman(&PublicKey::from(peer));
    if !shared.was_contributory() {
        return Err(PeerFault::BadPublicValue);
    }
    Ok(Secret::new(shared.to_bytes()))
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
        let scalar = Secret::new([0x42; 32]);
        for value in values {
            for top_bit in [0, 0x80] {
                let mut value = value;
                value[31] |= top_bit;
                assert_eq!(x25519(*scalar.expose(), value), [0; 32], "the list is right");
                assert_eq!(shared_secret(&scalar, &value).unwrap_err(), PeerFault::BadPublicValue);
            }
        }
    }

    #[test]
    fn own_short_long_and_non_canonical_values_are_refused() {
        let scalar = Secret::new([7; 32]);
        let own = public_value(&scalar);
        let other = public_value(&Secret::new([8; 32]));
        let long = [&other[..], &[0]].concat();
        let mut top_bit = other;
        top_bit[31] |= 0x80;
        for bad in [&own[..], &other[..31], &long, &[], &top_bit, &p_plus(2), &p_plus(9)] {
            assert_eq!(shared_secret(&scalar, bad).unwrap_err(), PeerFault::BadPublicValue);
        }
        let ours = shared_secret(&scalar, &other).unwrap();
        assert!(bool::from(ours.ct_eq(&shared_secret(&Secret::new([8; 32]), &own).unwrap())));
    }
}
