//! Shards with real chats, over stores that wait, refuse and fail when the test says so. No test depends on real time.

mod commits;
mod endings;
mod executor;
mod inline;
mod lazy;
mod many;
mod pressure;
mod random;
mod store;
mod turns;
mod world;
