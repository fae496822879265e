//! X25519 and the HKDF schedule (SPEC X25-2 to X25-7), as pure steps.

use rand_core::CryptoRng;

use super::Binding;
use crate::crypto::kdf::ChatKey;
use crate::crypto::schedule::{DiscardKeys, Root, Transcript};
use crate::crypto::x25519;
use crate::error::PeerFault;
use crate::id::KeyFingerprint;
use crate::secret::Secret;

/// What waits for the answer. It serves one exchange.
#[derive(Debug)]
pub struct Request {
    scalar: Secret<32>,
    public: [u8; 32],
}

/// Everything that an exchange gives.
#[derive(Debug)]
pub struct Established {
    /// The handshake's: binds ids, context and both public values into every later key.
    pub transcript: Transcript,
    /// The message keys.
    pub chat_key: ChatKey,
    /// Their name on the wire.
    pub fingerprint: KeyFingerprint,
    /// What the next rekey is bound to.
    pub chain: Secret<32>,
    /// What users may compare again after a rekey.
    pub check: [u8; 36],
    /// What proves the Discards of both ends under this root.
    pub discard_keys: DiscardKeys,
}

impl Request {
    /// Draws a scalar of 32 bytes.
    #[must_use]
    pub fn new(rng: &mut dyn CryptoRng) -> Self {
        Self::resume(Secret::random(rng))
    }

    /// Makes a request again from its stored scalar.
    #[must_use]
    pub fn resume(scalar: Secret<32>) -> Self {
        let public = x25519::public_value(&scalar);
        Self { scalar, public }
    }

    /// Copies the request for a second holder: by name, so that it is seen. It serves the same one exchange.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self { scalar: self.scalar.duplicate(), public: self.public }
    }

    /// Returns the scalar, to store it.
    #[must_use]
    pub const fn scalar(&self) -> &Secret<32> {
        &self.scalar
    }

    /// Returns the value that goes to the peer.
    #[must_use]
    pub const fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// Computes the keys from the value of the answer.
    ///
    /// They count only if their fingerprint is the one that came with it. Anyone on the wire can make up an answer, so the
    /// request stays good for the true one.
    ///
    /// # Errors
    /// [`PeerFault::BadPublicValue`].
    pub fn confirm(&self, binding: &Binding<'_>, answer: &[u8]) -> Result<Established, PeerFault> {
        let shared = x25519::shared_secret(&self.scalar, answer)?;
        let answer = answer.try_into().map_err(|_| PeerFault::BadPublicValue)?;
        Established::derive(binding, &shared, &self.public, answer)
    }
}

/// Checks the value of a request before anybody is asked: it must be canonical and not of small order.
///
/// # Errors
/// [`PeerFault::BadPublicValue`].
pub fn check_request(request: &[u8]) -> Result<[u8; 32], PeerFault> {
    // Any clamped scalar kills exactly the small-order points, so this one decides without a secret.
    x25519::shared_secret(&Secret::new([0x40; 32]), request)?;
    request.try_into().map_err(|_| PeerFault::BadPublicValue)
}

/// Answers a request: draws a scalar of 32 bytes, and returns the value that goes to the peer and the keys.
///
/// # Errors
/// [`PeerFault::BadPublicValue`].
pub fn answer(
    binding: &Binding<'_>,
    request: &[u8],
    rng: &mut dyn CryptoRng,
) -> Result<([u8; 32], Established), PeerFault> {
    let Request { scalar, public } = Request::new(rng);
    let shared = x25519::shared_secret(&scalar, request)?;
    let request = request.try_into().map_err(|_| PeerFault::BadPublicValue)?;
    Ok((public, Established::derive(binding, &shared, request, &public)?))
}

impl Established {
    fn derive(
        binding: &Binding<'_>,
        shared: &Secret<32>,
        request: &[u8; 32],
        answer: &[u8; 32],
    ) -> Result<Self, PeerFault> {
        let (root, transcript) = match *binding {
            Binding::Handshake(ends) => {
                let transcript = Transcript::new(&ends, request, answer);
                (Root::of_handshake(shared, &transcript), transcript)
            }
            Binding::Rekey { chain, transcript, exchange_id, starter } => {
                (Root::of_rekey(chain, shared, transcript, exchange_id, starter, request, answer), *transcript)
            }
            // A key that is bound to nothing could be anybody's.
            Binding::Nothing => return Err(PeerFault::BadPublicValue),
        };
        Ok(Self {
            transcript,
            chat_key: root.chat_key(),
            fingerprint: root.fingerprint(),
            chain: root.chain(),
            check: root.check(),
            discard_keys: root.discard_keys(),
        })
    }
}
