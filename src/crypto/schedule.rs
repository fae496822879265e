//! The HKDF-SHA-256 key schedule of profiles that bind their keys (SPEC X25-3, X25-6, X25-7). Every label is normative.

use core::fmt;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use super::kdf::ChatKey;
use crate::types::error::{ApiMisuse, PeerFault};
use crate::types::id::{ExchangeId, KeyFingerprint, Role};
use crate::types::secret::Secret;

const ROOT: &[u8] = b"secretchat/1 root";
const CHAT_KEY: &[u8] = b"secretchat/1 chat key";
const FINGERPRINT: &[u8] = b"secretchat/1 fingerprint";
const CHAIN: &[u8] = b"secretchat/1 chain";
const CHECK: &[u8] = b"secretchat/1 check";
const DISCARD: &[u8] = b"secretchat/1 discard";
const DISCARD_RECEIPT: &[u8] = b"secretchat/1 discard receipt";
const EXPORTER: &[u8] = b"secretchat/1 exporter";
const EXPORTED: &[u8] = b"secretchat/1 exported";
const VERIFICATION: &[u8] = b"secretchat/1 verification";

/// The version in the transcript.
const VERSION: u16 = 1;

/// The labels that separate the keys of one profile from those of another.
#[derive(Clone, Copy, Debug)]
pub struct Labels {
    transcript: &'static [u8],
    handshake: &'static [u8],
    rekey: &'static [u8],
}

impl Labels {
    /// The labels of the X25519 profile.
    pub const X25519: Self = Self {
        transcript: b"secretchat/1 x25519 transcript",
        handshake: b"secretchat/1 x25519 handshake",
        rekey: b"secretchat/1 rekey",
    };

    /// The labels of the hybrid profile.
    pub const X25519_ML_KEM_768: Self = Self {
        transcript: b"secretchat/1 x25519mlkem768 transcript",
        handshake: b"secretchat/1 x25519mlkem768 handshake",
        rekey: b"secretchat/1 x25519mlkem768 rekey",
    };
}

/// The two ends and the context. The bytes must be equal at both ends, and are bound into every key.
#[derive(Clone, Copy, Debug)]
pub struct Ends<'a> {
    initiator: &'a [u8],
    responder: &'a [u8],
    context: &'a [u8],
}

impl<'a> Ends<'a> {
    /// The longest id and the longest context, in bytes. This leaves room for any identity scheme, and bounds
    /// records.
    pub const MAX_LEN: usize = 1024;

    /// Checks the lengths, and that the two ids differ.
    ///
    /// # Errors
    /// [`ApiMisuse::IdLength`], [`ApiMisuse::IdsEqual`].
    pub fn new(initiator: &'a [u8], responder: &'a [u8], context: &'a [u8]) -> Result<Self, ApiMisuse> {
        let id_fits = |id: &[u8]| (1..=Self::MAX_LEN).contains(&id.len());
        if !id_fits(initiator) || !id_fits(responder) || context.len() > Self::MAX_LEN {
            return Err(ApiMisuse::IdLength);
        }
        if initiator == responder {
            return Err(ApiMisuse::IdsEqual);
        }
        Ok(Self { initiator, responder, context })
    }
}

/// The hash of everything that both ends must agree on: `th`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Transcript([u8; 32]);

impl Transcript {
    /// Hashes the ends and the two public values of the handshake. The profile fixes the lengths of the values.
    #[must_use]
    pub fn new(labels: &Labels, ends: &Ends<'_>, request: &[u8], answer: &[u8]) -> Self {
        let hash = Sha256::new();
        let hash = length_prefixed(hash, labels.transcript).chain_update(VERSION.to_le_bytes());
        let hash = length_prefixed(hash, ends.initiator);
        let hash = length_prefixed(hash, ends.responder);
        let hash = length_prefixed(hash, ends.context);
        Self(hash.chain_update(request).chain_update(answer).finalize().into())
    }

    /// Creates a transcript from its stored bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// Returns the 36 bytes that the two users compare. They come from the handshake and never change.
    #[must_use]
    pub fn verification(self) -> [u8; 36] {
        expand(&extract(VERIFICATION, &self.0), &[VERIFICATION])
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(_) = self;
        f.write_str("Transcript(..)")
    }
}

/// The values to which a rekey is bound: the chat, its past, and the exchange.
#[derive(Clone, Copy, Debug)]
pub struct Rekey<'a> {
    /// The chain of the current key.
    pub chain: &'a Secret<32>,
    /// The transcript of the handshake.
    pub transcript: &'a Transcript,
    /// The name of the exchange.
    pub exchange_id: ExchangeId,
    /// The end that made the request.
    pub starter: Role,
}

/// The secret of one key epoch. All others are derived from it, and it is wiped as soon as they exist.
#[derive(Debug)]
pub struct Root(Secret<32>);

