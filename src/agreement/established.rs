//! The keys of a profile that binds them (SPEC X25-3, X25-7).

use super::Binding;
use crate::crypto::kdf::ChatKey;
use crate::crypto::schedule::{DiscardKeys, Exporter, Labels, Root, Transcript};
use crate::types::error::PeerFault;
use crate::types::id::KeyFingerprint;
use crate::types::secret::Secret;

/// Everything that an agreement gives.
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
    /// What a host's own secrets come from.
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
            exporter: root.exporter(),
        })
    }
}
