//! Development tasks of the workspace.

mod codegen;
mod tl;

use std::env;
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask codegen           writes what is generated from schema/secret.tl
cargo xtask codegen --check   fails if that is stale";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["codegen"] => codegen::write(),
        ["codegen", "--check"] => codegen::check(),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
