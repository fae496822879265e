//! Conversations with a stand-in for Telegram's server: what it refuses, single moments, and long runs.

mod edges;
mod long_run;
#[path = "../server/mod.rs"]
mod server;
mod strict;
