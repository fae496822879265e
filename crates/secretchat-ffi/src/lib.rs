//! The C interface of [`secretchat`], described for C by the header `secretchat.h`.
//!
//! Everything is a handle with a function that frees it, or a plain struct that borrows. There are no callbacks, and
//! lengths are explicit. A function returns 0, or the number of an error; [`sc_error_name`] and [`sc_error_advice`] put it
//! into words.
//!
//! # Null and wrong lengths
//! A missing pointer and an impossible length are errors ([`SC_ERROR_NULL`], [`SC_ERROR_LENGTH`]). A pointer that is not
//! null must point to as many values as the length beside it says. Freeing null does nothing.
//!
//! # Panics
//! With `std`, a panic is caught at the border and becomes [`SC_ERROR_PANIC`]; nothing has changed. This needs
//! `panic = "unwind"`, which is Cargo's default. Without `std`, or with `panic = "abort"`, the process ends.
//!
//! # Threads
//! A handle is used by one thread at a time, and may move between threads. Different handles are independent.
//!
//! # Secrets
//! What the library owns is wiped when it is freed. What a program copies out of an output, and what it passes in (a
//! store key, the keys of media, texts), is the program's to wipe.

#![no_std]
#![deny(clippy::undocumented_unsafe_blocks)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod abi;
mod border;
mod buffer;
mod chat;
mod command;
mod config;
mod content;
mod diagnosis;
mod draft;
mod env;
mod error;
mod file;
mod fragment;
mod frame;
mod input;
mod lease;
mod media;
mod output;
mod peek;
mod plan;
mod record;
mod resume;
mod segment;
mod state;
mod stream;
mod verify;

pub use abi::*;
pub use border::{In, Out, ScBytes, ScIds};
pub use buffer::*;
pub use chat::*;
pub use command::*;
pub use config::*;
pub use content::*;
pub use diagnosis::*;
pub use draft::*;
pub use env::*;
pub use error::*;
pub use file::*;
pub use fragment::*;
pub use frame::*;
pub use input::*;
pub use lease::*;
pub use media::*;
pub use output::*;
pub use peek::*;
pub use plan::*;
pub use record::*;
pub use resume::*;
pub use segment::*;
pub use state::*;
pub use stream::*;
pub use verify::*;
