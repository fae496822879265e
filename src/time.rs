//! Time as the crate sees it: the host's clock value, the chat's logical clock, self-destruct timers.

use crate::error::ApiMisuse;

/// A moment on the host's clock: milliseconds since the Unix epoch.
///
/// Server-synchronised where there is a server. The crate never reads a clock; it is told the time with each call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// From whole seconds since the Unix epoch, as Telegram's dates are; a negative date is the epoch.
    #[must_use]
    pub const fn from_unix_seconds(seconds: i32) -> Self {
        Self((if seconds < 0 { 0 } else { seconds.unsigned_abs() }) as u64 * 1000)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }
}

/// Logical time: milliseconds that the chat has seen pass since it was created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Elapsed(u64);

impl Elapsed {
    /// From milliseconds.
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
/// Deadlines are kept in [`Elapsed`]. A host clock that jumps forward fires them early; one that jumps back costs at
/// most the interval in which the chat was not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogicalClock {
    raw: Timestamp,
    elapsed: Elapsed,
}

impl LogicalClock {
    /// A clock that starts at `now` with nothing elapsed.
    #[must_use]
    pub const fn start(now: Timestamp) -> Self {
        Self { raw: now, elapsed: Elapsed(0) }
    }

    /// A clock as it was stored: the last raw time and what had elapsed by then.
    #[must_use]
    pub const fn resume(raw: Timestamp, elapsed: Elapsed) -> Self {
        Self { raw, elapsed }
    }

    /// The clock after the host said `now`; the caller commits it only if the call succeeds.
    #[must_use]
    pub const fn advanced(self, now: Timestamp) -> Self {
        let step = now.0.saturating_sub(self.raw.0);
        Self { raw: now, elapsed: self.elapsed.after(step) }
    }

    /// The last host time taken over.
    #[must_use]
    pub const fn raw(self) -> Timestamp {
        self.raw
    }

    /// Logical time passed so far.
    #[must_use]
    pub const fn elapsed(self) -> Elapsed {
        self.elapsed
    }

    /// When the host has to call for `deadline`, on its own clock.
    #[must_use]
    pub const fn raw_deadline(self, deadline: Elapsed) -> Timestamp {
        Timestamp(self.raw.0.saturating_add(deadline.0.saturating_sub(self.elapsed.0)))
    }
}

/// A self-destruct timer as each message carries it (SPEC TIME-2): off, 1 second to 1 year, or view once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ttl(i32);

impl Ttl {
    /// No timer.
    pub const OFF: Self = Self(0);
    /// Gone when closed after the first view, without a countdown: `0x7fff_ffff` on the wire.
    pub const VIEW_ONCE: Self = Self(i32::MAX);
    /// The shortest timer, one second.
    pub const SHORTEST: Self = Self(1);
    /// The longest timer, one year (as Android caps it).
    pub const MAX_SECONDS: u32 = 31_536_000;

    /// A timer that this side chooses; 0 is [`Ttl::OFF`], `0x7fff_ffff` is [`Ttl::VIEW_ONCE`] (SPEC TIME-2).
    ///
    /// # Errors
    /// [`ApiMisuse::TtlTooLong`] for any other number beyond [`Ttl::MAX_SECONDS`].
    pub fn from_seconds(seconds: u32) -> Result<Self, ApiMisuse> {
        match i32::try_from(seconds) {
            Ok(i32::MAX) => Ok(Self::VIEW_ONCE),
            Ok(wire) if seconds <= Self::MAX_SECONDS => Ok(Self(wire)),
            _ => Err(ApiMisuse::TtlTooLong),
        }
    }

    /// The peer's value: negative is off, more than a year is a year, `0x7fff_ffff` is view once.
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

    /// The value as it stands in a message.
    #[must_use]
    pub const fn to_wire(self) -> i32 {
        self.0
    }

    /// Whether this is [`Ttl::OFF`].
    #[must_use]
    pub const fn is_off(self) -> bool {
        self.0 == 0
    }

    /// Whether this is a countdown of at most a minute: such media are opened one by one (SPEC DES-3).
    #[must_use]
    pub const fn is_short(self) -> bool {
        matches!(self.0, 1..=60)
    }

    /// Whether this is [`Ttl::VIEW_ONCE`].
    #[must_use]
    pub const fn is_view_once(self) -> bool {
        self.0 == i32::MAX
    }

    /// The countdown in milliseconds; `None` for off and for view once.
    #[must_use]
    pub const fn countdown_millis(self) -> Option<u64> {
        match self.0 {
            0 | i32::MAX => None,
            seconds => Some(seconds.unsigned_abs() as u64 * 1000),
        }
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
        assert_eq!(clock.advanced(at(u64::MAX)).advanced(at(0)).advanced(at(u64::MAX)).elapsed(), Elapsed(u64::MAX));
    }

    // bug-report class "TTL extremes": the values and their meaning are the and the public pages'.
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
        assert_eq!(Ttl::VIEW_ONCE.countdown_millis(), None);
        assert_eq!(Ttl::from_wire(5).countdown_millis(), Some(5_000));
    }

    #[test]
    fn dates_before_the_epoch_are_the_epoch() {
        assert_eq!(Timestamp::from_unix_seconds(-1), Timestamp::default());
        assert_eq!(Timestamp::from_unix_seconds(i32::MAX).as_millis(), 2_147_483_647_000);
    }
}
