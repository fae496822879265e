//! What the test programs share: ends of chats, hand-made peers, generators, models and a host.

// Every program compiles all of it and uses its part.
#![allow(dead_code)]

#[cfg(feature = "std")]
pub(crate) mod backlog;
#[cfg(feature = "std")]
pub(crate) mod forger;
#[cfg(feature = "std")]
pub(crate) mod gaps;
#[cfg(feature = "std")]
pub(crate) mod host;
#[cfg(feature = "std")]
pub(crate) mod key_watch;
#[cfg(feature = "std")]
pub(crate) mod model;
#[cfg(feature = "std")]
pub(crate) mod network;
#[cfg(all(feature = "telegram", feature = "std"))]
pub(crate) mod old_protocol;
#[cfg(feature = "alloc")]
pub(crate) mod pair;
#[cfg(all(feature = "telegram", feature = "std"))]
pub(crate) mod rekeyer;
#[cfg(feature = "std")]
pub(crate) mod rich;
pub(crate) mod rng;
#[cfg(feature = "std")]
pub(crate) mod stored;
#[cfg(all(feature = "telegram", feature = "std"))]
pub(crate) mod telegram;
#[cfg(feature = "std")]
pub(crate) mod timed;
#[cfg(feature = "alloc")]
pub(crate) mod twin;
