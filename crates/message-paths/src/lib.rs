//! The paths of a message through `secretchat`: two chats that talk with each other, and two hosts.
//!
//! `benches` times them. The program of this crate runs one of them again and again, so that its instructions can be
//! counted: `cargo xtask counts`.

mod counter;
mod ends;
mod hosts;
mod path;

pub use counter::Counter;
pub use ends::{Profile, Settings, carry, draft, env, input_of, store_key, transmissions};
pub use hosts::Hosts;
pub use path::Path;
