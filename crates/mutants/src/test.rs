use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use serde_json::Value;

use crate::tree;

/// Looks at the repository, at other programs or at sizes of the machine, not at what the crate computes.
const LEFT_OUT: [&str; 3] = ["examples", "repository", "two_phones"];

/// A process that takes more memory than this, in KiB, ends.
const MEMORY: u32 = 3 << 20;

/// A test that passes, and what it told when all of its switches were watched.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub(crate) program: PathBuf,
    pub(crate) name: String,
    pub(crate) took: Duration,
    /// The mutants whose switches it asked for.
    pub(crate) reached: HashSet<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed,
    TookTooLong,
}

impl Test {
    /// Runs the test with one mutant, for no longer than it may take.
    ///
    /// # Errors
    /// If the program cannot be started.
    pub(crate) fn run(&self, root: &Path, mutant: u32) -> io::Result<Outcome> {
        let child = start(root, &self.program, &self.name, &mutant.to_string(), None)?;
        wait(child, self.took * 8 + Duration::from_secs(5))
    }
}

/// Builds the tests of the package in the copy, and returns those that pass there.
///
/// # Errors
/// If they do not build.
pub(crate) fn find(root: &Path, threads: usize) -> io::Result<Vec<Test>> {
    let programs = build(root)?;
    let mut names = Vec::new();
    for program in programs {
        let output = Command::new(&program).args(["--list", "--format=terse"]).current_dir(root).output()?;
        let listed = String::from_utf8_lossy(&output.stdout).into_owned();
        names
            .extend(listed.lines().filter_map(|line| Some((program.clone(), line.strip_suffix(": test")?.to_owned()))));
    }
    let shares: Vec<Vec<(PathBuf, String)>> =
        (0..threads).map(|i| names.iter().skip(i).step_by(threads).cloned().collect()).collect();
    let mut tests = Vec::new();
    thread::scope(|scope| {
        let recorders: Vec<_> = shares
            .into_iter()
            .enumerate()
            .map(|(i, share)| {
                scope.spawn(move || {
                    share.into_iter().map(|(program, name)| record(root, program, name, i)).collect::<Vec<_>>()
                })
            })
            .collect();
        for recorder in recorders {
            tests.extend(recorder.join().expect("a recorder does not panic"));
        }
    });
    tests.into_iter().filter_map(io::Result::transpose).collect()
}

fn build(root: &Path) -> io::Result<Vec<PathBuf>> {
    let output = tree::cargo(root)
        .args([
            "test",
            "--quiet",
            "--package=secretchat",
            "--all-features",
            "--lib",
            "--tests",
            "--no-run",
            "--message-format=json",
        ])
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other("the tests do not build"));
    }
    let lines = String::from_utf8_lossy(&output.stdout);
    let messages = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    Ok(messages
        .filter(|message| message["profile"]["test"] == true)
        .filter(|message| !LEFT_OUT.iter().any(|name| message["target"]["name"] == **name))
        .filter_map(|message| Some(PathBuf::from(message["executable"].as_str()?)))
        .collect())
}

/// Returns nothing for a test that does not pass.
fn record(root: &Path, program: PathBuf, name: String, thread: usize) -> io::Result<Option<Test>> {
    let reached = root.with_extension(format!("reached-{thread}"));
    fs::write(&reached, "")?;
    let start_time = Instant::now();
    let child = start(root, &program, &name, "record", Some(&reached))?;
    if wait(child, Duration::from_secs(600))? != Outcome::Passed {
        println!("does not pass without a mutant: {name}");
        return Ok(None);
    }
    let took = start_time.elapsed();
    let lines = fs::read_to_string(&reached)?;
    Ok(Some(Test { program, name, took, reached: lines.lines().filter_map(|line| line.trim().parse().ok()).collect() }))
}

fn start(root: &Path, program: &Path, test: &str, mutant: &str, reached: Option<&Path>) -> io::Result<Child> {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -v \"$0\"; exec \"$@\"", &MEMORY.to_string()])
        .arg(program)
        .args(["--exact", test, "--test-threads=1"])
        .current_dir(root)
        .env("MUTANT", mutant)
        .env("PROPTEST_CASES", "16")
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(path) = reached {
        command.env("MUTANT_REACHED", path);
    }
    command.spawn()
}

fn wait(mut child: Child, limit: Duration) -> io::Result<Outcome> {
    let start_time = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(if status.success() { Outcome::Passed } else { Outcome::Failed });
        }
        if start_time.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(Outcome::TookTooLong);
        }
        thread::sleep(Duration::from_millis(1));
    }
}
