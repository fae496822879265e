//! Diffie-Hellman in a validated group (SPEC MODP-3 to MODP-5). Telegram binds its keys to nothing else.
//!
//! Powers need more stack than the rest of a step, and leave the key below it. So each clears the stack that it used.

use rand_core::CryptoRng;

use super::CheckedRequest;
use crate::crypto::kdf::ChatKey;
use crate::crypto::modp::{DhGroup, KeyPair, PublicValue};
use crate::crypto::server_random::ExponentMask;
use crate::types::error::{ApiMisuse, PeerFault};
use crate::types::secret::{Secret, swept};

/// A request that waits for its answer. It serves one exchange.
#[derive(Debug)]
pub(crate) struct Request {
    group: DhGroup,
    pair: KeyPair,
}

impl Request {
    pub(super) fn new(group: &DhGroup, mask: &ExponentMask, rng: &mut dyn CryptoRng) -> Result<Self, ApiMisuse> {
        Ok(Self { group: group.clone(), pair: generate(group, mask, rng)? })
    }

    /// Rebuilds a request from its stored exponent, or returns `None` if the exponent does not fit this group.
    pub(super) fn resume(group: &DhGroup, exponent: Secret<256>) -> Option<Self> {
        Some(Self { group: group.clone(), pair: swept(|| KeyPair::resume(group, exponent))? })
    }

    pub(super) fn duplicate(&self) -> Self {
        let Self { group, pair } = self;
        Self { group: group.clone(), pair: pair.duplicate() }
    }

    pub(super) const fn exponent(&self) -> &Secret<256> {
        self.pair.exponent()
    }

    pub(super) const fn public(&self) -> &[u8; 256] {
        self.pair.public()
    }

    pub(super) fn confirm(&self, answer: &[u8]) -> Result<ChatKey, PeerFault> {
        swept(|| self.pair.shared_key(&self.group, answer))
    }
}

/// Answers a request that was checked. Draws a key pair, and returns the public value for the peer and the key.
pub(super) fn answer(
    group: &DhGroup,
    request: &CheckedRequest,
    mask: &ExponentMask,
    rng: &mut dyn CryptoRng,
) -> Result<([u8; 256], ChatKey), ApiMisuse> {
    let pair = generate(group, mask, rng)?;
    let peer = PublicValue::stored(group, request.as_bytes());
    let chat_key = swept(|| pair.shared_key_with(group, &peer?));
    Ok((*pair.public(), chat_key.map_err(|_| ApiMisuse::UnusableRng)?))
}

fn generate(group: &DhGroup, mask: &ExponentMask, rng: &mut dyn CryptoRng) -> Result<KeyPair, ApiMisuse> {
    swept(|| match mask {
        Some(mask) => KeyPair::generate_masked(group, mask, rng),
        None => KeyPair::generate(group, rng),
    })
}
