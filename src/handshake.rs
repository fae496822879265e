//! The X25519 key exchange as pure steps (SPEC X25-2 to X25-5).

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;

use crate::crypto::kdf::ChatKey;
use crate::crypto::schedule::{DiscardKeys, Ends, Root, Transcript};
use crate::crypto::x25519;
use crate::error::PeerFault;
use crate::id::KeyFingerprint;
use crate::secret::Secret;

/// What the initiator holds until the answer comes.
#[derive(Debug)]
pub struct Request {
    scalar: Secret<32>,
    public: [u8; 32],
}

/// Everything that the key exchange gives.
#[derive(Debug)]
pub struct Established {
    /// Binds ids, context and both public values into every later key.
    pub transcript: Transcript,
    /// The message keys.
    pub chat_key: ChatKey,
    /// Their name on the wire.
    pub fingerprint: KeyFingerprint,
    /// What the next rekey is bound to.
    pub chain: Secret<32>,
    /// What users may compare again after a rekey.
    pub check: [u8; 36],
    /// What proves the Discards of both ends under the first root.
    pub discard_keys: DiscardKeys,
}

impl Request {
    /// One 32-byte draw.
    #[must_use]
    pub fn new(rng: &mut dyn CryptoRng) -> Self {
        Self::resume(Secret::random(rng))
    }

    /// As it was stored.
    #[must_use]
    pub fn resume(scalar: Secret<32>) -> Self {
        let public = x25519::public_value(&scalar);
        Self { scalar, public }
    }

    /// A second holder of the same request: by name, so that it is seen. It serves the same one exchange.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self { scalar: self.scalar.duplicate(), public: self.public }
    }

    /// For storing.
    #[must_use]
    pub const fn scalar(&self) -> &Secret<32> {
        &self.scalar
    }

    /// The value that goes to the responder.
    #[must_use]
    pub const fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// Computes the keys from the responder's answer and compares the fingerprint in constant time.
    ///
    /// # Errors
    /// [`PeerFault::BadPublicValue`], [`PeerFault::FingerprintMismatch`]. Anyone on the wire can cause them, so the
    /// request stays good for the true answer.
    pub fn confirm(
        &self,
        ends: &Ends<'_>,
        responder_public: &[u8],
        fingerprint: KeyFingerprint,
    ) -> Result<Established, PeerFault> {
        let shared = x25519::shared_secret(&self.scalar, responder_public)?;
        let responder_public = responder_public.try_into().map_err(|_| PeerFault::BadPublicValue)?;
        let established = Established::derive(&shared, Transcript::new(ends, &self.public, responder_public));
        if bool::from(established.fingerprint.to_bytes().ct_eq(&fingerprint.to_bytes())) {
            Ok(established)
        } else {
            Err(PeerFault::FingerprintMismatch)
        }
    }
}

/// Checks an initiator's value before the user is asked: canonical and not of small order.
///
/// # Errors
/// [`PeerFault::BadPublicValue`].
pub fn check_request(initiator_public: &[u8]) -> Result<[u8; 32], PeerFault> {
    // Any clamped scalar kills exactly the small-order points, so this one decides without a secret.
    x25519::shared_secret(&Secret::new([0x40; 32]), initiator_public)?;
    initiator_public.try_into().map_err(|_| PeerFault::BadPublicValue)
}

/// The responder's half: draws a scalar, returns the keys and the value that goes to the initiator.
///
/// # Errors
/// [`PeerFault::BadPublicValue`].
pub fn accept(
    ends: &Ends<'_>,
    initiator_public: &[u8; 32],
    rng: &mut dyn CryptoRng,
) -> Result<(Established, [u8; 32]), PeerFault> {
    let Request { scalar, public } = Request::new(rng);
    let shared = x25519::shared_secret(&scalar, initiator_public)?;
    Ok((Established::derive(&shared, Transcript::new(ends, initiator_public, &public)), public))
}

impl Established {
    fn derive(shared: &Secret<32>, transcript: Transcript) -> Self {
        let root = Root::of_handshake(shared, &transcript);
        Self {
            transcript,
            chat_key: root.chat_key(),
            fingerprint: root.fingerprint(),
            chain: root.chain(),
            check: root.check(),
            discard_keys: root.discard_keys(),
        }
    }
}
