//! Files over a transport of one's own: the pair of sender and receiver, alone and around two chats.
#![cfg(feature = "alloc")]

mod again;
mod driver;
mod host;
mod receiver;
mod sender;
mod slow;
mod strangers;
#[path = "../support/mod.rs"]
mod support;
mod survive;
mod world;
