//! The example `shim` through pipes: each command once, each error, and two of them against each other.
#![cfg(all(feature = "std", feature = "telegram"))]

#[path = "shim/commands.rs"]
mod commands;
#[path = "shim/conversation.rs"]
mod conversation;
#[path = "shim/end.rs"]
mod end;
#[path = "shim/errors.rs"]
mod errors;
#[path = "support/example.rs"]
mod example;
#[path = "shim/media.rs"]
mod media;
#[path = "shim/network.rs"]
mod network;
#[path = "shim/peer.rs"]
mod peer;
#[path = "shim/process.rs"]
mod process;
#[path = "shim/randomness.rs"]
mod randomness;
#[path = "shim/restarts.rs"]
mod restarts;
#[path = "support/rng.rs"]
mod rng;
#[path = "shim/setup.rs"]
mod setup;
#[path = "shim/told.rs"]
mod told;
