//! Empty messages that take the slot of a message whose content is destroyed before the peer acknowledged it (SPEC
//! SEQ-8).

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::seal::Header;
use crate::chat::Chat;
use crate::chat::model::{Keys, Kind, Outgoing};
use crate::chat::turn::{Draws, Turn};
use crate::envelope::DirectionKey;
use crate::record::Written;
use crate::types::error::ApiMisuse;
use crate::types::id::{KeyFingerprint, RandomId, SeqNo};
use crate::wire::{ActionDeleteMessages, DecryptedMessage, DecryptedMessageAction, Service17, Vector};

impl Turn<'_> {
    /// Destroys the content of those of our messages that the peer has not acknowledged. Each is replaced by an
    /// empty one, once.
    pub(in crate::chat) fn destroy(&mut self, random_ids: &[RandomId]) {
        let outbox = &self.chat.outbox;
        for random_id in random_ids {
            outbox.of_id(*random_id).for_each(|entry| self.empty(entry.slot));
        }
    }

    /// Destroys the content of all of them. No new ones come within a turn, so once is enough.
    pub(in crate::chat) fn destroy_all(&mut self) {
        if !core::mem::replace(&mut self.outbox.all_emptied, true) {
            let outbox = &self.chat.outbox;
            outbox.iter().for_each(|entry| self.empty(entry.slot));
        }
    }

    fn empty(&mut self, slot: SeqNo) {
        // The same turn may have noted that the transport accepted it.
        let Some(entry) = self.outbox.get(slot) else { return };
        if entry.kind != Kind::Written || entry.emptied || slot < self.state.slots.acknowledged {
            return;
        }
        // The replacement is smaller than what it replaces and needs no draw that could be unusable.
        if let Some(empty) = self.emptied(slot) {
            self.outbox.put(empty);
        }
    }

    /// Returns the entry of a slot without its content: a deletion of itself, or a Noop in place of a service
    /// message. It has the same numbers, id, layer and key, and is silent.
    pub(in crate::chat) fn emptied(&mut self, slot: SeqNo) -> Option<Outgoing> {
        let Self { chat, rng, phase, outbox, .. } = self;
        let entry = outbox.get(slot)?;
        let sealed = match &entry.replacement {
            Some(sealed) => sealed.clone(),
            None => {
                // A key that this turn has wiped still exists until the commit.
                let keys = [phase.keys(), chat.keys()];
                let key = keys.into_iter().flatten().find_map(|keys| chat.key_of(entry, keys))?;
                chat.seal_replacement(entry, &key, rng).ok()?
            }
        };
        Some(Outgoing {
            slot,
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

    /// Seals now the possible replacements of messages whose key this turn wipes. A slot therefore never changes
    /// its key, and no key is kept for it.
    pub(in crate::chat) fn seal_before_wiping(&mut self) {
        let Self { chat, rng, state, phase, outbox, .. } = self;
        let (Some(before), Some(after)) = (chat.keys(), phase.keys()) else { return };
        let offset = chat.rules().offset(chat.setup.role);
        let held = |keys: &Keys, fingerprint| keys.sealing_key(fingerprint, offset).is_some();
        let gone: Vec<KeyFingerprint> =
            before.sealing_fingerprints().filter(|fingerprint| !held(after, *fingerprint)).collect();
        if gone.is_empty() {
            return;
        }
        let kept = chat.outbox.iter().filter(|entry| entry.slot >= state.slots.acknowledged);
        let kept = kept.filter(|entry| outbox.replacement(entry.slot).is_none());
        let sealed: Vec<Outgoing> = kept
            .chain(outbox.changed())
            .filter(|entry| !entry.emptied && entry.replacement.is_none())
            .filter(|entry| entry.fingerprint().is_some_and(|fingerprint| gone.contains(&fingerprint)))
            .filter_map(|entry| {
                let key = chat.key_of(entry, before)?;
                let replacement = chat.seal_replacement(entry, &key, rng).ok()?;
                Some(Outgoing { replacement: Some(replacement), ..entry.clone() })
            })
            .collect();
        sealed.into_iter().for_each(|entry| outbox.put(entry));
    }
}

impl Chat {
    fn key_of<'k>(&self, entry: &Outgoing, keys: &'k Keys) -> Option<DirectionKey<'k>> {
        keys.sealing_key(entry.fingerprint()?, self.rules().offset(self.setup.role))
    }

    fn seal_replacement(
        &self,
        entry: &Outgoing,
        key: &DirectionKey<'_>,
        rng: &mut Draws<'_>,
    ) -> Result<Box<[u8]>, ApiMisuse> {
        let own_id = [entry.random_id.0];
        let random_ids = Vector::new(&own_id).ok_or(ApiMisuse::MessageTooLong)?;
        let action = if entry.kind == Kind::Written {
            DecryptedMessageAction::DeleteMessages(ActionDeleteMessages { random_ids })
        } else {
            DecryptedMessageAction::Noop
        };
        let message = DecryptedMessage::Service17(Service17 { random_id: entry.random_id.0, action });
        let header = Header { layer: entry.layer, in_seq_no: entry.in_seq_no, slot: entry.slot };
        let sizes = self.sizes(&message)?;
        rng.read_ahead(sizes.drawn());
        self.seal(key, &header, &message, &sizes, rng)
    }
}
