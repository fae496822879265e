#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unreachable, clippy::unwrap_used)]

extern crate alloc;

mod clean;
mod exif;
mod file_name;
mod jpeg;
mod mode;
mod part;
mod png;
mod sieve;
mod webp;

pub use clean::{Cleaned, Error, Format, MAX_LEN, Report, clean, inspect};
pub use file_name::{FileName, MAX_NAME_LEN, safe_name};
pub use mode::{LARGE_SIDE, MAX_PHOTO_LEN, MAX_PHOTO_RATIO, MAX_PHOTO_SIDES, Mode, Reason, SIDE};
pub use part::{Part, Parts};
