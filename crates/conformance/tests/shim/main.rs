//! The program `shim` through pipes: each command once, each error, and two of them with each other.

mod commands;
mod conversation;
mod end;
mod errors;
mod media;
#[path = "../../../../tests/support/network.rs"]
#[allow(dead_code)] // The tests of `secretchat` use the rest.
mod network;
mod peer;
mod process;
mod randomness;
mod restarts;
mod setup;
mod told;
mod world;
