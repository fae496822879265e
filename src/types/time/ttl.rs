//! Self-destruct timers as messages carry them (SPEC TIME-2).

use core::time::Duration;

use crate::types::error::ApiMisuse;

/// A self-destruct timer as each message carries it (SPEC TIME-2): off, 1 second to 1 year, or view once.
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use core::time::Duration;
/// use secretchat::{Draft, Ttl};
///
/// let draft = Draft::text("gone in a minute").with_ttl(Ttl::new(Duration::from_secs(60))?);
/// let glimpse = Draft::text("once").with_ttl(Ttl::VIEW_ONCE);
/// # assert_eq!(Ttl::from_seconds(60)?.countdown(), Some(Duration::from_secs(60)));
/// # drop((draft, glimpse));
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ttl(i32);

impl Ttl {
    /// No timer.
    pub const OFF: Self = Self(0);
    /// Ends when the message is closed after its first view, without a countdown. On the wire it is `0x7fff_ffff`.
    pub const VIEW_ONCE: Self = Self(i32::MAX);
    /// The shortest timer, one second.
    pub const SHORTEST: Self = Self(1);
    /// The longest timer, one year.
    pub const LONGEST: Self = Self(Self::MAX_SECONDS.cast_signed());
    /// The seconds of the longest timer, one year (as Android caps it).
    pub const MAX_SECONDS: u32 = 31_536_000;

    /// Creates a timer from a duration. Fractions of a second round up, so a timer never becomes none.
    ///
    /// ```
    /// use core::time::Duration;
    /// use secretchat::Ttl;
    ///
    /// # fn main() -> Result<(), secretchat::ApiMisuse> {
    /// assert_eq!(Ttl::new(Duration::from_secs(30))?, Ttl::from_seconds(30)?);
    /// assert_eq!(Ttl::new(Duration::from_millis(1))?, Ttl::SHORTEST);
    /// assert_eq!(Ttl::new(Duration::ZERO)?, Ttl::OFF);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ApiMisuse::TtlTooLong`] above [`Ttl::MAX_SECONDS`].
    pub fn new(duration: Duration) -> Result<Self, ApiMisuse> {
        let part = u64::from(duration.subsec_nanos() > 0);
        let seconds = u32::try_from(duration.as_secs().saturating_add(part)).map_err(|_| ApiMisuse::TtlTooLong)?;
        if seconds > Self::MAX_SECONDS { Err(ApiMisuse::TtlTooLong) } else { Self::from_seconds(seconds) }
    }

    /// Creates a timer from whole seconds. 0 is [`Ttl::OFF`], `0x7fff_ffff` is [`Ttl::VIEW_ONCE`] (SPEC TIME-2).
    ///
    /// # Errors
    /// [`ApiMisuse::TtlTooLong`] for any other number above [`Ttl::MAX_SECONDS`].
    pub fn from_seconds(seconds: u32) -> Result<Self, ApiMisuse> {
        match i32::try_from(seconds) {
            Ok(i32::MAX) => Ok(Self::VIEW_ONCE),
            Ok(wire) if seconds <= Self::MAX_SECONDS => Ok(Self(wire)),
            _ => Err(ApiMisuse::TtlTooLong),
        }
    }

    /// Reads the value of a message: a negative value is off, more than a year is a year, `0x7fff_ffff` is view
    /// once.
    #[must_use]
    pub const fn from_wire(wire: i32) -> Self {
        const YEAR: i32 = Ttl::MAX_SECONDS.cast_signed();
        match wire {
            i32::MAX => Self::VIEW_ONCE,
            ..=0 => Self::OFF,
            1..=YEAR => Self(wire),
            _ => Self(YEAR),
        }
    }

    /// Returns the value as a message carries it.
    #[must_use]
    pub const fn to_wire(self) -> i32 {
        self.0
    }

    /// Returns whether this is [`Ttl::OFF`].
    #[must_use]
    pub const fn is_off(self) -> bool {
        self.0 == 0
    }

    /// Returns whether this is a countdown of at most one minute. Media with such a timer are opened one by one
    /// (SPEC DES-3).
    #[must_use]
    pub const fn is_short(self) -> bool {
        matches!(self.0, 1..=60)
    }

    /// Returns whether this is [`Ttl::VIEW_ONCE`].
    #[must_use]
    pub const fn is_view_once(self) -> bool {
        self.0 == i32::MAX
    }

    /// Returns how long the message lives after its timer starts, or `None` for off and view once.
    #[must_use]
    pub const fn countdown(self) -> Option<Duration> {
        match self.0 {
            0 | i32::MAX => None,
            seconds => Some(Duration::from_secs(seconds.unsigned_abs() as u64)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // bug-report class "TTL extremes": the values and their meaning come from the issue and the public
    // documentation.
    #[test]
    fn ttl_of_the_peer_is_clamped() {
        for (wire, expected) in [
            (i32::MIN, 0),
            (-1, 0),
            (0, 0),
            (1, 1),
            (60, 60),
            (61, 61),
            (604_800, 604_800),
            (31_536_000, 31_536_000),
            (31_536_001, 31_536_000),
            (i32::MAX - 1, 31_536_000),
            (i32::MAX, i32::MAX),
        ] {
            assert_eq!(Ttl::from_wire(wire).to_wire(), expected, "{wire}");
        }
        assert_eq!(Ttl::from_seconds(31_536_000).map(Ttl::to_wire), Ok(31_536_000));
        assert_eq!(Ttl::from_seconds(31_536_001), Err(ApiMisuse::TtlTooLong));
        assert_eq!(Ttl::from_seconds(0), Ok(Ttl::OFF));
        assert_eq!(Ttl::from_seconds(0x7fff_ffff), Ok(Ttl::VIEW_ONCE));
        assert_eq!(Ttl::from_seconds(0x7fff_fffe), Err(ApiMisuse::TtlTooLong));
        assert_eq!(Ttl::VIEW_ONCE.countdown(), None);
        assert_eq!(Ttl::from_wire(5).countdown(), Some(Duration::from_secs(5)));
    }

    #[test]
    fn a_duration_is_rounded_up_to_seconds() {
        let year = Duration::from_secs(31_536_000);
        assert_eq!(Ttl::new(year).map(Ttl::to_wire), Ok(31_536_000));
        for long in [year + Duration::from_nanos(1), Duration::from_secs(0x7fff_ffff), Duration::MAX] {
            assert_eq!(Ttl::new(long), Err(ApiMisuse::TtlTooLong));
        }
        assert_eq!(Ttl::new(Duration::from_millis(1_001)).map(Ttl::to_wire), Ok(2));
    }
}
