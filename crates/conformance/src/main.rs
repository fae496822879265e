//! Checks secretchat against vector files and recorded conversations.
//!
//! `cargo run --release -p conformance -- [--json] [--only NAME] PATH...`
//!
//! A path is a file or a directory, which stands for all JSON files in and below it. A file is a vector file or a recording
//! (`test-vectors/README.md`). The program prints one line for each file, or with `--json` one object for each case.
//! `--only` selects the cases whose id or file name contains NAME. The last line is `N passed, M failed`. The exit code is 0
//! only if something was checked and nothing failed. A file fails if its format is unknown, if it cannot be read, or if it
//! has no cases.

use std::path::PathBuf;
use std::process::ExitCode;

use conformance::Run;

const USAGE: &str = "usage: conformance [--json] [--only NAME] PATH...";

#[derive(Default)]
struct Options {
    is_json: bool,
    only: Option<String>,
    paths: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let mut run = Run::new(options.is_json, options.only);
    options.paths.iter().for_each(|path| run.check(path));
    if run.finish() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn options() -> Option<Options> {
    let mut options = Options::default();
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--json") => options.is_json = true,
            Some("--only") => options.only = Some(arguments.next()?.into_string().ok()?),
            Some(unknown) if unknown.starts_with("--") => return None,
            _ => options.paths.push(argument.into()),
        }
    }
    Some(options).filter(|options| !options.paths.is_empty())
}
