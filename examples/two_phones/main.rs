//! Two phones make a secret chat over a link that the crate knows nothing about, and send each other text and photos.
//!
//! `cargo run --release --example two_phones -- PHOTO...`, or `-- --help`.
//!
//! Read `story/phone.rs` first: it is the model of a host, in numbered steps. Then `story/pair.rs`, which uses two of them,
//! and `story/rows.rs` for what a host itself must remember so that a crash at any moment loses and doubles nothing; where
//! it is kept is a `Shelf`, here one of files. Messages with a timer are in `story/view.rs`.

mod files;
mod story;

use std::process::ExitCode;

use secretchat::store::MemoryStore;

use files::Files;
use story::Program;

fn main() -> ExitCode {
    let program = Program { stores: &["file"], photos: concat!(env!("CARGO_MANIFEST_DIR"), "/examples/photos") };
    story::main(&program, |options| match options.store {
        None => story::tell::<MemoryStore>(options),
        Some(_) => story::tell::<Files>(options),
    })
}
