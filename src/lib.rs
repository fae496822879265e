//! End-to-end encrypted one-to-one secret chats without I/O.
#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unreachable, clippy::unwrap_used)]
#![cfg_attr(test, allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used))]

#[cfg(any(test, feature = "std"))]
extern crate std;

mod crypto;
mod env;
mod envelope;
mod error;
pub mod hazmat;
mod id;
mod secret;
mod time;
mod verify;
mod wire;

pub use env::Env;
pub use error::{ApiMisuse, PeerFault, Violation};
pub use id::{ExchangeId, GroupedId, KeyFingerprint, Layer, Parity, RandomId, Role, SeqNo, TransmitId, WireSeqNo};
pub use secret::Secret;
pub use time::{Elapsed, LogicalClock, Timestamp, Ttl};
pub use verify::{HexLine, Verification};
