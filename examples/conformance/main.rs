//! Replays recorded conversations against this crate.
//!
//! `cargo run --release --example conformance -- --transcripts DIR...`
//!
//! Each file of each directory is one recording of TDLib's own secret-chat code (the format is in
//! `test-vectors/README.md`) and goes through
//!
//! * pass (a): every message of both directions opens, reads, is written and sealed to the same bytes;
//! * pass (b): a chat in the place of the Python party takes every message with its recorded meaning and says what that
//!   party said;
//! * pass (c): the same in the place of TDLib. Of wrong and unusual inputs: no panic, and what is not authentic changes
//!   nothing, with each policy.
//!
//! One line a file; the exit code is 0 only if none failed. A directory without files and a file without anything to
//! check fail.

mod bytes;
mod compare;
mod differences;
mod draft;
mod meaning;
mod play;
mod rekey;
mod rng;
mod transcript;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use differences::Differences;
use play::Player;
use secretchat::PeerPolicy;
use transcript::{Party, Transcript};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let directories: Vec<PathBuf> = match arguments.next() {
        Some(first) if first == "--transcripts" => arguments.map(PathBuf::from).collect(),
        _ => Vec::new(),
    };
    if directories.is_empty() {
        eprintln!("usage: conformance --transcripts DIR...");
        return ExitCode::from(2);
    }
    let (mut passed, mut failed, mut differences) = (0, 0, Differences::default());
    for directory in directories {
        let files = match files(&directory) {
            Ok(files) if files.is_empty() => Err("no files".to_owned()),
            Ok(files) => Ok(files),
            Err(error) => Err(error.to_string()),
        };
        let files = files.unwrap_or_else(|error| {
            println!("FAIL {}: {error}", directory.display());
            failed += 1;
            Vec::new()
        });
        for file in files {
            let checked = catch_unwind(AssertUnwindSafe(|| check(&file, &mut differences)));
            match checked.unwrap_or_else(|_| Err("expected no panic, actual a panic".into())) {
                Ok(line) => {
                    println!("ok   {}: {line}", file.display());
                    passed += 1;
                }
                Err(line) => {
                    println!("FAIL {}: {line}", file.display());
                    failed += 1;
                }
            }
        }
    }
    differences.print();
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn files(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(directory)?.collect::<Result<Vec<_>, _>>()?;
    let is_file = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    let mut files: Vec<PathBuf> = entries.iter().map(std::fs::DirEntry::path).filter(is_file).collect();
    files.sort();
    Ok(files)
}

/// All passes over one file.
fn check(file: &Path, differences: &mut Differences) -> Result<String, String> {
    let transcript = Transcript::read(file)?;
    let mut failures = Vec::new();
    let mut line = Vec::new();
    let mut checks = 0;
    match bytes::check(&transcript) {
        Ok(messages) => {
            checks += messages;
            line.push(format!("(a) {messages} messages"));
        }
        Err(error) => failures.push(error),
    }
    if transcript.is_hostile {
        match play::withstand(&transcript) {
            Ok((inputs, found)) => {
                checks += inputs;
                differences.add(&found);
                line.push(format!("(c) {inputs} checks with three policies"));
            }
            Err(error) => failures.push(format!("pass (c), {error}")),
        }
    } else {
        for (pass, us) in [("(b)", Party::Python), ("(c)", Party::Tdlib)] {
            let played = Player::enter(&transcript, us, PeerPolicy::Default)
                .and_then(|player| player.ok_or("expected a key, actual none".into()))
                .and_then(Player::play);
            match played {
                Ok(played) => {
                    checks += played.received + played.sent;
                    differences.add(&played.differences);
                    line.push(format!(
                        "{pass} {} received, {} sent, {} of them equal to the byte, {} listed differences",
                        played.received,
                        played.sent,
                        played.identical,
                        played.differences.total()
                    ));
                }
                Err(error) => failures.push(format!("pass {pass}, {error}")),
            }
        }
    }
    match (failures.is_empty(), checks) {
        (true, 0) => Err("nothing to check".into()),
        (true, _) => Ok(line.join("; ")),
        (false, _) => Err(failures.join("; ")),
    }
}
