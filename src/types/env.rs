//! The clocks and the randomness of a call.

use core::convert::Infallible;
use core::fmt;

use rand_core::utils::next_word_via_fill;
use rand_core::{CryptoRng, TryCryptoRng, TryRng};

use crate::types::time::{Monotonic, Timestamp};

/// The clocks and the randomness of one call. A chat keeps the last clock values, and nothing of the generator.
///
/// The generator must be cryptographically secure. By its type it cannot fail: a host whose source of randomness
/// fails must not make the call. An `Env` is not `Send`, and neither is a future that holds one across an `.await`.
/// Make a new one for each call.
///
/// A call that sends a message asks the generator once, and once more if records are kept (SPEC RNG-3). `SysRng` takes
/// 0.2 to 0.6 us each time on a server; to seal the message takes about 0.5 us.
///
/// ```
/// use getrandom::SysRng;
/// use secretchat::rand_core::UnwrapErr;
/// use secretchat::{Env, Timestamp};
///
/// let mut rng = UnwrapErr(SysRng);
/// let env = Env::new(Timestamp::from_unix_seconds(1_700_000_000), &mut rng);
/// # assert_eq!(env.now.as_unix_seconds(), 1_700_000_000);
/// ```
#[non_exhaustive]
pub struct Env<'a> {
    /// The current wall-clock time of the host.
    pub now: Timestamp,
    /// The reading of the host's monotonic clock, if it has one.
    pub monotonic: Option<Monotonic>,
    /// The host's random generator.
    pub rng: &'a mut dyn CryptoRng,
}

impl<'a> Env<'a> {
    /// Creates an `Env` from a clock value and a generator.
    pub fn new(now: Timestamp, rng: &'a mut dyn CryptoRng) -> Self {
        Self { now, monotonic: None, rng }
    }

    /// Adds a reading of a monotonic clock, which then decides how much time has passed. Setting the wall clock can
    /// then neither prolong a message nor end it early (SPEC TIME-4).
    ///
    /// ```
    /// use core::time::Duration;
    /// use secretchat::{Env, Monotonic, Timestamp};
    /// # use secretchat::rand_core::UnwrapErr;
    ///
    /// # let mut rng = UnwrapErr(getrandom::SysRng);
    /// let boot = 17; // counts the starts of the device
    /// let reading = Monotonic::new(boot, Duration::from_secs(3_600));
    /// let env = Env::new(Timestamp::from_unix_seconds(1_700_000_000), &mut rng).with_monotonic(reading);
    /// # assert_eq!(env.monotonic, Some(reading));
    /// ```
    #[must_use]
    pub fn with_monotonic(mut self, reading: impl Into<Option<Monotonic>>) -> Self {
        self.monotonic = reading.into();
        self
    }
}

impl fmt::Debug for Env<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { now, monotonic, rng: _ } = self;
        f.debug_struct("Env").field("now", now).field("monotonic", monotonic).finish_non_exhaustive()
    }
}

/// A generator built from a closure by [`rng_from_fn`].
pub struct FnRng<F>(F);

/// Makes a generator from a closure that fills a buffer with random bytes. Use it when your randomness comes
/// through a C interface, from a browser, or from another version of `rand_core`.
///
/// **All secrecy rests on these bytes.** They must come from a cryptographically secure generator, such as the
/// operating system's, and fill the whole buffer. A closure that cannot provide them must not return: let it panic
/// or end the process.
///
/// ```
/// use secretchat::{Env, Timestamp, rng_from_fn};
///
/// let mut rng = rng_from_fn(|buffer: &mut [u8]| getrandom::fill(buffer).expect("the system has randomness"));
/// let env = Env::new(Timestamp::default(), &mut rng);
/// # let _ = env;
/// ```
pub const fn rng_from_fn<F: FnMut(&mut [u8])>(fill: F) -> FnRng<F> {
    FnRng(fill)
}

impl<F: FnMut(&mut [u8])> TryRng for FnRng<F> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        (self.0)(to);
        Ok(())
    }
}

impl<F: FnMut(&mut [u8])> TryCryptoRng for FnRng<F> {}

impl<F> fmt::Debug for FnRng<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FnRng").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closure_gives_each_draw_in_its_order() {
        let mut next = 0_u8;
        let mut rng = rng_from_fn(|to: &mut [u8]| {
            for byte in to {
                next += 1;
                *byte = next;
            }
        });
        let env = Env::new(Timestamp::default(), &mut rng);
        assert_eq!(env.rng.next_u32(), 0x0403_0201);
        assert_eq!(env.rng.next_u64(), 0x0c0b_0a09_0807_0605);
        let mut bytes = [0; 3];
        env.rng.fill_bytes(&mut bytes);
        assert_eq!(bytes, [13, 14, 15]);
    }
}
