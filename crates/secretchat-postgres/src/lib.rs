#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unreachable, clippy::unwrap_used)]
#![cfg_attr(test, allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used))]

mod blocking;
mod commit;
mod dial;
mod error;
mod link;
mod pipeline;
mod row;
mod schema;
mod store;
mod worker;

pub use blocking::BlockingStore;
pub use error::PostgresError;
pub use row::Row;
pub use store::PostgresStore;
pub use tokio_postgres;
pub use tokio_postgres::NoTls;
pub use worker::{Taken, Worker, WorkerId};
