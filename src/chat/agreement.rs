//! How the profiles agree on keys: the first one, and each that follows it.

#[cfg(feature = "telegram")]
use alloc::boxed::Box;
use alloc::vec::Vec;

use rand_core::CryptoRng;

use super::config::Profile;
use super::keys::{Agreed, Keys, NextKey};
use super::state::Setup;
#[cfg(feature = "telegram")]
use crate::crypto::modp::{self, KeyPair};
use crate::crypto::schedule::Root;
use crate::crypto::x25519;
use crate::error::{ApiMisuse, PeerFault};
use crate::handshake::{self, Request};
use crate::id::{ExchangeId, KeyFingerprint, Role};

/// The half of a key exchange that waits for the other one.
#[derive(Debug)]
pub(super) enum Pending {
    X25519(Request),
    #[cfg(feature = "telegram")]
    Telegram(Box<KeyPair>),
}

impl Pending {
    pub(super) fn draw(profile: &Profile, rng: &mut dyn CryptoRng) -> Result<Self, ApiMisuse> {
        Ok(match profile {
            Profile::X25519 => Self::X25519(Request::new(rng)),
            #[cfg(feature = "telegram")]
            Profile::Telegram { group, .. } => Self::Telegram(Box::new(KeyPair::generate(group, rng)?)),
        })
    }

    pub(super) fn public(&self) -> &[u8] {
        match self {
            Self::X25519(request) => request.public(),
            #[cfg(feature = "telegram")]
            Self::Telegram(pair) => pair.public(),
        }
    }

    /// The keys with the responder's answer, if its fingerprint is that of the key.
    pub(super) fn confirm(&self, setup: &Setup, public: &[u8], fingerprint: KeyFingerprint) -> Result<Keys, PeerFault> {
        match (self, &setup.profile) {
            (Self::X25519(request), Profile::X25519) => {
                // The ends were checked when the chat was set up.
                let ends = setup.identities.ends(setup.role).map_err(|_| PeerFault::FingerprintMismatch)?;
                Ok(Keys::of_x25519(request.confirm(&ends, public, fingerprint)?, setup.role, None))
            }
            #[cfg(feature = "telegram")]
            (Self::Telegram(pair), Profile::Telegram { group, .. }) => {
                let keys = Keys::of_telegram(pair.shared_key(group, public)?, None);
                if keys.current.fingerprint == fingerprint { Ok(keys) } else { Err(PeerFault::FingerprintMismatch) }
            }
            // A chat's phase is of its profile.
            #[cfg(feature = "telegram")]
            _ => Err(PeerFault::FingerprintMismatch),
        }
    }

    /// The key of a rekey with the peer's value, bound in the X25519 profile to the chat and its past (SPEC X25-7).
    pub(super) fn next_key(
        &self,
        setup: &Setup,
        keys: &Keys,
        exchange_id: ExchangeId,
        starter: Role,
        peer: &[u8],
    ) -> Result<NextKey, PeerFault> {
        match (self, &setup.profile, &keys.agreed) {
            (Self::X25519(request), Profile::X25519, Agreed::X25519 { transcript, bound }) => {
                let shared = x25519::shared_secret(request.scalar(), peer)?;
                let peer = peer.try_into().map_err(|_| PeerFault::BadPublicValue)?;
                let (p, q) = if starter == setup.role { (request.public(), peer) } else { (peer, request.public()) };
                let root = Root::of_rekey(&bound.chain, &shared, transcript, exchange_id, starter, p, q);
                Ok(NextKey::of_x25519(&root, setup.role))
            }
            #[cfg(feature = "telegram")]
            (Self::Telegram(pair), Profile::Telegram { group, .. }, _) => {
                Ok(NextKey::of_telegram(pair.shared_key(group, peer)?))
            }
            // A chat's exchange is of its profile.
            #[cfg(feature = "telegram")]
            _ => Err(PeerFault::BadPublicValue),
        }
    }

    pub(super) fn duplicate(&self) -> Self {
        match self {
            Self::X25519(request) => Self::X25519(request.duplicate()),
            #[cfg(feature = "telegram")]
            Self::Telegram(pair) => Self::Telegram(Box::new(pair.duplicate())),
        }
    }
}

/// Checks the public value of a request: the initiator's before the user is asked, the starter's of a rekey.
pub(super) fn check_request(profile: &Profile, public: &[u8]) -> Result<Vec<u8>, PeerFault> {
    match profile {
        Profile::X25519 => handshake::check_request(public).map(Vec::from),
        #[cfg(feature = "telegram")]
        Profile::Telegram { group, .. } => modp::check_public(group, public).map(Vec::from),
    }
}

/// The responder's half: the keys, with the value that goes to the initiator.
///
/// The initiator's value was checked, so only our own drawing of the same value can be refused.
pub(super) fn accept(setup: &Setup, initiator_public: &[u8], rng: &mut dyn CryptoRng) -> Result<Keys, ApiMisuse> {
    match &setup.profile {
        Profile::X25519 => {
            let ends = setup.identities.ends(setup.role)?;
            let initiator_public = initiator_public.try_into().map_err(|_| ApiMisuse::UnusableRng)?;
            let (established, public) =
                handshake::accept(&ends, initiator_public, rng).map_err(|_| ApiMisuse::UnusableRng)?;
            Ok(Keys::of_x25519(established, setup.role, Some(public.to_vec())))
        }
        #[cfg(feature = "telegram")]
        Profile::Telegram { group, .. } => {
            let pair = KeyPair::generate(group, rng)?;
            let chat_key = pair.shared_key(group, initiator_public).map_err(|_| ApiMisuse::UnusableRng)?;
            Ok(Keys::of_telegram(chat_key, Some(pair.public().to_vec())))
        }
    }
}
