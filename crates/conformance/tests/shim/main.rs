//! The program `shim` through pipes: each command once, each error, and two of them with each other.

mod asked;
mod commands;
mod conversation;
mod end;
mod errors;
mod hybrid;
mod media;
mod peer;
mod process;
mod randomness;
mod restarts;
mod setup;
mod told;
mod world;