impl Root {
    /// Derives the root of the handshake.
    #[must_use]
    pub fn of_handshake<const N: usize>(labels: &Labels, shared: &Secret<N>, transcript: &Transcript) -> Self {
        Self::derive(labels.handshake, shared, &[ROOT, &transcript.0])
    }

    /// Derives the root of a rekey from the secret of the exchange and its two public values.
    #[must_use]
    pub fn of_rekey<const N: usize>(
        labels: &Labels,
        shared: &Secret<N>,
        rekey: &Rekey<'_>,
        request: &[u8],
        answer: &[u8],
    ) -> Self {
        let Rekey { chain, transcript, exchange_id, starter } = rekey;
        let starter = match starter {
            Role::Initiator => [0],
            Role::Responder => [1],
        };
        let info: [&[u8]; 6] = [labels.rekey, &transcript.0, &exchange_id.0.to_le_bytes(), &starter, request, answer];
        Self::derive(chain.expose(), shared, &info)
    }

    fn derive<const N: usize>(salt: &[u8], shared: &Secret<N>, info: &[&[u8]]) -> Self {
        let hkdf = extract(salt, shared.expose());
        Self(Secret::fill_with(|root| expand_into(&hkdf, info, root)))
    }

    /// Derives the message keys of both directions: bytes 0..128 for the initiator's, 128..256 for the responder's.
    #[must_use]
    pub fn chat_key(&self) -> ChatKey {
        Secret::fill_with(|key| expand_into(&self.hkdf(), &[CHAT_KEY], key))
    }

    /// Derives the key's name on the wire.
    #[must_use]
    pub fn fingerprint(&self) -> KeyFingerprint {
        KeyFingerprint::from_bytes(expand(&self.hkdf(), &[FINGERPRINT]))
    }

    /// Derives the value to which the next rekey is bound.
    #[must_use]
    pub fn chain(&self) -> Secret<32> {
        Secret::fill_with(|chain| expand_into(&self.hkdf(), &[CHAIN], chain))
    }

    /// Derives the 36 bytes that users may compare again after a rekey.
    #[must_use]
    pub fn check(&self) -> [u8; 36] {
        expand(&self.hkdf(), &[CHECK])
    }

    /// Derives the keys that prove the Discards of this root.
    #[must_use]
    pub fn discard_keys(&self) -> DiscardKeys {
        let both = Secret::<64>::fill_with(|keys| expand_into(&self.hkdf(), &[DISCARD], keys));
        let half = |skip| {
            DiscardKey(Secret::fill_with(|key| {
                for (to, from) in key.iter_mut().zip(both.expose().iter().skip(skip)) {
                    *to = *from;
                }
            }))
        };
        DiscardKeys { initiator: half(0), responder: half(32) }
    }

    /// Derives the source of a host's own secrets.
    #[must_use]
    pub fn exporter(&self) -> Exporter {
        Exporter(Secret::fill_with(|exporter| expand_into(&self.hkdf(), &[EXPORTER], exporter)))
    }

    fn hkdf(&self) -> Hkdf<Sha256> {
        keyed(&self.0)
    }
}

/// The source of a host's own secrets under one root (SPEC EXP-1).
#[derive(Debug)]
pub struct Exporter(Secret<32>);

impl Exporter {
    /// The longest secret, in bytes: the most that HKDF gives.
    pub const MAX_LEN: usize = 255 * 32;
    /// The longest label, in bytes.
    pub const MAX_LABEL: usize = 255;

    /// Creates an exporter from its stored bytes.
    #[must_use]
    pub const fn new(key: Secret<32>) -> Self {
        Self(key)
    }

    /// Derives a separate secret for each label, context and length.
    ///
    /// # Errors
    /// [`ApiMisuse::ExportLength`].
    pub fn export<const N: usize>(&self, label: &[u8], context: &[u8]) -> Result<Secret<N>, ApiMisuse> {
        let mut done = Ok(());
        let secret = Secret::fill_with(|out| done = self.export_into(label, context, out));
        done.map(|()| secret)
    }

    /// Does the same, for as many bytes as `secret` has. An error leaves them unchanged.
    ///
    /// # Errors
    /// [`ApiMisuse::ExportLength`].
    pub fn export_into(&self, label: &[u8], context: &[u8], secret: &mut [u8]) -> Result<(), ApiMisuse> {
        let (Ok(length), Ok(context_length)) = (u32::try_from(secret.len()), u32::try_from(context.len())) else {
            return Err(ApiMisuse::ExportLength);
        };
        let label_length = u32::try_from(label.len()).unwrap_or(u32::MAX);
        if !(1..=Self::MAX_LEN).contains(&secret.len()) || !(1..=Self::MAX_LABEL).contains(&label.len()) {
            return Err(ApiMisuse::ExportLength);
        }
        let [length, label_length, context_length] = [length, label_length, context_length].map(u32::to_le_bytes);
        let info: [&[u8]; 6] = [EXPORTED, &length, &label_length, label, &context_length, context];
        keyed(&self.0).expand_multi_info(&info, secret).map_err(|_| ApiMisuse::ExportLength)
    }

