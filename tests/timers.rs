//! Timers over restarts, crashes, clocks and networks; and what is destroyed is unreadable (SPEC DES-1 to DES-9).
#![cfg(all(feature = "alloc", feature = "std"))]

#[path = "timers/crash.rs"]
mod crash;
#[path = "timers/end.rs"]
mod end;
#[path = "timers/gaps.rs"]
mod gaps;
#[path = "timers/missing.rs"]
mod missing;
#[path = "timers/model.rs"]
mod model;
#[path = "timers/network.rs"]
mod network;
#[path = "timers/random.rs"]
mod random;
#[path = "timers/restarts.rs"]
mod restarts;
#[path = "support/rng.rs"]
mod rng;
#[path = "timers/unreadable.rs"]
mod unreadable;
#[path = "timers/world.rs"]
mod world;
