//! Values of independent origin: standards, Wycheproof, and the programs in `test-vectors/` (its README says how each was
//! checked). Nothing here was computed by the code under test.

mod envelope;
mod ige;
mod json;
mod kdf;
#[cfg(feature = "telegram")]
mod keys;
#[cfg(feature = "hybrid")]
mod ml_kem;
mod primitives;
mod profile;
mod stale;
mod verification;
mod wycheproof;
mod x25519;
