//! The Telegram profile: its groups, how a chat begins and ends, its policies, and what other programs got wrong.
#![cfg(feature = "telegram")]

#[cfg(feature = "std")]
mod bug_reports;
#[cfg(feature = "std")]
mod life;
mod modp;
#[cfg(feature = "std")]
mod network;
#[cfg(feature = "std")]
mod old_protocol;
#[cfg(feature = "std")]
mod policies;
#[cfg(feature = "std")]
mod real_use;
#[cfg(feature = "std")]
mod server_random;
#[path = "../support/mod.rs"]
mod support;
#[cfg(feature = "std")]
mod telethon;
