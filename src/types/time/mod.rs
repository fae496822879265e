//! Time: the readings of the host's clocks, the chat's logical clock, and self-destruct timers.

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
