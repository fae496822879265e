#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unreachable, clippy::unwrap_used)]
#![cfg_attr(test, allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used))]

mod error;
mod schema;
mod store;

pub use error::SqliteError;
pub use rusqlite;
pub use store::SqliteStore;
