//! The chat's logical clock (SPEC TIME-1).

use core::time::Duration;

use super::Timestamp;
use super::timestamp::millis;

/// Logical time: milliseconds that the chat has seen pass since it was created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Elapsed(u64);

impl Elapsed {
    /// Creates an elapsed time from milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the chat was created.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// This moment plus `millis`; the end of time is not passed.
    #[must_use]
    pub const fn after(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

/// The chat's clock (SPEC TIME-1): steps forward count, steps back do not, and nothing ever freezes.
///
/// Deadlines are kept in [`Elapsed`]. A wall clock that jumps forward fires them early; one that jumps back costs at
/// most the interval in which the chat was not called. Where a monotonic clock says how far it went, neither does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogicalClock {
    raw: Timestamp,
    elapsed: Elapsed,
}

impl LogicalClock {
    /// Creates a clock that starts at `now` with nothing elapsed.
    #[must_use]
    pub const fn start(now: Timestamp) -> Self {
        Self { raw: now, elapsed: Elapsed(0) }
    }

    /// Creates a clock as it was stored: the last raw time and what had elapsed by then.
    #[must_use]
    pub const fn resume(raw: Timestamp, elapsed: Elapsed) -> Self {
        Self { raw, elapsed }
    }

    /// Returns the clock after the host said `now`; the caller commits it only if the call succeeds.
    #[must_use]
    pub const fn advanced(self, now: Timestamp) -> Self {
        let step = now.0.saturating_sub(self.raw.0);
        Self { raw: now, elapsed: self.elapsed.after(step) }
    }

    /// Returns the clock after the host said `now`, while its monotonic clock went on by `step`: that is what passed,
    /// whatever the wall clock says (SPEC TIME-4).
    #[must_use]
    pub fn advanced_by(self, now: Timestamp, step: Duration) -> Self {
        Self { raw: now, elapsed: self.elapsed.after(millis(step)) }
    }

    /// Returns the last host time that was accepted.
    #[must_use]
    pub const fn raw(self) -> Timestamp {
        self.raw
    }

    /// Returns the logical time that has passed so far.
    #[must_use]
    pub const fn elapsed(self) -> Elapsed {
        self.elapsed
    }

    /// Returns when the host has to call for `deadline`, on its own clock.
    #[must_use]
    pub const fn raw_deadline(self, deadline: Elapsed) -> Timestamp {
        Timestamp(self.raw.0.saturating_add(deadline.0.saturating_sub(self.elapsed.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_counts_forward_steps_only() {
        let at = Timestamp::from_millis;
        let clock = LogicalClock::start(at(1_000)).advanced(at(1_500)).advanced(at(200)).advanced(at(260));
        assert_eq!(clock.elapsed(), Elapsed(560));
        assert_eq!(clock.raw(), at(260));
        assert_eq!(clock.raw_deadline(Elapsed(600)), at(300));
        assert_eq!(clock.raw_deadline(Elapsed(10)), at(260), "overdue: at once");
        let step = clock.advanced_by(at(9_000), Duration::from_millis(40));
        assert_eq!((step.elapsed(), step.raw()), (Elapsed(600), at(9_000)), "as far as the monotonic clock went");
        assert_eq!(step.raw_deadline(Elapsed(700)), at(9_100));
        assert_eq!(clock.advanced(at(u64::MAX)).advanced(at(0)).advanced(at(u64::MAX)).elapsed(), Elapsed(u64::MAX));
    }
}
