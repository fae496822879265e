//! What takes the slot of a message whose content is destroyed before the peer acknowledged it (SPEC SEQ-8).

use alloc::vec::Vec;

use rand_core::CryptoRng;

use super::Chat;
use super::group::Change;
use super::keys::Keys;
use super::queue::{Kind, Outgoing};
use super::send::Header;
use crate::envelope::DirectionKey;
use crate::error::{ApiMisuse, CallError, Unavailable};
use crate::id::KeyFingerprint;
use crate::record::Written;
use crate::wire::{ActionDeleteMessages, DecryptedMessage, DecryptedMessageAction, Service17, Vector};

impl Chat {
    /// The entry without its content: the deletion of itself, or a Noop in place of a service message; same numbers, same
    /// id, same layer, same key, silent.
    pub(super) fn emptied(
        &self,
        entry: &Outgoing,
        change: &Change,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outgoing, CallError> {
        let sealed = match &entry.replacement {
            Some(sealed) => sealed.clone(),
            None => {
                // A key that this call has wiped is still there until the commit.
                let keys = [change.keys(self), self.keys()];
                let key = keys.into_iter().flatten().find_map(|keys| self.key_of(entry, keys));
                self.seal_replacement(entry, &key.ok_or(Unavailable::NotReady)?, rng)?
            }
        };
        Ok(Outgoing {
            slot: entry.slot,
            in_seq_no: entry.in_seq_no,
            random_id: entry.random_id,
            layer: entry.layer,
            kind: entry.kind,
            ttl: entry.ttl,
            noop: entry.kind != Kind::Written,
            silent: true,
            delivery: entry.delivery,
            told: entry.told,
            emptied: true,
            file: None,
            sealed,
            replacement: None,
            rest: entry.rest,
            written: Written::default(),
        })
    }

    /// Seals now what may have to replace messages later: those under a key that this change wipes. So a slot never
    /// changes its key, and no key is kept for it.
    pub(super) fn seal_before_wiping(&self, change: &mut Change, rng: &mut dyn CryptoRng) {
        let (Some(before), Some(after)) = (self.keys(), change.keys(self)) else { return };
        let held =
            |keys: &Keys, fingerprint| keys.sealing_key(fingerprint, self.rules().offset(self.setup.role)).is_some();
        let gone: Vec<KeyFingerprint> =
            before.sealing_fingerprints().filter(|fingerprint| !held(after, *fingerprint)).collect();
        if gone.is_empty() {
            return;
        }
        let acknowledged = change.state.counters.acknowledged;
        let kept = self.outbox.iter().filter(|entry| entry.slot >= acknowledged);
        let kept = kept.filter(|entry| change.replacement(entry.slot).is_none());
        let sealed: Vec<Outgoing> = kept
            .chain(&change.outgoing)
            .filter(|entry| !entry.emptied && entry.replacement.is_none())
            .filter(|entry| entry.fingerprint().is_some_and(|fingerprint| gone.contains(&fingerprint)))
            .filter_map(|entry| {
                let key = self.key_of(entry, before)?;
                let replacement = self.seal_replacement(entry, &key, rng).ok()?;
                Some(Outgoing { replacement: Some(replacement), ..entry.clone() })
            })
            .collect();
        sealed.into_iter().for_each(|entry| change.put_outgoing(entry));
    }

    fn key_of<'k>(&self, entry: &Outgoing, keys: &'k Keys) -> Option<DirectionKey<'k>> {
        keys.sealing_key(entry.fingerprint()?, self.rules().offset(self.setup.role))
    }

    fn seal_replacement(
        &self,
        entry: &Outgoing,
        key: &DirectionKey<'_>,
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<u8>, ApiMisuse> {
        let own_id = [entry.random_id.0];
        let random_ids = Vector::new(&own_id).ok_or(ApiMisuse::MessageTooLong)?;
        let action = if entry.kind == Kind::Written {
            DecryptedMessageAction::DeleteMessages(ActionDeleteMessages { random_ids })
        } else {
            DecryptedMessageAction::Noop
        };
        let message = DecryptedMessage::Service17(Service17 { random_id: entry.random_id.0, action });
        let header = Header { layer: entry.layer, in_seq_no: entry.in_seq_no, slot: entry.slot };
        self.seal(key, &header, &message, rng)
    }
}
