//! A moment on the host's clock.

use core::time::Duration;
#[cfg(feature = "std")]
use std::time::SystemTime;

/// A moment on the host's clock: milliseconds since the Unix epoch.
///
/// Synchronise it with the server if there is one. The crate never reads a clock: the host passes the time to each
/// call.
///
/// ```
/// use core::time::Duration;
/// use secretchat::Timestamp;
///
/// let date = Timestamp::from_unix_seconds(1_700_000_000);
/// assert_eq!(date.saturating_add(Duration::from_millis(1_500)).as_millis(), 1_700_000_001_500);
///
/// # #[cfg(feature = "std")] {
/// use std::time::SystemTime;
/// let now = Timestamp::from(SystemTime::now());
/// assert!(date.until(now) > Duration::ZERO);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub(super) u64);

impl Timestamp {
    /// Creates a moment from milliseconds since the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Returns the milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Creates a moment from whole seconds since the Unix epoch. A negative number counts as the epoch.
    #[must_use]
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        let seconds = if seconds < 0 { 0 } else { seconds.unsigned_abs() };
        Self(seconds.saturating_mul(1000))
    }

    /// Returns the whole seconds since the Unix epoch. Fractions are dropped.
    #[must_use]
    pub const fn as_unix_seconds(self) -> i64 {
        // A thousandth of a `u64` fits.
        (self.0 / 1000).cast_signed()
    }

    /// Creates a moment from a date of Telegram's API: seconds in 32 bits. A negative date counts as the epoch.
    #[must_use]
    pub const fn from_telegram(date: i32) -> Self {
        Self::from_unix_seconds(date as i64)
    }

    /// Returns the date for Telegram's API. After January 2038 it is the last one that fits 32 bits.
    #[must_use]
    pub fn to_telegram(self) -> i32 {
        i32::try_from(self.as_unix_seconds()).unwrap_or(i32::MAX)
    }

    /// Returns the moment `duration` later, at most the largest value. Fractions of a millisecond are dropped.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    /// Returns the time from this moment until `later`, or zero if `later` is not later. This is how long a host
    /// may sleep until a timeout.
    #[must_use]
    pub const fn until(self, later: Self) -> Duration {
        Duration::from_millis(later.0.saturating_sub(self.0))
    }
}

/// Converts times before the Unix epoch to the epoch. Fractions of a millisecond are dropped.
#[cfg(feature = "std")]
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        Self::default().saturating_add(time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
    }
}

/// Returns the moment itself as the error if the system cannot express it.
#[cfg(feature = "std")]
impl TryFrom<Timestamp> for SystemTime {
    type Error = Timestamp;

    fn try_from(moment: Timestamp) -> Result<Self, Timestamp> {
        Self::UNIX_EPOCH.checked_add(Duration::from_millis(moment.0)).ok_or(moment)
    }
}

/// Returns the whole milliseconds, at most `u64::MAX`.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_before_the_epoch_are_the_epoch() {
        assert_eq!(Timestamp::from_unix_seconds(-1), Timestamp::default());
        assert_eq!(Timestamp::from_telegram(-1), Timestamp::default());
        assert_eq!(Timestamp::from_telegram(i32::MAX).as_millis(), 2_147_483_647_000);
    }

    #[test]
    fn far_dates_stop_at_the_last_one() {
        assert_eq!(Timestamp::from_unix_seconds(i64::MAX).as_millis(), u64::MAX);
        assert_eq!(Timestamp::from_millis(u64::MAX).to_telegram(), i32::MAX);
        assert_eq!(Timestamp::from_telegram(i32::MAX).to_telegram(), i32::MAX);
        assert_eq!(Timestamp::from_millis(1_999).as_unix_seconds(), 1);
        assert_eq!(Timestamp::from_millis(5).saturating_add(Duration::MAX).as_millis(), u64::MAX);
        assert_eq!(Timestamp::from_millis(5).until(Timestamp::default()), Duration::ZERO);
    }

    #[cfg(feature = "std")]
    #[test]
    fn a_moment_comes_back_from_the_system() {
        let moment = Timestamp::from_millis(1_700_000_000_123);
        assert_eq!(SystemTime::try_from(moment).map(Timestamp::from), Ok(moment));
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(Timestamp::from(before), Timestamp::default());
    }
}
