//! Bounds on the timers that the peer may impose (SPEC DES-13).

use super::Ttl;
use crate::types::error::ApiMisuse;

/// Bounds on the timers that the peer may set for messages of this end (SPEC DES-13). By default every timer is
/// allowed.
///
/// ```
/// use secretchat::{Ttl, TtlBounds};
///
/// # fn main() -> Result<(), secretchat::ApiMisuse> {
/// // Nobody makes what we write unreadable within seconds, or has it stay for longer than a week.
/// let bounds = TtlBounds::new(Ttl::from_seconds(5)?, Ttl::from_seconds(604_800)?)?;
/// assert_eq!(bounds.bound(Ttl::SHORTEST), Ttl::from_seconds(5)?);
/// assert_eq!(bounds.bound(Ttl::from_seconds(31_536_000)?), Ttl::from_seconds(604_800)?);
/// assert_eq!(bounds.bound(Ttl::OFF), Ttl::OFF);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TtlBounds {
    shortest: Ttl,
    longest: Ttl,
}

impl TtlBounds {
    /// Creates bounds from two countdowns, both inclusive.
    ///
    /// # Errors
    /// [`ApiMisuse::TtlBounds`] if either is off or view once, or if the first is longer than the second.
    pub fn new(shortest: Ttl, longest: Ttl) -> Result<Self, ApiMisuse> {
        let bounds = shortest.countdown().zip(longest.countdown());
        if bounds.is_some_and(|(shortest, longest)| shortest <= longest) {
            Ok(Self { shortest, longest })
        } else {
            Err(ApiMisuse::TtlBounds)
        }
    }

    /// Returns the shortest timer that is accepted.
    #[must_use]
    pub const fn shortest(self) -> Ttl {
        self.shortest
    }

    /// Returns the longest timer that is accepted.
    #[must_use]
    pub const fn longest(self) -> Ttl {
        self.longest
    }

    /// Returns the timer that applies when the peer sets `ttl`: the nearest one within the bounds. Off stays off.
    /// View once counts as shorter than every countdown, and stays view once only without bounds.
    #[must_use]
    pub fn bound(self, ttl: Ttl) -> Ttl {
        match ttl.countdown() {
            None if ttl.is_off() || self == Self::default() => ttl,
            None => self.shortest,
            Some(life) if self.shortest.countdown().is_some_and(|shortest| life < shortest) => self.shortest,
            Some(life) if self.longest.countdown().is_some_and(|longest| life > longest) => self.longest,
            Some(_) => ttl,
        }
    }
}

impl Default for TtlBounds {
    /// Returns the widest bounds: one second to one year.
    fn default() -> Self {
        Self { shortest: Ttl::SHORTEST, longest: Ttl::LONGEST }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ttl(seconds: u32) -> Ttl {
        Ttl::from_seconds(seconds).unwrap()
    }

    // SPEC DES-13.
    #[test]
    fn a_timer_is_taken_as_the_nearest_one_within_the_bounds() {
        let bounds = TtlBounds::new(ttl(5), ttl(60)).unwrap();
        for (asked, taken) in [(1, 5), (4, 5), (5, 5), (6, 6), (60, 60), (61, 60), (31_536_000, 60), (0, 0)] {
            assert_eq!(bounds.bound(ttl(asked)), ttl(taken), "{asked}");
            assert_eq!(TtlBounds::default().bound(ttl(asked)), ttl(asked), "{asked}");
        }
        assert_eq!(bounds.bound(Ttl::VIEW_ONCE), ttl(5));
        assert_eq!(TtlBounds::default().bound(Ttl::VIEW_ONCE), Ttl::VIEW_ONCE);
        assert_eq!(TtlBounds::new(ttl(7), ttl(7)).unwrap().bound(ttl(1)), ttl(7));
    }

    #[test]
    fn bounds_are_two_countdowns_in_their_order() {
        for (shortest, longest) in
            [(ttl(6), ttl(5)), (Ttl::OFF, ttl(5)), (ttl(5), Ttl::OFF), (ttl(5), Ttl::VIEW_ONCE), (Ttl::OFF, Ttl::OFF)]
        {
            assert_eq!(TtlBounds::new(shortest, longest), Err(ApiMisuse::TtlBounds));
        }
        assert_eq!(TtlBounds::new(ttl(1), ttl(31_536_000)), Ok(TtlBounds::default()));
    }
}
