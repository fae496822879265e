//! Development tasks of the workspace.

mod advisories;
mod api;
mod codegen;
mod counts;
mod dist;
mod header;
mod tl;
mod vectors;

use std::env;
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask codegen           writes what is generated from schema/secret.tl
cargo xtask codegen --check   fails if that is stale
cargo xtask vectors           writes what the programs of test-vectors/ compute (Python with `cryptography`)
cargo xtask vectors --check   fails if that is stale
cargo xtask api               writes what the published crates offer to api/
cargo xtask api --check       fails if that is stale, and says what changed
cargo xtask header            writes the C header of secretchat-ffi
cargo xtask header --check    fails if that is stale
cargo xtask counts            counts the instructions of each path of a message, by valgrind
cargo xtask counts --check    fails if one has grown by 5 %
cargo xtask dist              builds the packages for C, Python (maturin) and JavaScript (npm) into target/dist
cargo xtask dist --check      fails if they are not of one version
cargo xtask advisories PATH   copies what a checkout of RustSec's database says about locked crates
cargo xtask advisories --check fails if a locked crate has an advisory, by cargo-deny";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["codegen"] => codegen::write(),
        ["codegen", "--check"] => codegen::check(),
        ["vectors"] => vectors::write(),
        ["vectors", "--check"] => vectors::check(),
        ["api"] => api::write(),
        ["api", "--check"] => api::check(),
        ["header"] => header::write(),
        ["header", "--check"] => header::check(),
        ["counts"] => counts::write(),
        ["counts", "--check"] => counts::check(),
        ["dist"] => dist::write(),
        ["dist", "--check"] => dist::check().map(drop),
        ["advisories", "--check"] => advisories::check(),
        ["advisories", from] => advisories::write(from),
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
