//! The bodies of the fuzz targets, as plain functions.
//!
//! Each takes any bytes, checks what must hold, and panics if it does not. No check of the code under test is switched off:
//! where authentic bytes are needed, the body has the key and seals them. `fuzz/fuzz_targets` calls them with what libFuzzer
//! makes up, and `tests/corpus.rs` with the committed seeds and changed ones.

mod calls;
mod chain;
mod ciphertext;
mod envelope;
mod fragments;
mod frame;
mod header;
#[path = "../../secretchat-ffi/tests/abi/lend.rs"]
#[allow(dead_code)] // The tests of secretchat-ffi use the rest of it.
mod lend;
mod markdown;
mod media;
mod operations;
mod public_values;
mod records;
mod resume;
pub mod seeds;
mod segments;
mod shim;
mod support;
mod tl;

pub use chain::chain;
pub use ciphertext::ciphertext;
pub use envelope::envelope;
pub use fragments::fragments;
pub use frame::frame;
pub use header::header;
pub use markdown::markdown;
pub use media::media;
pub use operations::operations;
pub use public_values::public_values;
pub use records::records;
pub use resume::resume;
pub use segments::segments;
pub use shim::shim;
pub use tl::tl;

/// A fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name of its program, and of the folder of its seeds.
    pub name: &'static str,
    /// The body.
    pub body: fn(&[u8]),
    /// How many changed seeds a short test tries: fewer where one takes long.
    pub changed: usize,
}

/// All targets.
pub const TARGETS: [Target; 15] = [
    Target { name: "chain", body: chain, changed: 300 },
    Target { name: "ciphertext", body: ciphertext, changed: 60 },
    Target { name: "envelope", body: envelope, changed: 2_000 },
    Target { name: "fragments", body: fragments, changed: 1_000 },
    Target { name: "frame", body: frame, changed: 2_000 },
    Target { name: "header", body: header, changed: 100 },
    Target { name: "markdown", body: markdown, changed: 1_000 },
    Target { name: "media", body: media, changed: 500 },
    Target { name: "operations", body: operations, changed: 60 },
    Target { name: "public_values", body: public_values, changed: 60 },
    Target { name: "records", body: records, changed: 100 },
    Target { name: "resume", body: resume, changed: 300 },
    Target { name: "segments", body: segments, changed: 60 },
    Target { name: "shim", body: shim, changed: 200 },
    Target { name: "tl", body: tl, changed: 2_000 },
];

/// Returns whether a check fails.
#[cfg(test)]
fn fails(check: impl FnOnce()) -> bool {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(check)).is_err()
}
