//! Key agreement with X25519, as pure steps (SPEC X25-2 to X25-5).

use rand_core::CryptoRng;

use super::{Binding, Established};
use crate::crypto::schedule::Labels;
use crate::crypto::x25519::{self, KeyPair};
use crate::types::error::PeerFault;
use crate::types::secret::Secret;

/// A request that waits for its answer. It serves one exchange.
#[derive(Debug)]
pub struct Request {
    pair: KeyPair,
}

impl Request {
    /// Draws a scalar of 32 bytes.
    #[must_use]
    pub fn new(rng: &mut dyn CryptoRng) -> Self {
        Self { pair: KeyPair::generate(rng) }
    }

    /// Rebuilds a request from its stored scalar.
    #[must_use]
    pub fn resume(scalar: Secret<32>) -> Self {
        Self { pair: KeyPair::resume(scalar) }
    }

    /// Copies the request for the same exchange. There is no `Clone`, so every copy is visible in the code.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self { pair: self.pair.duplicate() }
    }

    /// Returns the scalar, for storing.
    #[must_use]
    pub const fn scalar(&self) -> &Secret<32> {
        self.pair.scalar()
    }

    /// Returns the public value to send to the peer.
    #[must_use]
    pub const fn public(&self) -> &[u8; 32] {
        self.pair.public()
    }

    /// Computes the keys from the public value of the answer.
    ///
    /// Use them only if their fingerprint equals the one that came with the answer. Anyone on the wire can forge an
    /// answer, so the request stays valid for the real one.
    ///
    /// # Errors
    /// [`PeerFault::BadPublicValue`].
    pub fn confirm(&self, binding: &Binding<'_>, answer: &[u8]) -> Result<Established, PeerFault> {
        let shared = self.pair.shared_secret(answer)?;
        Established::derive(&Labels::X25519, binding, &shared, self.public(), answer)
    }
}

/// Checks the public value of a request before anybody is asked. It must be canonical and not of small order.
///
/// # Errors
/// [`PeerFault::BadPublicValue`].
pub fn check_request(request: &[u8]) -> Result<[u8; 32], PeerFault> {
    x25519::check_public(request)
}

/// Answers a request. Draws a scalar of 32 bytes, and returns the public value for the peer and the keys.
///
/// # Errors
/// [`PeerFault::BadPublicValue`].
pub fn answer(
    binding: &Binding<'_>,
    request: &[u8],
    rng: &mut dyn CryptoRng,
) -> Result<([u8; 32], Established), PeerFault> {
    let pair = KeyPair::generate(rng);
    let shared = pair.shared_secret(request)?;
    let established = Established::derive(&Labels::X25519, binding, &shared, request, pair.public())?;
    Ok((*pair.public(), established))
}
