//! Messages under unknown keys after a restart: a sign that the records of one end are old (SPEC REC-8).

use super::Chat;
use crate::id::SeqNo;

/// How many different messages under unknown keys are a sign. Fewer may be honest repeats from before the last new key.
const SIGNS: usize = 3;

/// What a restored chat has seen of them.
#[derive(Debug)]
pub(super) struct Doubt {
    /// How many messages it had made. Who acknowledges a later one has the same key.
    sent: SeqNo,
    /// The `msg_key` of what it could not open.
    seen: [Option<[u8; 16]>; SIGNS],
    told: bool,
}

impl Doubt {
    pub(super) fn begins(sent: SeqNo) -> Self {
        Self { sent, seen: [None; SIGNS], told: false }
    }

    fn is_certain(&self) -> bool {
        self.seen.iter().all(Option::is_some)
    }
}

impl Chat {
    /// Whether the host is to be told; it is once.
    pub(super) fn doubt_is_certain(&self) -> bool {
        let proved = |doubt: &Doubt| self.state.counters.acknowledged > doubt.sent;
        self.doubt.as_ref().is_some_and(|doubt| doubt.is_certain() && !doubt.told && !proved(doubt))
    }

    /// Counts a message that no key opens. Anyone may have made it up, so it changes nothing else.
    pub(super) fn count_unknown_key(&mut self, name: [u8; 16]) {
        let Some(doubt) = &mut self.doubt else { return };
        if self.state.counters.acknowledged > doubt.sent {
            self.doubt = None;
        } else if !doubt.seen.contains(&Some(name))
            && let Some(free) = doubt.seen.iter_mut().find(|seen| seen.is_none())
        {
            *free = Some(name);
        }
    }

    pub(super) fn suspicion_was_told(&mut self) {
        if let Some(doubt) = &mut self.doubt {
            doubt.told = true;
        }
    }
}
