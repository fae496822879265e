//! How many instructions the paths of a message take, counted by valgrind: a loss of speed shows on any machine, however
//! busy it is.
//!
//! The program of `crates/message-paths` takes a path once and then many times; the difference has no start-up in it.
//! **SHA-256 is not counted.** valgrind 3.19 shows programs a processor without SHA instructions, so the hash runs as
//! portable code that no user of such a processor runs, and would be two thirds of the sum. Its compression functions are
//! left out by their names. So is `memset`: valgrind counts each byte of a `rep stosb`, and the stack that a turn clears
//! would be half of the sum. The AES instructions are there, those for several blocks at once (VAES) are not.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use callgrind::Profile;

mod callgrind;
#[cfg(test)]
mod tests;

const COUNTS: &str = "crates/message-paths/counts.txt";

/// The paths, by the names of `message-paths`.
const PATHS: [&str; 8] =
    ["seal", "open", "send", "handle", "send-with-records", "handle-with-records", "driver", "handshake-x25519"];

/// How often a path is taken in the two runs.
const TIMES: [u64; 2] = [8, 40];

/// The growth of a count that fails, in percent: with the compiler of the committed counts, and with another one.
const GROWTH: u64 = 5;
const GROWTH_ELSEWHERE: u64 = 15;

/// Counts, and what they were made with.
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    compiler: String,
    paths: BTreeMap<String, u64>,
}

/// Counts, and commits the result to [`COUNTS`].
pub(crate) fn write() -> Result<(), String> {
    let counts = count()?;
    fs::write(root().join(COUNTS), counts.text()).map_err(|error| error.to_string())
}

/// Counts, and fails where a path takes noticeably more instructions than is committed.
pub(crate) fn check() -> Result<(), String> {
    let committed = fs::read_to_string(root().join(COUNTS)).map_err(|error| format!("{COUNTS}: {error}"))?;
    let (report, holds) = Counts::parse(&committed)?.compare(&count()?);
    print!("{report}");
    if holds {
        Ok(())
    } else {
        Err(format!("a path has grown; if it must, run `cargo xtask counts` and commit {COUNTS}"))
    }
}

impl Counts {
    fn text(&self) -> String {
        let mut text = format!(
            "# Instructions of each path of a message, without SHA-256 and `memset`. Written by `cargo xtask counts`.\ncompiler {}\n",
            self.compiler
        );
        for (path, count) in &self.paths {
            let _ = writeln!(text, "{path} {count}");
        }
        text
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut counts = Self { compiler: String::new(), paths: BTreeMap::new() };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            match line.split_once(' ') {
                Some(("compiler", version)) => version.clone_into(&mut counts.compiler),
                Some((path, count)) => {
                    let count = count.parse().map_err(|_| format!("not a count: {line}"))?;
                    counts.paths.insert(path.to_owned(), count);
                }
                None => return Err(format!("not a count: {line}")),
            }
        }
        Ok(counts)
    }

    /// Returns a line for each path, and whether none has grown by too much, is missing or is new.
    fn compare(&self, now: &Self) -> (String, bool) {
        let most = if self.compiler == now.compiler { GROWTH } else { GROWTH_ELSEWHERE };
        let mut report = String::new();
        if most == GROWTH_ELSEWHERE {
            let _ = writeln!(
                report,
                "committed with {}, counted with {}: compilers differ in how much code they make, so {most} % of growth \
                 fail instead of {GROWTH} %. `cargo xtask counts` with this compiler makes the check exact again",
                self.compiler, now.compiler
            );
        }
        let mut holds = self.paths.keys().eq(now.paths.keys());
        for (path, count) in &now.paths {
            let Some(before) = self.paths.get(path) else {
                let _ = writeln!(report, "{path:<20} {count:>9}  not committed yet");
                continue;
            };
            let has_grown = count * 100 >= before * (100 + most);
            holds &= !has_grown;
            let note = match () {
                () if has_grown => "GROWN",
                () if count * 100 <= before * (100 - GROWTH) => "has shrunk: commit it, so that it stays",
                () => "",
            };
            let _ = writeln!(report, "{path:<20} {before:>9} -> {count:>9}  {note}");
        }
        (report, holds)
    }
}

/// Builds the program and counts each path.
fn count() -> Result<Counts, String> {
    let built = run(Command::new(cargo()).args(["build", "--quiet", "--release", "--package", "message-paths"]))?;
    drop(built);
    let program = target().join("release/message-paths");
    let mut paths = BTreeMap::new();
    for path in PATHS {
        let [few, many] = [profile(&program, path, TIMES[0])?, profile(&program, path, TIMES[1])?];
        let times = TIMES[1] - TIMES[0];
        let hashing = many.hashing - few.hashing;
        // A compression is some thousands of instructions.
        if hashing < times * 1000 {
            return Err(format!("{path}: no SHA-256 by the names that are left out, in {COUNTS} and here"));
        }
        paths.insert(path.to_owned(), (many.others - few.others) / times);
    }
    Ok(Counts { compiler: compiler()?, paths })
}

fn profile(program: &Path, path: &str, times: u64) -> Result<Profile, String> {
    let out = target().join(format!("callgrind.{path}"));
    run(Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--compress-strings=no", "--compress-pos=no"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(program)
        .args([path, &times.to_string()]))?;
    let text = fs::read_to_string(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    fs::remove_file(&out).map_err(|error| error.to_string())?;
    Profile::parse(&text)
}

fn compiler() -> Result<String, String> {
    Ok(run(Command::new("rustc").arg("--version"))?.trim().to_owned())
}

fn run(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{name}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
    }
}

fn cargo() -> String {
    env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
