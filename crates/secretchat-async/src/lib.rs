#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unreachable, clippy::unwrap_used)]
#![cfg_attr(test, allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used))]

mod clock;
mod departures;
mod host;
mod inline;
mod limits;
mod mailbox;
mod post;
mod queue;
mod refused;
mod shard;
mod signal;
mod turn;

pub use clock::Clock;
pub use host::{Host, Lost};
pub use inline::{Inline, InlineRows};
pub use limits::Limits;
pub use post::{Post, Tally};
pub use refused::{Reason, Refused};
pub use shard::Shard;
pub use signal::Stopped;
