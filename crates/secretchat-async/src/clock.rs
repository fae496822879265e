//! The clocks of a shard: all that it needs of a runtime.

use core::future::Future;

use secretchat::{Monotonic, Timestamp};

/// The time, and a way to wait for it.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use secretchat::Timestamp;
/// use secretchat_async::Clock;
///
/// struct Tokio;
///
/// impl Clock for Tokio {
///     fn now(&self) -> Timestamp {
///         SystemTime::now().into()
///     }
///
///     async fn sleep_until(&self, at: Timestamp) {
///         // A timer counts in whole milliseconds.
///         tokio::time::sleep(self.now().until(at) + Duration::from_millis(1)).await;
///     }
/// }
/// # let _ = Tokio.now();
/// ```
pub trait Clock: Send + Sync {
    /// Returns the current wall-clock time.
    fn now(&self) -> Timestamp;

    /// Returns the reading of the host's monotonic clock, if it has one. With it, setting the wall clock neither
    /// prolongs a message nor ends it early (SPEC TIME-4).
    fn monotonic(&self) -> Option<Monotonic> {
        None
    }

    /// Waits until [`Clock::now`] returns this time or a later one. Measure the pause by a
    /// monotonic clock, as timers of runtimes do: a wall clock that is set back meanwhile must not prolong it. To return
    /// earlier is allowed: the shard looks and waits again.
    fn sleep_until(&self, at: Timestamp) -> impl Future<Output = ()> + Send;
}
