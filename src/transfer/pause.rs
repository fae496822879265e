//! The pauses between requests.

use core::time::Duration;

use crate::types::time::Timestamp;

/// The first pause (SPEC FILE-6).
const FIRST: Duration = Duration::from_secs(2);

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(60);

/// The time of the next request. Pauses double up to a minute as long as no answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pause {
    at: Timestamp,
    after: Duration,
}

impl Pause {
    /// The first request is due.
    pub(super) const DUE: Self = Self { at: Timestamp::from_millis(0), after: FIRST };

    /// Notes that something has come: the next request waits for silence.
    pub(super) fn begin(now: Timestamp) -> Self {
        Self { at: now.saturating_add(FIRST), after: FIRST }
    }

    pub(super) const fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns whether it is time to ask. Asking begins the next pause.
    pub(super) fn take(&mut self, now: Timestamp) -> bool {
        let is_due = self.at <= now;
        if is_due {
            *self = Self { at: now.saturating_add(self.after), after: self.after.saturating_mul(2).min(LONGEST) };
        }
        is_due
    }
}
