//! Timers: when they start, what they end, over restarts, crashes, clocks and networks; and what is destroyed is unreadable
//! (SPEC DES-1 to DES-14, TIME-1).

#[cfg(feature = "std")]
mod bounds;
mod clock;
#[cfg(feature = "std")]
mod crash;
#[cfg(feature = "std")]
mod end;
#[cfg(all(feature = "telegram", feature = "std"))]
mod endings;
#[cfg(feature = "std")]
mod files;
#[cfg(feature = "std")]
mod hidden;
#[cfg(feature = "std")]
mod leases;
#[cfg(feature = "std")]
mod limits;
#[cfg(feature = "std")]
mod missing;
#[cfg(feature = "std")]
mod monotonic;
#[cfg(feature = "std")]
mod network;
#[cfg(feature = "std")]
mod random;
#[cfg(feature = "std")]
mod restarts;
#[cfg(all(feature = "telegram", feature = "std"))]
mod starts;
#[path = "../support/mod.rs"]
mod support;
#[cfg(feature = "std")]
mod unreadable;
#[cfg(all(feature = "telegram", feature = "std"))]
mod view_once;
#[cfg(feature = "std")]
mod world;
