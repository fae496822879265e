//! Holds this crate against vector files and recorded conversations.
//!
//! `cargo run --release --example conformance -- [--json] [--only NAME] PATH...`
//!
//! A path is a file or a directory, which stands for all JSON files in and below it. A file is a vector file or a recording
//! (`test-vectors/README.md`). One line a file; with `--json` one object a case. `--only` takes the cases whose id, or
//! whose file's name, contains NAME. The exit code is 0 only if something was checked and nothing failed; an unknown
//! format, a file that cannot be read, and one without cases fail.

mod bytes;
mod compare;
mod differences;
mod draft;
mod meaning;
mod play;
mod recording;
mod rekey;
mod report;
mod rng;
mod transcript;
mod vectors;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use differences::Differences;
use report::Report;
use transcript::Transcript;

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
    let (mut report, mut differences) = (Report::new(options.is_json), Differences::default());
    for path in &options.paths {
        match files(path) {
            Ok(files) if files.is_empty() => report.useless(path, "no files"),
            Ok(files) => files.iter().for_each(|file| check(file, &options, &mut report, &mut differences)),
            Err(error) => report.useless(path, error.to_string()),
        }
    }
    if report.lists_differences() {
        differences.print();
    }
    if report.finish() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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

/// The file itself, or the JSON files below a directory, in order.
fn files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut entries = std::fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    let mut found = Vec::new();
    for path in entries.iter().map(std::fs::DirEntry::path) {
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "json") {
            found.extend(files(&path)?);
        }
    }
    Ok(found)
}

fn check(file: &Path, options: &Options, report: &mut Report, differences: &mut Differences) {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let only = options.only.as_deref().unwrap_or_default();
    let value = match transcript::read(file) {
        Ok(value) => value,
        Err(error) => return report.useless(file, error),
    };
    if !transcript::is_recording(&value) {
        match vectors::check(&value, |id| name.contains(only) || id.contains(only)) {
            // Others may have cases of that name.
            Ok(outcomes) if outcomes.is_empty() => {}
            Ok(outcomes) => report.cases(file, &outcomes),
            Err(error) => report.useless(file, error),
        }
    } else if name.contains(only) {
        let replay = || Transcript::of(&value).and_then(|transcript| recording::check(&transcript, differences));
        let replayed = catch_unwind(AssertUnwindSafe(replay));
        report.recording(file, &replayed.unwrap_or_else(|_| Err("expected no panic, actual a panic".into())));
    }
}
