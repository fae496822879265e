//! What the test programs share: ends of chats, hand-made peers, generators, models and a host.

// Every program compiles all of it and uses its part.
#![allow(dead_code)]

#[cfg(feature = "alloc")]
pub(crate) mod agreement;
#[cfg(feature = "alloc")]
pub(crate) mod backlog;
#[cfg(feature = "alloc")]
pub(crate) mod bad_values;
#[cfg(all(feature = "telegram", feature = "std"))]
pub(crate) mod early;
pub(crate) mod failure;
#[cfg(feature = "alloc")]
pub(crate) mod forger;
#[cfg(feature = "alloc")]
pub(crate) mod gaps;
#[cfg(feature = "alloc")]
pub(crate) mod host;
#[cfg(feature = "alloc")]
pub(crate) mod key_watch;
#[cfg(feature = "std")]
pub(crate) mod kinds;
#[cfg(feature = "alloc")]
pub(crate) mod leaving;
#[cfg(feature = "std")]
pub(crate) mod meeting;
#[cfg(feature = "alloc")]
pub(crate) mod model;
#[cfg(all(feature = "telegram", feature = "alloc"))]
pub(crate) mod old_protocol;
pub(crate) mod orders;
#[cfg(feature = "alloc")]
pub(crate) mod pair;
#[cfg(feature = "std")]
pub(crate) mod piles;
#[cfg(feature = "alloc")]
pub(crate) mod profile;
#[cfg(all(feature = "telegram", feature = "alloc"))]
pub(crate) mod rekeyer;
#[cfg(feature = "alloc")]
pub(crate) mod rich;
pub(crate) mod rng;
pub(crate) mod sealing;
#[cfg(feature = "alloc")]
pub(crate) mod stored;
#[cfg(feature = "std")]
pub(crate) mod strangers;
#[cfg(all(feature = "telegram", feature = "alloc"))]
pub(crate) mod telegram;
#[cfg(feature = "alloc")]
pub(crate) mod timed;
#[cfg(feature = "alloc")]
pub(crate) mod twin;
