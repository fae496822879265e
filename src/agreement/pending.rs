//! One interface to the agreement of every profile.

#[cfg(any(feature = "hybrid", feature = "telegram"))]
use alloc::boxed::Box;
use alloc::vec::Vec;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;

#[cfg(feature = "hybrid")]
use super::hybrid;
#[cfg(feature = "telegram")]
use super::telegram;
use super::{Binding, CheckedRequest, Established, x25519};
#[cfg(feature = "telegram")]
use crate::crypto::fingerprint;
use crate::crypto::kdf::ChatKey;
use crate::crypto::schedule::{DiscardKeys, Exporter, Transcript};
use crate::crypto::server_random::ExponentMask;
use crate::profile::Profile;
use crate::record::{Decode, Decoder, Encode, Encoder};
use crate::types::error::{ApiMisuse, PeerFault, StoreError};
use crate::types::id::KeyFingerprint;
use crate::types::secret::Secret;

/// A request that waits for its answer.
#[derive(Debug)]
pub(crate) enum Pending {
    X25519(x25519::Request),
    #[cfg(feature = "hybrid")]
    Hybrid(Box<hybrid::Request>),
    #[cfg(feature = "telegram")]
    Telegram(Box<telegram::Request>),
}

/// The result of an agreement.
#[derive(Debug)]
pub(crate) struct Agreed {
    pub(crate) chat_key: ChatKey,
    /// The key's name on the wire.
    pub(crate) fingerprint: KeyFingerprint,
    /// The value that the users compare. Only that of the first agreement counts.
    pub(crate) verification: [u8; 36],
    /// The other keys of the root, in a profile whose keys are bound.
    pub(crate) root_keys: Option<RootKeys>,
}

/// The values that a root yields besides the chat key (SPEC X25-3).
#[derive(Debug)]
pub(crate) struct RootKeys {
    pub(crate) transcript: Transcript,
    pub(crate) chain: Secret<32>,
    pub(crate) check: [u8; 36],
    pub(crate) discard_keys: DiscardKeys,
    pub(crate) exporter: Exporter,
}

/// Makes a request. `mask` is mixed into an exponent, which only the Telegram profile has.
#[cfg_attr(not(feature = "telegram"), expect(unused_variables, reason = "no other profile has exponents"))]
pub(crate) fn request(profile: &Profile, mask: &ExponentMask, rng: &mut dyn CryptoRng) -> Result<Pending, ApiMisuse> {
    Ok(match profile {
        Profile::X25519 => Pending::X25519(x25519::Request::new(rng)),
        #[cfg(feature = "hybrid")]
        Profile::X25519MlKem768 => Pending::Hybrid(Box::new(hybrid::Request::new(rng))),
        #[cfg(feature = "telegram")]
        Profile::Telegram { group, .. } => Pending::Telegram(Box::new(telegram::Request::new(group, mask, rng)?)),
    })
}

impl Pending {
    /// Returns the public value to send to the peer.
    pub(crate) fn public(&self) -> &[u8] {
        match self {
            Self::X25519(request) => request.public(),
            #[cfg(feature = "hybrid")]
            Self::Hybrid(request) => request.public(),
            #[cfg(feature = "telegram")]
            Self::Telegram(request) => request.public(),
        }
    }

    /// Computes the keys from the public value of the answer, and compares their fingerprint in constant time with
    /// the one that came with it (SPEC X25-5, MODP-6, REKEY-3).
    pub(crate) fn confirm(
        &self,
        binding: &Binding<'_>,
        answer: &[u8],
        fingerprint: KeyFingerprint,
    ) -> Result<Agreed, PeerFault> {
        let agreed = match self {
            Self::X25519(request) => Agreed::bound(request.confirm(binding, answer)?),
            #[cfg(feature = "hybrid")]
            Self::Hybrid(request) => Agreed::bound(request.confirm(binding, answer)?),
            #[cfg(feature = "telegram")]
            Self::Telegram(request) => Agreed::telegram(request.confirm(answer)?),
        };
        let same = agreed.fingerprint.to_bytes().ct_eq(&fingerprint.to_bytes());
        if bool::from(same) { Ok(agreed) } else { Err(PeerFault::FingerprintMismatch) }
    }

