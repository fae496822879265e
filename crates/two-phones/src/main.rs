//! The story of secretchat's example `two_phones` on stores that take the phone's rows into the transaction of a batch.
//!
//! `cargo run --release -p two-phones -- --store sqlite:DIR PHOTO...`, or `-- --help`. The story is in
//! `examples/two_phones/story`; this crate only adds the stores.

#![forbid(unsafe_code)]

mod redb;
mod sqlite;
#[path = "../../../examples/two_phones/story/mod.rs"]
mod story;

use std::process::ExitCode;

use secretchat::store::MemoryStore;
use secretchat_redb::RedbStore;
use secretchat_sqlite::SqliteStore;

use story::Program;

fn main() -> ExitCode {
    let photos = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/photos");
    story::main(&Program { stores: &["sqlite", "redb"], photos }, |options| match options.store {
        None => story::tell::<MemoryStore>(options),
        Some(("redb", _)) => story::tell::<RedbStore>(options),
        Some(_) => story::tell::<SqliteStore>(options),
    })
}
