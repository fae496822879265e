//! Two chats and what may happen between them: messages, actions, delivery, gaps, the end, and whoever means them harm.
#![cfg(feature = "alloc")]

#[cfg(feature = "std")]
mod action_edges;
#[cfg(feature = "std")]
mod actions;
#[cfg(feature = "std")]
mod arrival;
#[cfg(feature = "std")]
mod attacks;
#[cfg(feature = "std")]
mod conversation;
#[cfg(feature = "std")]
mod defences;
#[cfg(all(feature = "telegram", feature = "std"))]
mod delivery;
#[cfg(feature = "std")]
mod discard;
#[cfg(feature = "std")]
mod errors;
#[cfg(feature = "std")]
mod gaps;
#[cfg(feature = "std")]
mod hostile;
mod message;
#[cfg(feature = "std")]
mod misuse;
#[cfg(feature = "std")]
mod no_room;
#[cfg(feature = "std")]
mod outcomes;
#[cfg(feature = "std")]
mod refused;
#[cfg(all(feature = "telegram", feature = "std"))]
mod repetition;
#[path = "../support/mod.rs"]
mod support;
#[cfg(feature = "std")]
mod twins;