    /// Copies the request for the same exchange. There is no `Clone`, so every copy is visible in the code.
    pub(crate) fn duplicate(&self) -> Self {
        match self {
            Self::X25519(request) => Self::X25519(request.duplicate()),
            #[cfg(feature = "hybrid")]
            Self::Hybrid(request) => Self::Hybrid(Box::new(request.duplicate())),
            #[cfg(feature = "telegram")]
            Self::Telegram(request) => Self::Telegram(Box::new(request.duplicate())),
        }
    }
}

/// Stores the secret of the request. Its public value is computed again.
impl Encode for Pending {
    fn encode(&self, to: &mut Encoder<'_>) {
        match self {
            Self::X25519(request) => request.scalar().encode(to),
            #[cfg(feature = "hybrid")]
            Self::Hybrid(request) => {
                request.scalar().encode(to);
                request.seed().encode(to);
            }
            #[cfg(feature = "telegram")]
            Self::Telegram(request) => request.exponent().encode(to),
        }
    }
}

impl Decode<Profile> for Pending {
    fn decode(from: &mut Decoder<'_>, profile: &Profile) -> Result<Self, StoreError> {
        Ok(match profile {
            Profile::X25519 => Self::X25519(x25519::Request::resume(from.take()?)),
            #[cfg(feature = "hybrid")]
            Profile::X25519MlKem768 => Self::Hybrid(Box::new(hybrid::Request::resume(from.take()?, from.take()?))),
            #[cfg(feature = "telegram")]
            Profile::Telegram { group, .. } => {
                let request = telegram::Request::resume(group, from.take()?).ok_or(StoreError::Damaged)?;
                Self::Telegram(Box::new(request))
            }
        })
    }
}

/// Answers a request that was checked, and returns the public value for the peer and the keys. Fails only if the
/// generator gives nothing usable or draws the peer's own secret.
#[cfg_attr(not(feature = "telegram"), expect(unused_variables, reason = "no other profile has exponents"))]
pub(crate) fn answer(
    profile: &Profile,
    binding: &Binding<'_>,
    request: &CheckedRequest,
    mask: &ExponentMask,
    rng: &mut dyn CryptoRng,
) -> Result<(Vec<u8>, Agreed), ApiMisuse> {
    match profile {
        Profile::X25519 => {
            let answered = x25519::answer(binding, request.as_bytes(), rng).map_err(|_| ApiMisuse::UnusableRng);
            answered.map(|(public, established)| (public.to_vec(), Agreed::bound(established)))
        }
        #[cfg(feature = "hybrid")]
        Profile::X25519MlKem768 => {
            let answered = hybrid::answer(binding, request.as_bytes(), rng).map_err(|_| ApiMisuse::UnusableRng);
            answered.map(|(public, established)| (public.to_vec(), Agreed::bound(established)))
        }
        #[cfg(feature = "telegram")]
        Profile::Telegram { group, .. } => {
            let (public, chat_key) = telegram::answer(group, request, mask, rng)?;
            Ok((public.to_vec(), Agreed::telegram(chat_key)))
        }
    }
}

impl Agreed {
    fn bound(established: Established) -> Self {
        let Established { transcript, chat_key, fingerprint, chain, check, discard_keys, exporter } = established;
        let verification = transcript.verification();
        let root_keys = Some(RootKeys { transcript, chain, check, discard_keys, exporter });
        Self { chat_key, fingerprint, verification, root_keys }
    }

    #[cfg(feature = "telegram")]
    fn telegram(chat_key: ChatKey) -> Self {
        let fingerprint = fingerprint::key_fingerprint(&chat_key);
        Self { verification: fingerprint::verification(&chat_key), chat_key, fingerprint, root_keys: None }
    }
}