    /// Copies the exporter. There is no `Clone`, so every copy is visible in the code.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self(self.0.duplicate())
    }

    /// Returns the key, for storing.
    #[must_use]
    pub const fn secret(&self) -> &Secret<32> {
        &self.0
    }
}

impl PartialEq for Exporter {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// The keys that prove the Discards of one root, one for each role.
#[derive(Debug)]
pub struct DiscardKeys {
    initiator: DiscardKey,
    responder: DiscardKey,
}

impl DiscardKeys {
    /// Returns the key that proves the Discards of `maker`.
    #[must_use]
    pub const fn of(&self, maker: Role) -> &DiscardKey {
        match maker {
            Role::Initiator => &self.initiator,
            Role::Responder => &self.responder,
        }
    }

    /// Returns the key with which `own` makes Discards, and the one with which it checks the peer's.
    #[must_use]
    pub fn split(self, own: Role) -> (DiscardKey, DiscardKey) {
        let Self { initiator, responder } = self;
        match own {
            Role::Initiator => (initiator, responder),
            Role::Responder => (responder, initiator),
        }
    }
}

/// Proves the Discards of one end under one root, and that this end is closed (SPEC X25-6, X25-11).
#[derive(Debug)]
pub struct DiscardKey(Secret<32>);

impl DiscardKey {
    /// Creates a key from its stored bytes.
    #[must_use]
    pub const fn new(key: Secret<32>) -> Self {
        Self(key)
    }

    /// Returns the bytes, for storing.
    #[must_use]
    pub const fn secret(&self) -> &Secret<32> {
        &self.0
    }

    /// Copies the key. There is no `Clone`, so every copy is visible in the code.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self(self.0.duplicate())
    }

    /// Returns the proof of a Discard by an end that had made `sent` messages.
    #[must_use]
    pub fn prove(&self, history: bool, sent: u32) -> [u8; 32] {
        self.discard(history, sent).finalize().into_bytes().into()
    }

    /// Checks the proof of a Discard in constant time.
    ///
    /// # Errors
    /// [`PeerFault::NotAuthentic`].
    pub fn check(&self, history: bool, sent: u32, proof: &[u8; 32]) -> Result<(), PeerFault> {
        self.discard(history, sent).verify_slice(proof).map_err(|_| PeerFault::NotAuthentic)
    }

    /// Returns the receipt of this key's end: the proof that it is closed, and its answer to each Discard.
    #[must_use]
    pub fn receipt(&self) -> [u8; 32] {
        self.mac().chain_update(DISCARD_RECEIPT).finalize().into_bytes().into()
    }

    fn discard(&self, history: bool, sent: u32) -> Hmac<Sha256> {
        self.mac().chain_update(DISCARD).chain_update([u8::from(history)]).chain_update(sent.to_le_bytes())
    }

    fn mac(&self) -> Hmac<Sha256> {
        match <Hmac<Sha256> as KeyInit>::new_from_slice(self.0.expose()) {
            Ok(mac) => mac,
            Err(_) => unreachable_length(),
        }
    }
}

fn length_prefixed(hash: Sha256, bytes: &[u8]) -> Sha256 {
    // `Ends` holds at most 1,024 bytes each, so the length always fits.
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    hash.chain_update(length.to_le_bytes()).chain_update(bytes)
}

/// Computes HKDF-Extract. The crate `hkdf` would drop the pseudorandom key without wiping it.
pub(crate) fn extract(salt: &[u8], ikm: &[u8]) -> Hkdf<Sha256> {
    let (mut prk, hkdf) = Hkdf::extract(Some(salt), ikm);
    prk.as_mut_slice().zeroize();
    hkdf
}

/// Takes a uniform secret as the pseudorandom key itself (RFC 5869 section 3.3).
pub(crate) fn keyed(prk: &Secret<32>) -> Hkdf<Sha256> {
    match Hkdf::from_prk(prk.expose()) {
        Ok(hkdf) => hkdf,
        Err(_) => unreachable_length(),
    }
}

fn expand<const N: usize>(hkdf: &Hkdf<Sha256>, info: &[&[u8]]) -> [u8; N] {
    let mut out = [0; N];
    expand_into(hkdf, info, &mut out);
    out
}

/// Computes HKDF-Expand to a constant length, so it cannot fail.
pub(crate) fn expand_into<const N: usize>(hkdf: &Hkdf<Sha256>, info: &[&[u8]], out: &mut [u8; N]) {
    const { assert!(N <= 255 * 32, "RFC 5869 section 2.3") };
    if hkdf.expand_multi_info(info, out).is_err() {
        unreachable_length()
    }
}

#[expect(clippy::unreachable, reason = "each length is a constant that the primitive accepts")]
fn unreachable_length() -> ! {
    unreachable!("a constant length that the primitive accepts")
}
