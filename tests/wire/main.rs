//! Bytes: TL, the encrypted message, frames, and the vectors of the primitives below them.

mod envelope;
#[cfg(feature = "alloc")]
mod fragment;
#[cfg(feature = "alloc")]
mod frame;
mod kdf;
mod schema_values;
#[path = "../support/mod.rs"]
mod support;
mod tl;
mod vectors;
