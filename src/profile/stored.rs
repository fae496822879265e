//! The stored form of a profile in the keys record and in the tombstone (SPEC REC-4): its number and its
//! parameters.

use super::{PeerPolicy, Profile};
#[cfg(feature = "telegram")]
use crate::crypto::modp;
use crate::record::{Decoder, Encode, Encoder, variants};
use crate::types::error::StoreError;

/// The numbers of the profiles. A build without a profile still knows its number.
const X25519: u8 = 1;
const TELEGRAM: u8 = 2;
const X25519_ML_KEM_768: u8 = 3;

variants! { PeerPolicy { 0 Default, 1 Strict, 2 Tolerant } }

impl Profile {
    /// Returns the number of this profile.
    pub(crate) const fn number(&self) -> u8 {
        match self {
            Self::X25519 => X25519,
            #[cfg(feature = "hybrid")]
            Self::X25519MlKem768 => X25519_ML_KEM_768,
            #[cfg(feature = "telegram")]
            Self::Telegram { .. } => TELEGRAM,
        }
    }

    /// Writes the parameters that this profile has besides its number.
    pub(crate) fn encode_parameters(&self, to: &mut Encoder<'_>) {
        match self {
            Self::X25519 => [].encode(to),
            #[cfg(feature = "hybrid")]
            Self::X25519MlKem768 => [].encode(to),
            #[cfg(feature = "telegram")]
            Self::Telegram { group, peer } => {
                peer.encode(to);
                group.generator().encode(to);
                group.prime().encode(to);
            }
        }
    }

    /// Reads the parameters of the profile with this number.
    pub(crate) fn decode_parameters(number: u8, from: &mut Decoder<'_>) -> Result<Self, StoreError> {
        Ok(match number {
            X25519 => {
                let [] = from.take()?;
                Self::X25519
            }
            #[cfg(feature = "telegram")]
            TELEGRAM => {
                let peer = from.take()?;
                let (generator, prime): (u32, [u8; 256]) = from.take()?;
                let group = modp::stored_group(generator, &prime).map_err(|_| StoreError::Damaged)?;
                Self::Telegram { group, peer }
            }
            #[cfg(feature = "hybrid")]
            X25519_ML_KEM_768 => Self::X25519MlKem768,
            #[cfg(not(feature = "hybrid"))]
            X25519_ML_KEM_768 => return Err(StoreError::ProfileOff),
            #[cfg(not(feature = "telegram"))]
            TELEGRAM => return Err(StoreError::ProfileOff),
            _ => return Err(StoreError::Damaged),
        })
    }
}
