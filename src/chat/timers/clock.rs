//! The clock in the records while a timer runs: how far it may lag, and how much a restart adds to it (SPEC DES-12).

use crate::chat::Chat;
use crate::chat::model::State;
use crate::chat::turn::Turn;
use crate::types::time::{Elapsed, LogicalClock};

/// The fraction of the shortest remaining life that may be lost to a kill.
const LAG_SHARE: u64 = 8;
/// The least that may be lost, in milliseconds, so that the last seconds of a life do not cause ever more writes.
const LAG_AT_LEAST: u64 = 1_000;
/// The most that may be lost, in milliseconds, so that a restart costs a long life no noticeable time.
const LAG_AT_MOST: u64 = 60_000;

impl Chat {
    /// Returns when the time must be written to the records, or `None` while no timer runs. This is at once if they
    /// lag too far behind, or if the host's clock was set back: a chat restored from them would otherwise see less
    /// time pass than this one.
    pub(in crate::chat) fn clock_deadline(&self, state: &State) -> Option<Elapsed> {
        let due = self.clock_due()?;
        let (clock, written) = (state.clock, self.written_clock);
        let since = |now: u64, then: u64| i128::from(now) - i128::from(then);
        let seen = since(clock.elapsed().as_millis(), written.elapsed().as_millis());
        let on_the_wall = since(clock.raw().as_millis(), written.raw().as_millis());
        // The wall clock differs a little from a monotonic clock at every call.
        let slack = if state.options.monotonic.is_some() { LAG_AT_LEAST } else { 0 };
        let set_back = seen > on_the_wall + i128::from(slack);
        Some(if set_back { clock.elapsed() } else { due })
    }

    /// Returns when the records lag too far behind.
    fn clock_due(&self) -> Option<Elapsed> {
        self.records.as_ref()?;
        let written = self.written_clock.elapsed();
        let life = self.timed.next_deadline()?.as_millis().saturating_sub(written.as_millis());
        Some(written.after((life / LAG_SHARE).clamp(LAG_AT_LEAST, LAG_AT_MOST)))
    }
}

impl Turn<'_> {
    /// Adds the time that the records may have missed, for a restart while a timer runs. A process that is killed
    /// again and again while its clock is set back therefore prolongs no life. Time measured by a monotonic clock
    /// is known.
    pub(in crate::chat) fn count_restart(&mut self) {
        let (before, now) = (self.chat.state.options.monotonic, self.state.options.monotonic);
        let measured = now.zip(before).is_some_and(|(now, before)| now.since(before).is_some());
        if let Some(due) = self.chat.clock_due().filter(|_| !measured) {
            let clock = self.state.clock;
            self.state.clock = LogicalClock::resume(clock.raw(), clock.elapsed().max(due));
        }
    }
}
