//! The chat's logical clock (SPEC TIME-1).

use core::time::Duration;

use super::Timestamp;
use super::timestamp::millis;

/// Logical time: the milliseconds that the chat has seen pass since it was created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Elapsed(u64);

impl Elapsed {
    /// Creates an elapsed time from milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Returns the milliseconds since the chat was created.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Returns this moment plus `millis`, at most the largest value.
    #[must_use]
    pub const fn after(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

/// The chat's clock (SPEC TIME-1). Steps forward count, steps back do not, and the clock never freezes.
///
/// Deadlines are kept as [`Elapsed`]. A wall clock that jumps forward fires them early. One that jumps back delays
/// them by at most the interval in which the chat was not called. With a monotonic clock neither happens.
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

    /// Creates a clock from its stored state: the last raw time and the time elapsed until then.
    #[must_use]
    pub const fn resume(raw: Timestamp, elapsed: Elapsed) -> Self {
        Self { raw, elapsed }
    }

    /// Returns the clock after the host reported `now`. The caller commits it only if the call succeeds.
    #[must_use]
    pub const fn advanced(self, now: Timestamp) -> Self {
        let step = now.0.saturating_sub(self.raw.0);
        Self { raw: now, elapsed: self.elapsed.after(step) }
    }

    /// Returns the clock after the host reported `now` while its monotonic clock advanced by `step`. Then `step` is
    /// the time that passed, whatever the wall clock shows (SPEC TIME-4).
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

    /// Returns the host's clock value at which the host must call for `deadline`.
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
