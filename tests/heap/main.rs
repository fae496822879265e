//! What stays in memory, and how much: the program counts its heap and looks into every block that is given back.
#![cfg(feature = "std")]

mod allocator;
mod diagnosis;
mod driving;
mod ended;
mod freed_keys;
mod growth;
mod hidden;
mod measuring;
mod message;
mod one_call;
mod peeking;
mod resting;
mod restoring;
mod scaling;
mod segments;
mod strangers;
#[path = "../support/mod.rs"]
mod support;
