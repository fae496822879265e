//! What a call needs from the world.

use core::fmt;

use rand_core::CryptoRng;

use crate::time::Timestamp;

/// The clock value and the randomness of one call; nothing of it is kept.
///
/// The generator must be cryptographically secure and cannot fail by type: a host whose source fails must not call.
pub struct Env<'a> {
    /// The host's time.
    pub now: Timestamp,
    /// The host's generator.
    pub rng: &'a mut dyn CryptoRng,
}

impl<'a> Env<'a> {
    /// Of a time and a generator.
    pub fn new(now: Timestamp, rng: &'a mut dyn CryptoRng) -> Self {
        Self { now, rng }
    }
}

impl fmt::Debug for Env<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { now, rng: _ } = self;
        f.debug_struct("Env").field("now", now).finish_non_exhaustive()
    }
}
