//! What a host lends its chats with each call.

use std::time::{SystemTime, UNIX_EPOCH};

use getrandom::SysRng;
use rand_core::UnwrapErr;
use secretchat::{Env, Timestamp};

/// The clock and the generator of the operating system.
pub(crate) struct Os(UnwrapErr<SysRng>);

impl Os {
    pub(crate) const fn new() -> Self {
        Self(UnwrapErr(SysRng))
    }

    pub(crate) fn env(&mut self) -> Env<'_> {
        Env::new(now(), &mut self.0)
    }
}

pub(crate) fn now() -> Timestamp {
    let millis = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    Timestamp::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}
