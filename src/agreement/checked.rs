//! The public value of a request, checked once.

use alloc::vec::Vec;

#[cfg(feature = "hybrid")]
use super::hybrid;
use super::x25519;
#[cfg(feature = "telegram")]
use crate::crypto::modp::PublicValue;
use crate::profile::Profile;
use crate::record::stored_as;
use crate::types::error::PeerFault;

/// The public value of a request, in full length, after the checks that need no secret. Whoever answers it need not
/// make them again.
#[derive(Clone, Debug)]
pub(crate) struct CheckedRequest(Vec<u8>);

impl CheckedRequest {
    /// Checks the public value of a request. For the initiator's request this happens before the user is asked. The
    /// same goes for a rekey.
    pub(crate) fn check(profile: &Profile, request: &[u8]) -> Result<Self, PeerFault> {
        Ok(Self(match profile {
            Profile::X25519 => x25519::check_request(request)?.to_vec(),
            #[cfg(feature = "hybrid")]
            Profile::X25519MlKem768 => hybrid::check_request(request)?.to_vec(),
            #[cfg(feature = "telegram")]
            Profile::Telegram { group, .. } => PublicValue::check(group, request)?.as_bytes().to_vec(),
        }))
    }

    /// Takes a value that was checked before it was stored.
    pub(crate) const fn stored(request: Vec<u8>) -> Self {
        Self(request)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

// Records are authentic, so the value is the one that was checked.
stored_as! { CheckedRequest = Vec<u8>: |request| request.0.clone(), |bytes| Some(CheckedRequest::stored(bytes)); }
