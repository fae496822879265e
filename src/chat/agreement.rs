//! What the profiles do differently: how keys are agreed on, and who may end the chat.

#[cfg(feature = "telegram")]
use alloc::boxed::Box;
use alloc::vec::Vec;

use rand_core::CryptoRng;

use super::config::Profile;
use super::state::Setup;
use crate::crypto::kdf::{ChatKey, Offset};
use crate::crypto::schedule::{DiscardKeys, Transcript};
#[cfg(feature = "telegram")]
use crate::crypto::{
    fingerprint,
    modp::{self, KeyPair},
};
use crate::envelope::MessageKey;
use crate::error::{ApiMisuse, CloseReason, PeerFault};
use crate::handshake::{self, Established, Request};
use crate::id::{KeyFingerprint, Role};
use crate::secret::Secret;

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
                Ok(Keys::of_x25519(request.confirm(&ends, public, fingerprint)?, None))
            }
            #[cfg(feature = "telegram")]
            (Self::Telegram(pair), Profile::Telegram { group, .. }) => {
                let keys = Keys::of_telegram(pair.shared_key(group, public)?, None);
                if keys.fingerprint == fingerprint { Ok(keys) } else { Err(PeerFault::FingerprintMismatch) }
            }
            // A chat's phase is of its profile.
            #[cfg(feature = "telegram")]
            _ => Err(PeerFault::FingerprintMismatch),
        }
    }
}

/// Checks an initiator's public value before the user is asked.
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
            Ok(Keys::of_x25519(established, Some(public.to_vec())))
        }
        #[cfg(feature = "telegram")]
        Profile::Telegram { group, .. } => {
            let pair = KeyPair::generate(group, rng)?;
            let chat_key = pair.shared_key(group, initiator_public).map_err(|_| ApiMisuse::UnusableRng)?;
            Ok(Keys::of_telegram(chat_key, Some(pair.public().to_vec())))
        }
    }
}

/// The keys of an open chat.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) chat_key: ChatKey,
    pub(super) fingerprint: KeyFingerprint,
    /// Of the first key, for ever.
    pub(super) verification: [u8; 36],
    /// The responder's public value, to accept again until the initiator shows itself.
    pub(super) accepted: Option<Vec<u8>>,
    pub(super) agreed: Agreed,
}

/// What else an agreement gives.
#[derive(Debug)]
pub(super) enum Agreed {
    X25519 {
        transcript: Transcript,
        chain: Secret<32>,
        check: [u8; 36],
        discard_keys: DiscardKeys,
    },
    #[cfg(feature = "telegram")]
    Telegram,
}

impl Keys {
    fn of_x25519(established: Established, accepted: Option<Vec<u8>>) -> Self {
        let Established { transcript, chat_key, fingerprint, chain, check, discard_keys } = established;
        let verification = transcript.verification();
        let agreed = Agreed::X25519 { transcript, chain, check, discard_keys };
        Self { chat_key, fingerprint, verification, accepted, agreed }
    }

    #[cfg(feature = "telegram")]
    fn of_telegram(chat_key: ChatKey, accepted: Option<Vec<u8>>) -> Self {
        let fingerprint = fingerprint::key_fingerprint(&chat_key);
        let verification = fingerprint::verification(&chat_key);
        Self { chat_key, fingerprint, verification, accepted, agreed: Agreed::Telegram }
    }

    /// The key of what `sender` sends.
    pub(super) fn message_key(&self, sender: Role) -> MessageKey<'_> {
        let x = match self.agreed {
            Agreed::X25519 { .. } => Offset::x25519(sender),
            #[cfg(feature = "telegram")]
            Agreed::Telegram => Offset::telegram(sender),
        };
        MessageKey { chat_key: &self.chat_key, fingerprint: self.fingerprint, x }
    }

    /// The proof that `sender` gives with its Discard; Telegram has none.
    pub(super) fn prove_discard(&self, sender: Role, history: bool) -> Option<[u8; 32]> {
        match &self.agreed {
            Agreed::X25519 { discard_keys, .. } => Some(discard_keys.prove(sender, history)),
            #[cfg(feature = "telegram")]
            Agreed::Telegram => None,
        }
    }

    /// Why a Discard of `sender` ends the chat.
    pub(super) fn check_discard(
        &self,
        sender: Role,
        history: bool,
        proof: Option<&[u8; 32]>,
    ) -> Result<CloseReason, PeerFault> {
        match &self.agreed {
            Agreed::X25519 { discard_keys, .. } => {
                discard_keys.check(sender, history, proof.ok_or(PeerFault::NotAuthentic)?)?;
                Ok(CloseReason::ByPeer)
            }
            #[cfg(feature = "telegram")]
            Agreed::Telegram => Ok(CloseReason::ByServerOrPeer),
        }
    }
}
