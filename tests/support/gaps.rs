//! What SPEC SEQ-3, SEQ-9 and SEQ-11 say of the peer's messages that are missing at one end: when they are asked for again.

use std::collections::BTreeSet;

const FIRST_PAUSE: u64 = 30_000;
const LONGEST_PAUSE: u64 = 86_400_000;
const ANEW_AFTER: u64 = 600_000;
const ANEW_AT_MOST: u32 = 32;

/// The slots of the peer, and the requests for the first gap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gaps {
    /// Slots below it were processed.
    received: u32,
    waiting: BTreeSet<u32>,
    /// Since something of a gap came.
    requests: u32,
    /// When the last one was made, in `elapsed`.
    last: u64,
}

impl Gaps {
    /// A message of the peer comes.
    pub(crate) fn arrive(&mut self, slot: u32, now: u64) {
        if slot < self.received || self.waiting.contains(&slot) {
            return;
        }
        let opens_the_first = self.waiting.is_empty() && slot > self.received;
        // All that is missing below what waits was asked for.
        let is_of_a_gap = self.waiting.last().is_some_and(|last| slot < *last);
        self.waiting.insert(slot);
        while self.waiting.remove(&self.received) {
            self.received += 1;
        }
        if self.waiting.is_empty() {
            self.requests = 0;
        } else if opens_the_first || is_of_a_gap {
            (self.requests, self.last) = (1, now);
        }
    }

    /// When the first gap is asked for again.
    pub(crate) fn due(&self) -> Option<u64> {
        let doublings = self.requests.saturating_sub(1).min(20);
        let pause = (FIRST_PAUSE << doublings).min(LONGEST_PAUSE);
        (!self.waiting.is_empty()).then(|| self.last + pause)
    }

    pub(crate) fn is_due(&self, now: u64) -> bool {
        self.due().is_some_and(|due| due <= now)
    }

    /// Time passes.
    pub(crate) fn timeout(&mut self, now: u64) {
        if self.is_due(now) {
            self.ask_again(now);
        }
    }

    /// Everything is sent again (DRV-2). What is due is asked for before.
    pub(crate) fn retransmit(&mut self, now: u64) {
        self.timeout(now);
        if !self.waiting.is_empty() && self.last + ANEW_AFTER <= now && self.requests < ANEW_AT_MOST {
            self.ask_again(now);
        }
    }

    fn ask_again(&mut self, now: u64) {
        self.requests += 1;
        self.last = now;
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.waiting.is_empty()
    }
}