#[cfg(test)]
mod tests {
    use std::vec;

    use super::*;
    #[cfg(feature = "telegram")]
    use crate::crypto::modp::DhGroup;
    use crate::crypto::schedule::{Ends, Rekey};
    #[cfg(feature = "telegram")]
    use crate::profile::PeerPolicy;
    use crate::types::id::{ExchangeId, Role};

    fn profiles() -> Vec<Profile> {
        vec![
            Profile::X25519,
            #[cfg(feature = "hybrid")]
            Profile::X25519MlKem768,
            #[cfg(feature = "telegram")]
            Profile::Telegram { group: DhGroup::published(3).unwrap(), peer: PeerPolicy::Default },
        ]
    }

    /// Runs both ends of an exchange, with a generator for each draw that they make.
    fn agree(profile: &Profile, binding: &Binding<'_>, other: &Binding<'_>) -> (Agreed, Result<Agreed, PeerFault>) {
        let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
        let pending = request(profile, &None, rng).unwrap();
        let checked = CheckedRequest::check(profile, pending.public()).unwrap();
        assert_eq!(checked.as_bytes(), pending.public());
        let (public, answered) = answer(profile, binding, &checked, &None, rng).unwrap();
        let confirmed = pending.confirm(other, &public, answered.fingerprint);

        // A wrong answer leaves the request unchanged, and differs from a wrong fingerprint.
        let wrong = KeyFingerprint::from_bytes([0; 8]);
        assert_eq!(pending.confirm(other, &public, wrong).unwrap_err(), PeerFault::FingerprintMismatch);
        let long = [&public[..], &[1, 1]].concat();
        for bad in [pending.public(), &[], &long] {
            assert_eq!(pending.confirm(other, bad, answered.fingerprint).unwrap_err(), PeerFault::BadPublicValue);
        }
        (answered, confirmed)
    }

    #[test]
    fn both_ends_get_the_same_keys_in_the_handshake_and_in_a_rekey() {
        for profile in profiles() {
            let ends = Binding::Handshake(Ends::new(b"a", b"b", b"").unwrap());
            let (answered, confirmed) = agree(&profile, &ends, &ends);
            let confirmed = confirmed.unwrap();
            assert!(bool::from(answered.chat_key.ct_eq(&confirmed.chat_key)));
            assert_eq!(answered.verification, confirmed.verification);
            assert_eq!(answered.root_keys.is_some(), profile.rules().keys_are_bound);

            let rekey = |keys: &Agreed, starter, check: &dyn Fn(&Binding<'_>)| match &keys.root_keys {
                Some(RootKeys { transcript, chain, .. }) => {
                    check(&Binding::Rekey(Rekey { chain, transcript, exchange_id: ExchangeId(1), starter }));
                }
                None => check(&Binding::Nothing),
            };
            rekey(&answered, Role::Responder, &|binding| {
                let (answered, confirmed) = agree(&profile, binding, binding);
                assert!(bool::from(answered.chat_key.ct_eq(&confirmed.unwrap().chat_key)));
            });
            rekey(&confirmed, Role::Initiator, &|other| {
                rekey(&answered, Role::Responder, &|binding| {
                    let (_, confirmed) = agree(&profile, binding, other);
                    assert_eq!(confirmed.is_ok(), !profile.rules().keys_are_bound, "it is bound to who started");
                });
            });
        }
    }

    #[test]
    fn a_key_that_must_be_bound_is_never_bound_to_nothing() {
        let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
        for profile in profiles().iter().filter(|profile| profile.rules().keys_are_bound) {
            let pending = request(profile, &None, rng).unwrap();
            let checked = CheckedRequest::check(profile, pending.public()).unwrap();
            let answered = answer(profile, &Binding::Nothing, &checked, &None, rng);
            assert_eq!(answered.unwrap_err(), ApiMisuse::UnusableRng);
        }
    }
}
