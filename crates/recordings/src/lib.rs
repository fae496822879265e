//! Code that the tests of secretchat share with the crate `conformance`: the reader of recorded conversations, generators
//! with known draws, and a network whose faults a seed decides. Nothing here depends on secretchat.
//!
//! [`Recording`] is a conversation, or a series of hostile inputs, that was recorded from TDLib's own secret-chat code.
//! [`Scripted`] and [`Seeded`] are generators for tests only: their draws are known. [`Constant`] and [`Failing`] are broken
//! generators.

mod json;
mod network;
mod recording;
mod rng;

pub use json::{bytes, number, read};
pub use network::{Faults, Network, Parcel};
pub use recording::{Half, Key, Message, Party, Recording, Rekey, Step};
pub use rng::{Constant, Failing, Scripted, Seeded};
