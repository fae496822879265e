//! What the tests of secretchat and the crate `conformance` share: the reader of recorded conversations, and generators
//! whose draws are known.
//!
//! [`Recording`] is a conversation, or a series of hostile inputs, that was recorded from TDLib's own secret-chat code.
//! [`Scripted`] and [`Seeded`] are generators for tests only: whoever knows the script knows the draws.

mod json;
mod recording;
mod rng;

pub use json::{bytes, number, read};
pub use recording::{Half, Key, Message, Party, Recording, Rekey, Step};
pub use rng::{Scripted, Seeded};
