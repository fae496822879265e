//! A clock that nobody can set (SPEC TIME-4).

use core::time::Duration;

use super::timestamp::millis;

/// A reading of a monotonic clock: how long the device has run since it started, including sleep (SPEC TIME-4).
///
/// A user can set the wall clock, and thereby fire timers early or prolong them. If you also pass a monotonic
/// reading ([`Env::with_monotonic`](crate::Env::with_monotonic)), it wins wherever two readings can be compared.
///
/// **It must keep running while the device sleeps.** A clock that stops during sleep prolongs every timer by the
/// sleep. [`std::time::Instant`](https://doc.rust-lang.org/std/time/struct.Instant.html) stops on several systems.
///
/// | system | clock | boot |
/// |---|---|---|
/// | Linux, Android | `CLOCK_BOOTTIME`, or `/proc/uptime` | `/proc/sys/kernel/random/boot_id` |
/// | macOS, iOS | `mach_continuous_time` | `kern.bootsessionuuid` |
/// | Windows | `QueryInterruptTime` | a number that is drawn when the process starts |
///
/// ```
/// use core::time::Duration;
/// use secretchat::Monotonic;
///
/// const BOOT: u128 = 0x9f1c_2b5e_7a60_4d1f_8f0e_3a77_51c2_d9b4;
/// let (before, now) = (Monotonic::new(BOOT, Duration::from_secs(60)), Monotonic::new(BOOT, Duration::from_secs(90)));
/// assert_eq!(now.since(before), Some(Duration::from_secs(30)));
/// // After the next start of the device nothing is known, and the wall clock counts.
/// assert_eq!(Monotonic::new(BOOT + 1, Duration::from_secs(1)).since(now), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Monotonic {
    /// Stored as bytes, because a `u128` would align every chat to 16.
    boot: [u8; 16],
    millis: u64,
}

impl Monotonic {
    /// Creates a reading. `boot` identifies what the clock counts from: use a new number for each start of the
    /// device, or of the process where the system has none. Fractions of a millisecond are dropped.
    #[must_use]
    pub fn new(boot: u128, since_boot: Duration) -> Self {
        Self { boot: boot.to_le_bytes(), millis: millis(since_boot) }
    }

    /// Returns the number of the start from which the clock counts.
    #[must_use]
    pub const fn boot(self) -> u128 {
        u128::from_le_bytes(self.boot)
    }

    /// Returns the time since that start.
    #[must_use]
    pub const fn since_boot(self) -> Duration {
        Duration::from_millis(self.millis)
    }

    /// Returns the time since an earlier reading, or `None` if the two cannot be compared: they count from
    /// different starts, or this one is smaller, which no monotonic clock can be.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Option<Duration> {
        if self.boot() != earlier.boot() {
            return None;
        }
        match self.millis.checked_sub(earlier.millis) {
            Some(millis) => Some(Duration::from_millis(millis)),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_readings_of_one_start_compare() {
        let at = |boot, millis| Monotonic::new(boot, Duration::from_millis(millis));
        assert_eq!(at(1, 50).since(at(1, 20)), Some(Duration::from_millis(30)));
        assert_eq!(at(1, 50).since(at(1, 50)), Some(Duration::ZERO));
        assert_eq!(at(1, 49).since(at(1, 50)), None, "it went back");
        assert_eq!(at(2, 50).since(at(1, 20)), None, "another start");
        assert_eq!(Monotonic::new(1, Duration::from_micros(1_999)), at(1, 1));
        assert_eq!(Monotonic::new(u128::MAX, Duration::MAX).since_boot(), Duration::from_millis(u64::MAX));
    }
}
