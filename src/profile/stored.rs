//! A profile in the record of keys and in the tombstone (SPEC REC-4): its number, and its parameters.

use super::{PeerPolicy, Profile};
#[cfg(feature = "telegram")]
use crate::crypto::modp;
use crate::error::StoreError;
use crate::record::{Fields, Put, codes};

/// The profiles' numbers. A build that leaves a profile out still knows its number.
const X25519: u8 = 1;
const TELEGRAM: u8 = 2;

codes! { PeerPolicy { 0 Default, 1 Strict, 2 Tolerant, } }

impl Profile {
    /// Returns the number of this profile.
    pub(crate) const fn code(&self) -> u8 {
        match self {
            Self::X25519 => X25519,
            #[cfg(feature = "telegram")]
            Self::Telegram { .. } => TELEGRAM,
        }
    }

    /// Writes what this profile has besides its number.
    pub(crate) fn encode_parameters(&self, put: &mut Put) {
        match self {
            Self::X25519 => put.array(&[]),
            #[cfg(feature = "telegram")]
            Self::Telegram { group, peer } => {
                put.code(*peer).array(&group.generator().to_le_bytes()).array(&group.prime())
            }
        };
    }

    /// Reads the profile with this number.
    pub(crate) fn decode(code: u8, fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(match code {
            X25519 => {
                let [] = fields.array()?;
                Self::X25519
            }
            #[cfg(feature = "telegram")]
            TELEGRAM => {
                let peer = fields.code()?;
                let (generator, prime) = (fields.u32()?, fields.array::<256>()?);
                let group = modp::stored_group(generator, &prime).map_err(|_| StoreError::Damaged)?;
                Self::Telegram { group, peer }
            }
            #[cfg(not(feature = "telegram"))]
            TELEGRAM => return Err(StoreError::ProfileOff),
            _ => return Err(StoreError::Damaged),
        })
    }
}
