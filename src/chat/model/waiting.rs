//! The peer's messages until their turn, or until there are keys.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;

use super::plaintext::Plaintext;
use crate::message::IncomingFile;
use crate::profile::Limits;
use crate::record::Written;
use crate::types::buffer::Buffer;
use crate::types::id::{KeyFingerprint, Layer, SeqNo};
use crate::types::time::Timestamp;

/// An authentic message of the peer, opened but not processed.
#[derive(Debug)]
pub(in crate::chat) struct Arrived {
    pub(in crate::chat) slot: SeqNo,
    pub(in crate::chat) in_seq_no: SeqNo,
    /// The name of the key with which it was sealed.
    pub(in crate::chat) fingerprint: KeyFingerprint,
    pub(in crate::chat) layer: Layer,
    /// Whether it was sealed under MTProto 1.0.
    pub(in crate::chat) is_old: bool,
    /// Whether it has as many random bytes as it must have.
    pub(in crate::chat) enough_random_bytes: bool,
    /// Whether it fills a gap that was requested.
    pub(in crate::chat) resent: bool,
    /// Whether it requested a resend and was answered at once.
    pub(in crate::chat) answered: bool,
    pub(in crate::chat) file: Option<IncomingFile>,
    pub(in crate::chat) date: Option<Timestamp>,
    /// The message inside the layer.
    pub(in crate::chat) body: Plaintext,
    /// The record of this message.
    pub(in crate::chat) written: Written,
}

impl Arrived {
    /// Creates a sealed message that came before there were keys. `slot` is its place among these.
    pub(in crate::chat) fn before_keys(
        slot: SeqNo,
        sealed: &[u8],
        file: Option<IncomingFile>,
        date: Option<Timestamp>,
    ) -> Self {
        Self {
            slot,
            in_seq_no: SeqNo::ZERO,
            fingerprint: KeyFingerprint::from_bytes([0; 8]),
            layer: Layer(0),
            is_old: false,
            enough_random_bytes: false,
            resent: false,
            answered: false,
            file,
            date,
            body: Buffer::from(sealed).into(),
            written: Written::default(),
        }
    }

    pub(in crate::chat) fn to_parts(&self) -> (Plaintext, Option<IncomingFile>, Option<Timestamp>) {
        (self.body.clone(), self.file.clone(), self.date)
    }
}

/// Messages that came early, by slot, or before there were keys, by place. Most chats have none, and then there is no
/// box.
#[derive(Debug, Default)]
pub(in crate::chat) struct Waiting(Option<Box<Queue>>);

#[derive(Debug, Default)]
struct Queue {
    entries: BTreeMap<SeqNo, Arrived>,
    bytes: usize,
}

impl Waiting {
    pub(in crate::chat) fn iter(&self) -> impl Iterator<Item = &Arrived> {
        self.0.iter().flat_map(|queue| queue.entries.values())
    }

    pub(in crate::chat) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |queue| queue.entries.len())
    }

    pub(in crate::chat) fn get(&self, slot: SeqNo) -> Option<&Arrived> {
        self.0.as_ref()?.entries.get(&slot)
    }

    /// Returns the first waiting slot at or after `slot`.
    pub(in crate::chat) fn first_from(&self, slot: SeqNo) -> Option<SeqNo> {
        self.0.as_ref()?.entries.range(slot..).next().map(|(slot, _)| *slot)
    }

    /// Returns whether there is room for one more. A peer that skips slots gets no more memory than this.
    pub(in crate::chat) fn has_room_for(&self, arrived: &Arrived, received: SeqNo, limits: &Limits) -> bool {
        let fits = |number: usize, limit: u32| u32::try_from(number).is_ok_and(|number| number <= limit);
        let bytes = self.0.as_ref().map_or(0, |queue| queue.bytes);
        fits(self.len() + 1, limits.waiting_messages)
            && fits(bytes.saturating_add(arrived.body.len()), limits.waiting_bytes)
            && arrived.slot.get() - received.get() <= limits.waiting_span
    }

    pub(in crate::chat) fn put(&mut self, arrived: Arrived) {
        let Queue { entries, bytes } = &mut **self.0.get_or_insert_default();
        *bytes += arrived.body.len();
        if let Some(replaced) = entries.insert(arrived.slot, arrived) {
            *bytes -= replaced.body.len();
        }
    }

    /// Forgets the messages before `slot`.
    pub(in crate::chat) fn free_before(&mut self, slot: SeqNo) {
        let Some(Queue { entries, bytes }) = self.0.as_deref_mut() else { return };
        while let Some(entry) = entries.first_entry().filter(|entry| *entry.key() < slot) {
            *bytes -= entry.remove().body.len();
        }
        if entries.is_empty() {
            self.0 = None;
        }
    }
}
