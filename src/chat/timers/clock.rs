//! The clock in the records while a timer runs: how far it may lag, and what a restart counts for it (SPEC DES-8).

use crate::chat::Chat;
use crate::chat::turn::Turn;
use crate::types::time::{Elapsed, LogicalClock};

/// Which part of the shortest remaining life may be lost to a kill,
const LAG_SHARE: u64 = 8;
/// in milliseconds at least this, so that the last seconds of a life are not written ever more often,
const LAG_AT_LEAST: u64 = 1_000;
/// and at most this, so that a restart costs a long life nothing that anyone would notice.
const LAG_AT_MOST: u64 = 60_000;

impl Chat {
    /// Returns when the records have to be told the time; `None` while no timer runs. At once where they lag too far
    /// behind, or the host's clock was set back, so that a chat restored from them would see less time pass than this
    /// one.
    pub(in crate::chat) fn clock_deadline(&self, clock: LogicalClock) -> Option<Elapsed> {
        let (due, written) = (self.clock_due()?, self.written_clock);
        let set_back = written.raw() > clock.raw() || written.advanced(clock.raw()).elapsed() < clock.elapsed();
        Some(if set_back { clock.elapsed() } else { due })
    }

    /// Returns when the records lag too far.
    fn clock_due(&self) -> Option<Elapsed> {
        self.records.as_ref()?;
        let written = self.written_clock.elapsed();
        let life = self.timed.next_deadline()?.as_millis().saturating_sub(written.as_millis());
        Some(written.after((life / LAG_SHARE).clamp(LAG_AT_LEAST, LAG_AT_MOST)))
    }
}

impl Turn<'_> {
    /// Counts for a restart, while a timer runs, what the records may not have been told of. A process that is killed
    /// again and again while its clock is set back makes no life longer so.
    pub(in crate::chat) fn count_restart(&mut self) {
        if let Some(due) = self.chat.clock_due() {
            let clock = self.state.clock;
            self.state.clock = LogicalClock::resume(clock.raw(), clock.elapsed().max(due));
        }
    }
}
