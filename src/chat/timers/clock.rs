//! The clock in the records while a timer runs: how far it may lag, and what a restart counts for it (SPEC DES-8).

use crate::chat::Chat;
use crate::chat::model::State;
use crate::chat::turn::Turn;
use crate::types::time::{Elapsed, LogicalClock};

/// Which part of the shortest remaining life may be lost to a kill.
const LAG_SHARE: u64 = 8;
/// The least that may be lost, in milliseconds, so that the last seconds of a life are not written ever more often.
const LAG_AT_LEAST: u64 = 1_000;
/// The most that may be lost, in milliseconds, so that a restart costs a long life nothing that anyone would notice.
const LAG_AT_MOST: u64 = 60_000;

impl Chat {
    /// Returns when the records have to be told the time; `None` while no timer runs. At once where they lag too far
    /// behind, or the host's clock was set back, so that a chat restored from them would see less time pass than this
    /// one.
    pub(in crate::chat) fn clock_deadline(&self, state: &State) -> Option<Elapsed> {
        let due = self.clock_due()?;
        let (clock, written) = (state.clock, self.written_clock);
        let since = |now: u64, then: u64| i128::from(now) - i128::from(then);
        let seen = since(clock.elapsed().as_millis(), written.elapsed().as_millis());
        let on_the_wall = since(clock.raw().as_millis(), written.raw().as_millis());
        // From a monotonic clock the wall clock differs by a little at every call.
        let slack = if state.options.monotonic.is_some() { LAG_AT_LEAST } else { 0 };
        let set_back = seen > on_the_wall + i128::from(slack);
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
    /// again and again while its clock is set back makes no life longer so. What a monotonic clock has measured is known.
    pub(in crate::chat) fn count_restart(&mut self) {
        let (before, now) = (self.chat.state.options.monotonic, self.state.options.monotonic);
        let measured = now.zip(before).is_some_and(|(now, before)| now.since(before).is_some());
        if let Some(due) = self.chat.clock_due().filter(|_| !measured) {
            let clock = self.state.clock;
            self.state.clock = LogicalClock::resume(clock.raw(), clock.elapsed().max(due));
        }
    }
}
