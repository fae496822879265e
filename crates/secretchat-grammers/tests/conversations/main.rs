//! Conversations with a stand-in for Telegram's server: what it refuses, single moments, and long runs.

#[cfg(feature = "client")]
mod client;
mod edges;
mod long_run;
#[path = "../server/mod.rs"]
mod server;
mod strict;
