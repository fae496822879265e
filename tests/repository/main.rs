//! What holds of the repository as a whole: imports, features, dependencies, documents, and that no type shows a secret.

#[cfg(feature = "std")]
mod architecture;
#[cfg(feature = "std")]
mod built;
mod chat;
#[cfg(feature = "std")]
mod claims;
#[cfg(feature = "std")]
mod conformance;
#[cfg(feature = "std")]
mod dependencies;
#[cfg(feature = "std")]
mod docs;
mod features;
mod layering;
mod readme;
mod redaction;
#[cfg(feature = "std")]
mod reports;
mod source;
#[cfg(all(feature = "std", feature = "hybrid"))]
mod spec;
#[path = "../support/mod.rs"]
mod support;
#[cfg(feature = "std")]
mod vectors;
