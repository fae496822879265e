//! Two chats and what may happen between them: messages, actions, delivery, gaps, the end, and whoever means them harm.
#![cfg(feature = "alloc")]

mod action_edges;
mod actions;
mod agreement;
mod arrival;
mod bug_reports;
mod conversation;
mod debug;
mod defences;
#[cfg(feature = "telegram")]
mod delivery;
mod diagnosis;
mod discard;
mod errors;
mod export;
mod gaps;
mod history;
mod hostile;
mod long_outbox;
mod message;
mod misuse;
mod no_room;
mod outcomes;
mod padding;
mod peek;
mod protected;
mod published;
mod refused;
#[cfg(feature = "telegram")]
mod repetition;
mod settings;
mod small_link;
#[path = "../support/mod.rs"]
mod support;
mod twins;
mod verification;
