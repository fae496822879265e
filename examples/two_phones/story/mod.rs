//! Two phones, their tasks, and their tools. Each program adds its kinds of stores.

mod album;
mod carry;
mod chains;
mod check;
mod cli;
mod colour;
mod copies;
mod crypt;
mod desk;
pub(crate) mod disk;
mod drafts;
mod home;
mod journal;
mod keep;
mod keys;
mod link;
mod names;
mod os;
mod pair;
mod parts;
mod phone;
mod photo;
mod picture;
mod place;
mod plot;
mod profile;
mod rows;
mod say;
mod shelf;
mod small;
mod text;
mod timers;
mod view;
mod write;

use std::error::Error;
use std::process::ExitCode;

pub(crate) use cli::{Options, Program};
pub(crate) use pair::tell;
pub(crate) use rows::Row;
pub(crate) use shelf::Shelf;

use cli::Command;
use pair::Count;
use say::say;

pub(crate) type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// Runs the whole program. `tell` selects the kind of store.
pub(crate) fn main(program: &Program, tell: impl FnOnce(&Options) -> Result<Count>) -> ExitCode {
    match run(program, tell) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::complain(format_args!("failed: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(program: &Program, tell: impl FnOnce(&Options) -> Result<Count>) -> Result<()> {
    match cli::parse(program, std::env::args_os().skip(1))? {
        Command::Help => say!("{}", cli::usage(program).trim_end()),
        Command::Run(options) => {
            let count = tell(&options)?;
            say!("ok: {} photos, {} messages, 0 lost", count.photos, count.messages)
        }
    }
}
