//! The keys of a profile that binds them (SPEC X25-3, X25-7).

use super::Binding;
use crate::crypto::kdf::ChatKey;
use crate::crypto::schedule::{DiscardKeys, Exporter, Labels, Root, Transcript};
use crate::types::error::PeerFault;
use crate::types::id::KeyFingerprint;
use crate::types::secret::Secret;

/// Everything that an agreement yields.
#[derive(Debug)]
pub struct Established {
    /// The transcript of the handshake. It binds ids, context and both public values into every later key.
    pub transcript: Transcript,
    /// The message keys.
    pub chat_key: ChatKey,
    /// The name of these keys on the wire.
    pub fingerprint: KeyFingerprint,
    /// The value to which the next rekey is bound.
    pub chain: Secret<32>,
    /// The value that users may compare again after a rekey.
    pub check: [u8; 36],
    /// The keys that prove the Discards of both ends under this root.
    pub discard_keys: DiscardKeys,
    /// The source of a host's own secrets.
    pub exporter: Exporter,
}

impl Established {
    /// Derives the keys from the secret of an exchange and its two public values, whose lengths the profile fixes.
    pub(super) fn derive<const N: usize>(
        labels: &Labels,
        binding: &Binding<'_>,
        shared: &Secret<N>,
        request: &[u8],
        answer: &[u8],
    ) -> Result<Self, PeerFault> {
        let (root, transcript) = match binding {
            Binding::Handshake(ends) => {
                let transcript = Transcript::new(labels, ends, request, answer);
                (Root::of_handshake(labels, shared, &transcript), transcript)
            }
            Binding::Rekey(rekey) => (Root::of_rekey(labels, shared, rekey, request, answer), *rekey.transcript),
            // An unbound key could belong to anybody.
            Binding::Nothing => return Err(PeerFault::BadPublicValue),
        };
        Ok(Self {
            transcript,
            chat_key: root.chat_key(),
            fingerprint: root.fingerprint(),
            chain: root.chain(),
            check: root.check(),
            discard_keys: root.discard_keys(),
            exporter: root.exporter(),
        })
    }
}
