//! Time as the crate sees it: the host's clock value, the chat's logical clock, self-destruct timers.

mod clock;
mod timestamp;
mod ttl;

pub use clock::{Elapsed, LogicalClock};
pub use timestamp::Timestamp;
pub(crate) use timestamp::millis;
pub use ttl::Ttl;
