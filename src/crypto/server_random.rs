//! The server's randomness, mixed into exponents (SPEC MODP-7).

use core::fmt;

use subtle::ConstantTimeEq;
#[cfg(feature = "telegram")]
use zeroize::Zeroize;

#[cfg(feature = "telegram")]
use super::schedule::{expand_into, keyed};
#[cfg(feature = "telegram")]
use crate::types::id::ExchangeId;
use crate::types::secret::Secret;

#[cfg(feature = "telegram")]
const LABEL: &[u8] = b"secretchat/1 server random";

/// The mask for an exponent, if there is one.
#[cfg(feature = "alloc")]
pub(crate) type ExponentMask = Option<Secret<256>>;

/// The part of the server's `random` that a chat keeps.
pub struct ServerRandom(Secret<32>);

impl ServerRandom {
    /// Takes the server's bytes, of any length.
    #[cfg(feature = "telegram")]
    #[must_use]
    pub fn new(random: &[u8]) -> Self {
        let (mut kept, _) = hkdf::Hkdf::<sha2::Sha256>::extract(Some(LABEL), random);
        let secret = Secret::fill_with(|to| to.copy_from_slice(&kept));
        kept.as_mut_slice().zeroize();
        Self(secret)
    }

    /// Returns the mask for the exponent of an exchange. The first one has the id 0. The mask does not depend on
    /// anything that is drawn for the exponent.
    #[cfg(feature = "telegram")]
    #[must_use]
    pub fn mask(&self, exchange_id: ExchangeId) -> Secret<256> {
        Secret::fill_with(|mask| expand_into(&keyed(&self.0), &[LABEL, &exchange_id.0.to_le_bytes()], mask))
    }

    /// Rebuilds the value from its stored bytes.
    #[must_use]
    pub const fn resume(kept: Secret<32>) -> Self {
        Self(kept)
    }

    /// Returns the bytes, for storing.
    #[must_use]
    pub const fn kept(&self) -> &Secret<32> {
        &self.0
    }
}

impl Clone for ServerRandom {
    fn clone(&self) -> Self {
        Self(self.0.duplicate())
    }
}

impl PartialEq for ServerRandom {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for ServerRandom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(_) = self;
        f.write_str("ServerRandom(..)")
    }
}
