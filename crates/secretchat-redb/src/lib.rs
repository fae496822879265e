#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod create;
mod error;
mod schema;
mod scrub;
mod store;

pub use error::RedbError;
pub use redb;
pub use store::RedbStore;
