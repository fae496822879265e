use std::collections::{HashMap, HashSet};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::tree;

/// Looks at the repository, at other programs or at sizes of the machine, not at what the crate computes.
const LEFT_OUT: [&str; 3] = ["examples", "repository", "two_phones"];

/// A process that takes more memory than this, in KiB, ends.
const MEMORY: u32 = 3 << 20;

/// A test that passes, and what it told when all of its switches were watched.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    /// With the name of its program first: `attacks::closing::at_07_…`.
    pub(crate) label: String,
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

/// Builds the tests of the package in the copy, and returns those that are wanted and pass there.
///
/// What they reach is noted in `notes`, and read from there the next time.
///
/// # Errors
/// If they do not build.
pub(crate) fn find(root: &Path, notes: &Path, threads: usize, wanted: impl Fn(&str) -> bool) -> io::Result<Vec<Test>> {
    let mut tests = Vec::new();
    for (target, program) in build(root)? {
        let output = Command::new(&program).args(["--list", "--format=terse"]).current_dir(root).output()?;
        let listed = String::from_utf8_lossy(&output.stdout).into_owned();
        tests.extend(listed.lines().filter_map(|line| line.strip_suffix(": test")).map(|name| Test {
            label: format!("{target}::{name}"),
            program: program.clone(),
            name: name.to_owned(),
            took: Duration::ZERO,
            reached: HashSet::new(),
        }));
    }
    tests.retain(|test| wanted(&test.label));
    let noted = noted(notes)?;
    let file = Mutex::new(OpenOptions::new().create(true).append(true).open(notes)?);
    let left = Mutex::new(tests.iter_mut());
    let work = |thread: usize| -> io::Result<()> {
        loop {
            let Some(test) = left.lock().expect("no holder panics").next() else { return Ok(()) };
            if let Some((took, reached)) = noted.get(&test.label) {
                (test.took, test.reached) = (*took, reached.clone());
            } else if record(root, test, thread)? {
                let reached: Vec<String> = test.reached.iter().map(u32::to_string).collect();
                let line = format!("{}\t{}\t{}\n", test.label, test.took.as_micros(), reached.join(" "));
                file.lock().expect("no holder panics").write_all(line.as_bytes())?;
            }
        }
    };
    let work = &work;
    thread::scope(|scope| {
        let recorders: Vec<_> = (0..threads).map(|thread| scope.spawn(move || work(thread))).collect();
        recorders.into_iter().try_for_each(|recorder| recorder.join().expect("a recorder does not panic"))
    })?;
    tests.retain(|test| !test.took.is_zero());
    Ok(tests)
}

/// Returns what was noted of each test: how long it took, and the mutants that it reached.
fn noted(notes: &Path) -> io::Result<HashMap<String, (Duration, HashSet<u32>)>> {
    let text = if notes.exists() { fs::read_to_string(notes)? } else { String::new() };
    let test = |line: &str| {
        let mut parts = line.split('\t');
        let label = parts.next()?.to_owned();
        let took = Duration::from_micros(parts.next()?.parse().ok()?);
        let reached = parts.next()?.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        Some((label, (took, reached)))
    };
    Ok(text.lines().filter_map(test).collect())
}

/// Returns the programs, each with its name.
fn build(root: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let output = tree::cargo(root)
        .args([
            "test",
            "--quiet",
            "--package=secretchat",
            "--package=store-contract",
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
        .filter_map(|message| {
            let target = message["target"]["name"].as_str()?;
            let stores = message["package_id"].as_str()?.contains("store-contract");
            let label = if stores { format!("store-contract/{target}") } else { target.to_owned() };
            Some((label, PathBuf::from(message["executable"].as_str()?)))
        })
        .collect())
}

/// Returns whether the test passes.
fn record(root: &Path, test: &mut Test, thread: usize) -> io::Result<bool> {
    let reached = root.with_extension(format!("reached-{thread}"));
    fs::write(&reached, "")?;
    let start_time = Instant::now();
    let child = start(root, &test.program, &test.name, "record", Some(&reached))?;
    if wait(child, Duration::from_secs(600))? != Outcome::Passed {
        println!("does not pass without a mutant: {}", test.label);
        return Ok(false);
    }
    test.took = start_time.elapsed();
    test.reached = fs::read_to_string(&reached)?.lines().filter_map(|line| line.trim().parse().ok()).collect();
    Ok(true)
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
