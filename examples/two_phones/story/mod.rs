//! Two phones, what they are told to do, and what they do it with. A program brings the kinds of stores.

mod album;
#[cfg(feature = "telegram")]
mod chains;
mod cli;
mod desk;
pub(crate) mod disk;
mod exif;
mod journal;
mod keep;
mod keys;
mod link;
mod os;
mod pair;
mod phone;
mod photo;
mod picture;
mod place;
mod profile;
mod rows;
mod shelf;
mod text;
mod timers;
mod view;

use std::error::Error;
use std::process::ExitCode;

pub(crate) use cli::{Options, Program};
pub(crate) use pair::tell;
pub(crate) use rows::Row;
pub(crate) use shelf::Shelf;

use cli::Command;
use pair::Count;

pub(crate) type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// The whole program; `tell` picks the kind of store.
pub(crate) fn main(program: &Program, tell: impl FnOnce(&Options) -> Result<Count>) -> ExitCode {
    let told = match cli::parse(program, std::env::args_os().skip(1)) {
        Ok(Command::Help) => {
            print!("{}", cli::usage(program));
            return ExitCode::SUCCESS;
        }
        Ok(Command::Run(options)) => tell(&options),
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
