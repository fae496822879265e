//! Two phones make a secret chat over a link that the crate knows nothing about, and send each other text and photos.
//!
//! `cargo run --release --example two_phones -- PHOTO...`, or `-- --help`.
//!
//! Read `phone.rs` first: it is the model of a host, in numbered steps. Then `story.rs`, which uses two of them, and
//! `journal.rs` for what a host itself must remember so that a crash at any moment loses and doubles nothing. Messages
//! with a timer are in `view.rs`.

mod album;
#[cfg(feature = "telegram")]
mod chains;
mod cli;
mod desk;
mod disk;
mod exif;
mod journal;
mod keep;
mod link;
mod os;
mod phone;
mod photo;
mod picture;
mod place;
mod profile;
mod story;
mod text;
mod timers;
mod view;

use std::error::Error;
use std::process::ExitCode;

use cli::Command;

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let told = match cli::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => {
            print!("{}", cli::USAGE);
            return ExitCode::SUCCESS;
        }
        Ok(Command::Run(options)) => story::tell(&options),
        Err(error) => Err(error),
    };
    match told {
        Ok(count) => {
            println!("ok: {} photos, {} messages, 0 lost", count.photos, count.messages);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("failed: {error}");
            ExitCode::FAILURE
        }
    }
}
