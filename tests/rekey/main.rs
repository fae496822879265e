//! New keys for a chat: when, how, what may go wrong, and what that leaves (SPEC REKEY-1 to REKEY-7).
#![cfg(feature = "std")]

mod both_ends;
mod bytes;
#[cfg(feature = "telegram")]
mod endless;
mod every_order;
#[cfg(feature = "telegram")]
mod failures;
#[cfg(feature = "telegram")]
mod held;
#[cfg(feature = "telegram")]
mod keys;
#[cfg(feature = "telegram")]
mod limits;
mod network;
#[path = "../support/mod.rs"]
mod support;
#[cfg(feature = "telegram")]
mod table;
#[cfg(feature = "telegram")]
mod triggers;
mod wiping;
