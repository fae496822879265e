//! Key agreement with X25519 and ML-KEM-768 combined, as pure steps (SPEC HYB-1 to HYB-6).

use ml_kem::kem::{Decapsulate, KeyExport, TryKeyInit};
use ml_kem::ml_kem_768::{Ciphertext, DecapsulationKey, EncapsulationKey};
use ml_kem::{B32, Seed};
use rand_core::CryptoRng;
use zeroize::Zeroize;

use super::{Binding, Established};
use crate::crypto::schedule::Labels;
use crate::crypto::x25519::{self, KeyPair};
use crate::types::error::PeerFault;
use crate::types::secret::{Secret, swept_deep};

/// The length of an X25519 value, which comes first in both public values.
const X25519_LEN: usize = 32;

/// The length of the value of a request: an X25519 value and an encapsulation key (FIPS 203 table 3).
pub const REQUEST_LEN: usize = X25519_LEN + 1_184;

/// The length of the value of an answer: an X25519 value and a ciphertext (FIPS 203 table 3).
pub const ANSWER_LEN: usize = X25519_LEN + 1_088;

/// A request that waits for its answer. It serves one exchange.
#[derive(Debug)]
pub struct Request {
    pair: KeyPair,
    /// The seed `d || z` of FIPS 203. The decapsulation key is derived in the call that uses it, so there is no
    /// stored key to check (FIPS 203 section 7.3).
    seed: Secret<64>,
    public: [u8; REQUEST_LEN],
}

impl Request {
    /// Draws a scalar of 32 bytes, then a seed of 64 bytes.
    #[must_use]
    pub fn new(rng: &mut dyn CryptoRng) -> Self {
        let scalar = Secret::random(rng);
        Self::resume(scalar, Secret::random(rng))
    }

    /// Rebuilds a request from its stored scalar and seed.
    #[must_use]
    pub fn resume(scalar: Secret<32>, seed: Secret<64>) -> Self {
        let mut public = [0; REQUEST_LEN];
        let pair = swept_deep(|| {
            let pair = KeyPair::resume(scalar);
            let (classic, key) = public.split_at_mut(X25519_LEN);
            classic.copy_from_slice(pair.public());
            key.copy_from_slice(&decapsulation_key(&seed).encapsulation_key().to_bytes());
            pair
        });
        Self { pair, seed, public }
    }

    /// Copies the request for the same exchange. There is no `Clone`, so every copy is visible in the code.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self { pair: self.pair.duplicate(), seed: self.seed.duplicate(), public: self.public }
    }

    /// Returns the X25519 scalar, for storing.
    #[must_use]
    pub const fn scalar(&self) -> &Secret<32> {
        self.pair.scalar()
    }

    /// Returns the seed of the ML-KEM key, for storing.
    #[must_use]
    pub const fn seed(&self) -> &Secret<64> {
        &self.seed
    }

    /// Returns the public value to send to the peer.
    #[must_use]
    pub const fn public(&self) -> &[u8; REQUEST_LEN] {
        &self.public
    }

    /// Computes the keys from the public value of the answer.
    ///
    /// Use them only if their fingerprint equals the one that came with the answer. A ciphertext has no check
    /// except its length: a damaged one yields other keys, in the same time. Anyone on the wire can forge an
    /// answer, so the request stays valid for the real one.
    ///
    /// # Errors
    /// [`PeerFault::BadPublicValue`].
    pub fn confirm(&self, binding: &Binding<'_>, answer: &[u8]) -> Result<Established, PeerFault> {
        let answer: &[u8; ANSWER_LEN] = answer.try_into().map_err(|_| PeerFault::BadPublicValue)?;
        let (classic, ciphertext) = answer.split_at(X25519_LEN);
        let ciphertext = Ciphertext::try_from(ciphertext).map_err(|_| PeerFault::BadPublicValue)?;
        swept_deep(|| {
            let classic = self.pair.shared_secret(classic)?;
            let shared = both(decapsulation_key(&self.seed).decapsulate(&ciphertext), &classic);
            Established::derive(&Labels::X25519_ML_KEM_768, binding, &shared, &self.public, answer)
        })
    }
}

/// Checks the public value of a request before anybody is asked. Its X25519 value must be canonical and not of
/// small order, and the numbers of its encapsulation key must be reduced (FIPS 203 section 7.2).
///
/// # Errors
/// [`PeerFault::BadPublicValue`].
pub fn check_request(request: &[u8]) -> Result<[u8; REQUEST_LEN], PeerFault> {
    let request: [u8; REQUEST_LEN] = request.try_into().map_err(|_| PeerFault::BadPublicValue)?;
    let (classic, key) = request.split_at(X25519_LEN);
    x25519::check_public(classic)?;
    encapsulation_key(key)?;
    Ok(request)
}

/// Answers a request. Draws a scalar of 32 bytes and the 32 random bytes of the encapsulation. Returns the public
/// value for the peer, and the keys.
///
/// # Errors
/// [`PeerFault::BadPublicValue`].
pub fn answer(
    binding: &Binding<'_>,
    request: &[u8],
    rng: &mut dyn CryptoRng,
) -> Result<([u8; ANSWER_LEN], Established), PeerFault> {
    let (scalar, random) = (Secret::random(rng), Secret::<32>::random(rng));
    let request: &[u8; REQUEST_LEN] = request.try_into().map_err(|_| PeerFault::BadPublicValue)?;
    let (classic, key) = request.split_at(X25519_LEN);
    let mut public = [0; ANSWER_LEN];
    let established = swept_deep(|| {
        let pair = KeyPair::resume(scalar);
        let classic = pair.shared_secret(classic)?;
        let (ciphertext, shared) = encapsulation_key(key)?.encapsulate_deterministic(random.expose().into());
        let shared = both(shared, &classic);
        let (own_classic, own_ciphertext) = public.split_at_mut(X25519_LEN);
        own_classic.copy_from_slice(pair.public());
        own_ciphertext.copy_from_slice(&ciphertext);
        Established::derive(&Labels::X25519_ML_KEM_768, binding, &shared, request, &public)
    })?;
    Ok((public, established))
}

/// Joins the two secrets, with that of ML-KEM first (SPEC HYB-4).
fn both(mut post_quantum: B32, classic: &Secret<32>) -> Secret<64> {
    let both = Secret::fill_with(|both: &mut [u8; 64]| {
        let (first, second) = both.split_at_mut(32);
        first.copy_from_slice(&post_quantum);
        second.copy_from_slice(classic.expose());
    });
    post_quantum.zeroize();
    both
}

fn decapsulation_key(seed: &Secret<64>) -> DecapsulationKey {
    let mut bytes = Seed::from(*seed.expose());
    let key = DecapsulationKey::from_seed(bytes);
    bytes.zeroize();
    key
}

fn encapsulation_key(bytes: &[u8]) -> Result<EncapsulationKey, PeerFault> {
    EncapsulationKey::new_from_slice(bytes).map_err(|_| PeerFault::BadPublicValue)
}
