//! The clocks and randomness that a host lends its chats with each call.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use getrandom::SysRng;
use rand_core::{Rng, UnwrapErr};
use secretchat::{Env, Monotonic, Timestamp};

/// The clocks and the generator of the operating system.
pub(crate) struct Os {
    rng: UnwrapErr<SysRng>,
    /// The zero point of the monotonic clock: the start of this process. A phone uses the start of the device, and a clock
    /// that runs while it sleeps.
    start: (u128, Instant),
}

impl Os {
    pub(crate) fn new() -> Self {
        let mut rng = UnwrapErr(SysRng);
        let mut boot = [0; 16];
        rng.fill_bytes(&mut boot);
        Self { rng, start: (u128::from_le_bytes(boot), Instant::now()) }
    }

    /// Returns an `Env` with both clocks. Setting the wall clock in the meantime cannot prolong a message.
    pub(crate) fn env(&mut self) -> Env<'_> {
        let (boot, start) = self.start;
        Env::new(now(), &mut self.rng).with_monotonic(Monotonic::new(boot, start.elapsed()))
    }
}

pub(crate) fn now() -> Timestamp {
    let millis = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    Timestamp::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}
