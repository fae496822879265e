//! Key pairs, the checks of public values, and the key.

use crypto_bigint::{JacobiSymbol, Odd};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{DhGroup, Integer, Residue, comb, write};
use crate::crypto::kdf::ChatKey;
use crate::types::error::{ApiMisuse, PeerFault};
use crate::types::secret::Secret;

/// The minimum distance of public values from 0 and from p.
const MARGIN: Integer = Integer::ONE.shl_vartime(1984);
/// How often an exponent is drawn before the generator counts as broken.
const DRAWS: usize = 8;

/// A secret exponent and its public value, for one exchange only.
#[derive(Debug)]
pub struct KeyPair {
    exponent: Secret<256>,
    public: [u8; 256],
}

impl KeyPair {
    /// Draws an exponent of 256 bytes, big-endian, without changing it. Draws again while the public value is out
    /// of range.
    ///
    /// # Errors
    /// [`ApiMisuse::UnusableRng`] after eight draws. This never happens with a working generator.
    pub fn generate(group: &DhGroup, rng: &mut dyn CryptoRng) -> Result<Self, ApiMisuse> {
        Self::draw(group, || Secret::random(rng))
    }

    /// Does the same, and combines each draw with `mask` by exclusive or (SPEC MODP-7). As long as the mask was
    /// fixed before the draw, the exponent is at least as hard to guess as the draw alone.
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

    /// Rebuilds a pair from its stored exponent. Returns `None` if the public value is out of range, which never
    /// happens with an exponent of [`KeyPair::generate`] in the same group.
    #[must_use]
    pub fn resume(group: &DhGroup, exponent: Secret<256>) -> Option<Self> {
        let public = if group.has_comb() { comb::power(&exponent) } else { power(group, &group.g(), &exponent) };
        let public = *public.expose();
        is_in_range(&Integer::from_be_slice(&public), group.p()).then_some(Self { exponent, public })
    }

    /// Copies the pair for the same exchange. There is no `Clone`, so every copy is visible in the code.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self { exponent: self.exponent.duplicate(), public: self.public }
    }

    /// Returns the exponent, for storing.
    #[must_use]
    pub const fn exponent(&self) -> &Secret<256> {
        &self.exponent
    }

    /// Returns the public value to send to the peer, always 256 bytes.
    #[must_use]
    pub const fn public(&self) -> &[u8; 256] {
        &self.public
    }

    /// Checks the peer's public value, and computes the key: always 256 bytes, including leading zeros. `group`
    /// must be the group of the pair.
    ///
    /// # Errors
    /// [`PeerFault::BadPublicValue`] for a value that [`PublicValue::check`] refuses, and for our own value, sent
    /// back.
    pub fn shared_key(&self, group: &DhGroup, peer: &[u8]) -> Result<ChatKey, PeerFault> {
        self.shared_key_with(group, &PublicValue::check(group, peer)?)
    }

    /// Does the same with a value that was checked in `group` before.
    ///
    /// # Errors
    /// [`PeerFault::BadPublicValue`] for our own value, sent back.
    pub fn shared_key_with(&self, group: &DhGroup, peer: &PublicValue) -> Result<ChatKey, PeerFault> {
        if peer.0 == self.public {
            return Err(PeerFault::BadPublicValue);
        }
        Ok(power(group, &Integer::from_be_slice(&peer.0), &self.exponent))
    }
}

/// A peer's public value that lies in its group (SPEC MODP-4). The check takes about a quarter of an OpenSSL
/// exponentiation, so it is made once a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicValue([u8; 256]);

impl PublicValue {
    /// Checks a peer's public value.
    ///
    /// Leading zeros may be missing, and there may be one too many. The value must lie between 2^1984 and p - 2^1984
    /// (inclusive), and in the subgroup that the generator generates, where every honest value is. A value outside
    /// it would reveal the lowest bit of our exponent through the key's fingerprint. This check refuses half of the
    /// values that other clients accept, including p - 2^1984.
    ///
    /// # Errors
    /// [`PeerFault::BadPublicValue`].
    pub fn check(group: &DhGroup, peer: &[u8]) -> Result<Self, PeerFault> {
        let value = Self::stored(group, peer)?;
        // In a group of a safe prime the subgroup is that of the quadratic residues.
        match Integer::from_be_slice(&value.0).jacobi_symbol_vartime(group.p()) {
            JacobiSymbol::One => Ok(value),
            JacobiSymbol::Zero | JacobiSymbol::MinusOne => Err(PeerFault::BadPublicValue),
        }
    }

    /// Rebuilds a value from its record. **Trusts** that it is in the subgroup, because it was checked before: use
    /// it only for authenticated records.
    ///
    /// # Errors
    /// [`PeerFault::BadPublicValue`] for a wrong length, or a value out of range.
    pub fn stored(group: &DhGroup, peer: &[u8]) -> Result<Self, PeerFault> {
        let digits = match peer {
            [0, digits @ ..] if digits.len() == 256 => digits,
            digits if digits.len() <= 256 => digits,
            _ => return Err(PeerFault::BadPublicValue),
        };
        let mut bytes = [0; 256];
        for (to, from) in bytes.iter_mut().rev().zip(digits.iter().rev()) {
            *to = *from;
        }
        if is_in_range(&Integer::from_be_slice(&bytes), group.p()) {
            Ok(Self(bytes))
        } else {
            Err(PeerFault::BadPublicValue)
        }
    }

    /// Returns the value, always 256 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 256] {
        &self.0
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
