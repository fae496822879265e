//! Files: as one chain, in parts, several at once, and in segments.

mod chain;
#[cfg(feature = "alloc")]
mod copies;
#[cfg(feature = "alloc")]
mod forms;
mod many;
#[cfg(feature = "std")]
mod progress;
#[cfg(feature = "std")]
mod ragged;
#[cfg(feature = "alloc")]
mod resume;
mod segments;
#[path = "../support/mod.rs"]
mod support;
