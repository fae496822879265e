//! Messages under unknown keys after a restart: a sign that the records of one end are old (SPEC REC-8).

use crate::types::id::SeqNo;

/// How many different messages under unknown keys count as a sign. Fewer may be honest repeats from before the last
/// new key.
const SIGNS: usize = 3;

/// Such messages, as seen by a restored chat.
#[derive(Debug)]
pub(in crate::chat) struct Doubt {
    /// How many messages it had made. A peer that acknowledges a later one has the same key.
    sent: SeqNo,
    /// The `msg_key` of each message that it could not open.
    seen: [Option<[u8; 16]>; SIGNS],
    told: bool,
}

impl Doubt {
    pub(in crate::chat) fn begins(sent: SeqNo) -> Self {
        Self { sent, seen: [None; SIGNS], told: false }
    }

    /// Counts a message that no key opens. Returns `false` once the peer has shown that it has the same key.
    pub(in crate::chat) fn count(&mut self, msg_key: [u8; 16], acknowledged: SeqNo) -> bool {
        if !self.seen.contains(&Some(msg_key))
            && let Some(free) = self.seen.iter_mut().find(|seen| seen.is_none())
        {
            *free = Some(msg_key);
        }
        acknowledged <= self.sent
    }

    /// Returns whether the host must be notified, which happens once.
    pub(in crate::chat) fn is_to_be_told(&self, acknowledged: SeqNo) -> bool {
        self.seen.iter().all(Option::is_some) && !self.told && acknowledged <= self.sent
    }

    pub(in crate::chat) fn was_told(&mut self) {
        self.told = true;
    }
}
