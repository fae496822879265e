//! Files over a transport of one's own: the pair of sender and receiver, alone and around two chats.
#![cfg(feature = "alloc")]

mod again;
mod driver;
#[cfg(feature = "std")]
mod folder;
mod host;
mod link;
mod link_errors;
mod receiver;
mod sender;
mod slow;
mod strangers;
#[path = "../support/mod.rs"]
mod support;
mod survive;
mod world;
