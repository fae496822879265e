//! Pure functions over bytes, built on the primitive crates.

pub mod fingerprint;
pub mod ige;
pub mod kdf;
#[cfg(feature = "telegram")]
pub mod kdf_old;
#[cfg(feature = "telegram")]
pub mod modp;
pub mod schedule;
pub(crate) mod server_random;
mod sha256;
pub mod x25519;
