//! Published and likely attacks that no other program of tests stands for: resending, waiting, copies, deletion, and what
//! a relay or a thief can do with two honest ends.
#![cfg(all(feature = "alloc", feature = "std"))]

mod built;
mod copies;
mod deletion;
#[path = "../support/forger.rs"]
mod forger;
mod honest;
#[path = "../support/pair.rs"]
mod pair;
mod relay;
mod resend;
#[path = "../support/rng.rs"]
mod rng;
mod waiting;
