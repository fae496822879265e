//! What a chat leaves on disk: whole, damaged, hostile, old or cut off by a crash, and the stores that keep it.
#![cfg(feature = "std")]

#[cfg(all(feature = "hybrid", feature = "telegram"))]
mod acceptance;
mod branches;
mod crash;
mod crash_everywhere;
mod damaged;
mod driver;
#[cfg(all(feature = "hybrid", feature = "telegram"))]
mod fixtures;
mod holders;
mod host_data;
mod hostile;
mod options;
mod rollback;
mod rollback_shown;
mod steps;
mod store;
mod store_errors;
#[path = "../support/mod.rs"]
mod support;
mod together;
