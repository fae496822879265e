//! Time as the crate sees it: what the host's clocks say, the chat's logical clock, self-destruct timers.

mod clock;
mod monotonic;
mod timestamp;
mod ttl;
mod ttl_bounds;

pub use clock::{Elapsed, LogicalClock};
pub use monotonic::Monotonic;
pub use timestamp::Timestamp;
pub(crate) use timestamp::millis;
pub use ttl::Ttl;
pub use ttl_bounds::TtlBounds;
