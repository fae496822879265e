//! Facts that a chat learns without a batch of their own: what the transport has accepted, how long messages rest, and what
//! came under unknown keys (SPEC DRV-2, DRV-9, REC-8).

use alloc::vec::Vec;

use crate::chat::Chat;
use crate::chat::model::{Delivery, Outgoing, Rest};
use crate::types::id::SeqNo;

/// One thing learned. It causes no batch, so no attacker can cause writes at will, and a restart may lose it. It is
/// therefore not part of a commit group, and is kept however the turn ends.
#[derive(Debug)]
pub(in crate::chat) enum Note {
    /// How long a message of ours is not repeated.
    Rest(SeqNo, Rest),
    /// The transport has accepted a message of ours. The next batch writes that (SPEC DRV-9).
    Carried(SeqNo),
    /// The last message of ours is repeated although the transport has accepted it.
    Awake(SeqNo),
    /// A message under an unknown key, by its `msg_key`.
    UnknownKey([u8; 16]),
    /// The host has been notified of such messages.
    SuspicionTold,
}

impl Chat {
    /// Keeps the notes of a turn.
    pub(super) fn note(&mut self, notes: Vec<Note>) {
        for note in notes {
            match note {
                Note::Rest(slot, rest) => self.outbox.set_rest(slot, rest),
                Note::Carried(slot) => {
                    if let Some(carried) = self.outbox.get(slot).map(Outgoing::carried) {
                        self.outbox.put(carried);
                    }
                    if let Some(records) = &mut self.records {
                        records.behind.insert(slot);
                    }
                }
                Note::Awake(slot) => {
                    if let Some(entry) = self.outbox.get(slot) {
                        let awake = Outgoing { delivery: Delivery::Asked, ..entry.clone() };
                        self.outbox.put(awake);
                    }
                }
                Note::UnknownKey(msg_key) => {
                    let acknowledged = self.state.slots.acknowledged;
                    // A peer that has shown the same key leaves no doubt.
                    if self.doubt.as_mut().is_some_and(|doubt| !doubt.count(msg_key, acknowledged)) {
                        self.doubt = None;
                    }
                }
                Note::SuspicionTold => self.doubt.iter_mut().for_each(|doubt| doubt.was_told()),
            }
        }
    }
}
