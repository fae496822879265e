//! Two phones set up a secret chat over a link that the crate knows nothing about, and send each other text and photos.
//!
//! `cargo run --release --example two_phones -- PHOTO...`, or `-- --help`.
//!
//! Where to read:
//!
//! 1. `story/phone.rs`: the model of a host, in numbered steps. `story/write.rs` and `story/carry.rs` are two of them:
//!    messages that the user writes, whether or not the chat has room for them, and frames that leave.
//! 2. `story/pair.rs`: the story, with two phones.
//! 3. `story/rows.rs`: what a host itself must remember so that a crash at any moment loses and repeats nothing. A `Shelf`
//!    keeps it, here in files.
//! 4. `story/view.rs`: messages with a timer.
//! 5. `story/photo.rs`, `small.rs` and `colour.rs`: how to handle a picture from an unknown source. `story/disk.rs` and
//!    `names.rs`: how to write files that are complete and replace nobody's.

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
