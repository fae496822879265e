//! Key pairs, the checks of public values, and the key.

use crypto_bigint::{JacobiSymbol, Odd};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{DhGroup, Integer, Residue, write};
use crate::crypto::kdf::ChatKey;
use crate::types::error::{ApiMisuse, PeerFault};
use crate::types::secret::Secret;

/// Public values keep this distance from 0 and from p.
const MARGIN: Integer = Integer::ONE.shl_vartime(1984);
/// How often an exponent is drawn before the generator counts as broken.
const DRAWS: usize = 8;

/// A secret exponent and the public value that belongs to it; for one exchange only.
#[derive(Debug)]
pub struct KeyPair {
    exponent: Secret<256>,
    public: [u8; 256],
}

impl KeyPair {
    /// Draws an exponent of 256 bytes, big-endian, as it is, and again while the public value is out of range.
    ///
    /// # Errors
    /// [`ApiMisuse::UnusableRng`] after eight draws. No working generator ever gets there.
    pub fn generate(group: &DhGroup, rng: &mut dyn CryptoRng) -> Result<Self, ApiMisuse> {
        Self::draw(group, || Secret::random(rng))
    }

    /// Does the same, and adds `mask` to each draw by exclusive or (SPEC MODP-7). Whatever it is, if only it was fixed
    /// before the draw: the exponent is at least as hard to guess as the draw alone.
    ///
    /// # Errors
    /// [`ApiMisuse::UnusableRng`] after eight draws.
    pub fn generate_masked(group: &DhGroup, mask: &Secret<256>, rng: &mut dyn CryptoRng) -> Result<Self, ApiMisuse> {
        Self::draw(group, || {
            Secret::fill_with(|exponent| {
                rng.fill_bytes(exponent);
                exponent.iter_mut().zip(mask.expose()).for_each(|(byte, mask)| *byte ^= mask);
            })
        })
    }

    fn draw(group: &DhGroup, mut exponent: impl FnMut() -> Secret<256>) -> Result<Self, ApiMisuse> {
        (0..DRAWS).find_map(|_| Self::resume(group, exponent())).ok_or(ApiMisuse::UnusableRng)
    }

    /// Makes a pair again from its stored exponent. `None` if the public value is out of range, which never happens with an
    /// exponent of [`KeyPair::generate`] in the same group.
    #[must_use]
    pub fn resume(group: &DhGroup, exponent: Secret<256>) -> Option<Self> {
        let public = *power(group, &group.g(), &exponent).expose();
        is_in_range(&Integer::from_be_slice(&public), group.p()).then_some(Self { exponent, public })
    }

    /// Copies the pair for a second holder: by name, so that it is seen. It serves the same one exchange.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self { exponent: self.exponent.duplicate(), public: self.public }
    }

    /// Returns the exponent, to store it.
    #[must_use]
    pub const fn exponent(&self) -> &Secret<256> {
        &self.exponent
    }

    /// Returns the value that goes to the peer: always 256 bytes.
    #[must_use]
    pub const fn public(&self) -> &[u8; 256] {
        &self.public
    }

    /// Computes the key with the peer's public value: always 256 bytes, leading zeros included. `group` is that of the
    /// pair.
    ///
    /// # Errors
    /// [`PeerFault::BadPublicValue`] for a value that [`check_public`] refuses, and for our own, sent back.
    pub fn shared_key(&self, group: &DhGroup, peer: &[u8]) -> Result<ChatKey, PeerFault> {
        let peer = check_public(group, peer)?;
        if peer == self.public {
            return Err(PeerFault::BadPublicValue);
        }
        Ok(power(group, &Integer::from_be_slice(&peer), &self.exponent))
    }
}

/// Checks a peer's public value and returns its 256 bytes.
///
/// Leading zeros may be missing, and there may be one too many. The value must lie in 2^1984 to p - 2^1984, both
/// included, and in the subgroup that the generator generates, where every honest value is: one outside would tell the
/// lowest bit of our exponent by the key's fingerprint. It refuses half of the values that other clients let
/// pass, p - 2^1984 among them.
///
/// # Errors
/// [`PeerFault::BadPublicValue`].
pub fn check_public(group: &DhGroup, peer: &[u8]) -> Result<[u8; 256], PeerFault> {
    let digits = match peer {
        [0, digits @ ..] if digits.len() == 256 => digits,
        digits if digits.len() <= 256 => digits,
        _ => return Err(PeerFault::BadPublicValue),
    };
    let mut bytes = [0; 256];
    for (to, from) in bytes.iter_mut().rev().zip(digits.iter().rev()) {
        *to = *from;
    }
    let value = Integer::from_be_slice(&bytes);
    if is_in_range(&value, group.p()) && matches!(value.jacobi_symbol_vartime(group.p()), JacobiSymbol::One) {
        Ok(bytes)
    } else {
        Err(PeerFault::BadPublicValue)
    }
}

fn is_in_range(value: &Integer, p: &Odd<Integer>) -> bool {
    (MARGIN..=p.wrapping_sub(&MARGIN)).contains(value)
}

/// Raises `base` to the power of all 2,048 bits of `exponent`, in constant time.
fn power(group: &DhGroup, base: &Integer, exponent: &Secret<256>) -> Secret<256> {
    let exponent = Zeroizing::new(Integer::from_be_slice(exponent.expose()));
    let power = Zeroizing::new(Residue::new(base, &group.modulus()).pow(&exponent));
    let power = Zeroizing::new(power.retrieve());
    Secret::fill_with(|bytes| write(&power, bytes))
}
