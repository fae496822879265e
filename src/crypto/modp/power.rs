//! Powers of any base modulo p, in constant time.

#[cfg(feature = "std")]
use crypto_bigint::BoxedUint;
#[cfg(feature = "std")]
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use zeroize::Zeroizing;

#[cfg(not(feature = "std"))]
use super::Residue;
use super::{DhGroup, Integer, write};
use crate::types::secret::Secret;

/// Raises `base` to the power of all 2,048 bits of `exponent`.
///
/// On 64 bits the library squares numbers on the heap in four fifths of the time. It leaves one factor in freed memory,
/// which the last four bits of the exponent chose.
#[cfg(feature = "std")]
pub(super) fn power(group: &DhGroup, base: &Integer, exponent: &Secret<256>) -> Secret<256> {
    let modulus = BoxedMontyParams::new_vartime(group.p().into());
    let exponent = Zeroizing::new(BoxedUint::from_be_slice_truncated(exponent.expose(), Integer::BITS));
    let power = Zeroizing::new(BoxedMontyForm::new(base.into(), &modulus).pow(&exponent));
    let power = Zeroizing::new(power.retrieve());
    Secret::fill_with(|bytes| write(power.as_limbs(), bytes))
}

/// Raises `base` to the power of all 2,048 bits of `exponent`.
#[cfg(not(feature = "std"))]
pub(super) fn power(group: &DhGroup, base: &Integer, exponent: &Secret<256>) -> Secret<256> {
    let exponent = Zeroizing::new(Integer::from_be_slice(exponent.expose()));
    let power = Zeroizing::new(Residue::new(base, &group.modulus()).pow(&exponent));
    let power = Zeroizing::new(power.retrieve());
    Secret::fill_with(|bytes| write(power.as_limbs(), bytes))
}
