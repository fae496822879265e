#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unreachable, clippy::unwrap_used)]
#![cfg_attr(test, allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used))]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod code;
mod direction;
#[cfg(feature = "find")]
mod find;
mod mark;
mod markable;
mod piece;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use direction::{isolate, show_controls};
#[cfg(feature = "find")]
pub use find::find;
pub use read::parse;
pub use write::write;
