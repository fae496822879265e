//! `cargo xtask advisories`: a copy of what the database of `RustSec` says about the crates of the lock files, and a check of
//! all of them against it by cargo-deny, without a network.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const COPY: &str = ".ci/advisories/database.txt";
const CONFIG: &str = ".ci/advisories/deny.toml";
/// Where cargo-deny looks for the database: a repository below `db-path` of the configuration, named after its address.
const DATABASE: &str = "target/advisories/advisory-db-3157b0e258782691";

/// The manifests whose lock files are in the repository.
const MANIFESTS: [&str; 5] = [
    "Cargo.toml",
    "benches/Cargo.toml",
    "fuzz/Cargo.toml",
    "examples/firmware/Cargo.toml",
    "crates/secretchat-wasm/rust/Cargo.toml",
];

/// A package with a known vulnerability. A check that passes it sees nothing.
const CONTROL: &str = "RUSTSEC-2024-0006";
const CONTROL_MANIFEST: &str = "\
[package]
name = \"control\"
edition = \"2024\"
[lib]
path = \"Cargo.toml\"
[dependencies]
shlex = \"=1.2.0\"
[workspace]
";

const HEAD: &str = "\
# What https://github.com/rustsec/advisory-db says about the crates of the lock files: `cargo xtask advisories DIRECTORY`, with
# a checkout of it, writes this. First the commit and its date, then the names of all crates that have an advisory, then the
# advisories of those that are locked here. A crate that is added and has a name in the list needs a new copy.
";

/// Writes the copy from a checkout of the database.
pub(crate) fn write(from: &str) -> Result<(), String> {
    let from = Path::new(from);
    let commit = run(Command::new("git").arg("-C").arg(from).args(["log", "-1", "--format=%H %cs"]))?;
    let named = names(&from.join("crates"))?;
    let mut copy = format!("{HEAD}\n{commit}\n{}\n", named.join(" "));
    let locked = locked()?;
    for name in named.iter().filter(|name| locked.contains(*name) || *name == "shlex") {
        let directory = from.join("crates").join(name);
        for file in names(&directory)? {
            let text = read(&directory.join(&file))?;
            // The facts; the rest is prose.
            let facts = text.split("```").nth(1).and_then(|block| block.strip_prefix("toml\n"));
            let facts = facts.ok_or_else(|| format!("{name}/{file} has no facts"))?;
            let _infallible = write!(copy, "\n{name}/{file}\n{}\n", facts.trim());
        }
    }
    fs::write(root().join(COPY), copy).map_err(|error| format!("{COPY}: {error}"))
}

/// Fails if a locked crate has an advisory that is not accepted in the configuration, or if the copy has gaps.
pub(crate) fn check() -> Result<(), String> {
    let date = lay_out()?;
    for manifest in MANIFESTS {
        deny(&root().join(manifest)).map_err(|error| format!("{manifest}: {error}"))?;
    }
    let control = root().join("target/advisories/control/Cargo.toml");
    put(&control, CONTROL_MANIFEST)?;
    match deny(&control) {
        Err(error) if error.contains(CONTROL) => {}
        other => return Err(format!("{CONTROL} was not found where it is: {other:?}")),
    }
    println!("{} lock files have no advisory that is not accepted; those of RustSec of {date}", MANIFESTS.len());
    Ok(())
}

/// Lays the copy out as the repository that cargo-deny expects. Returns its date.
fn lay_out() -> Result<String, String> {
    let copy = read(&root().join(COPY))?;
    let mut blocks = copy.strip_prefix(HEAD).and_then(|copy| copy.strip_prefix('\n')).unwrap_or_default().split("\n\n");
    let (commit, named) =
        blocks.next().and_then(|top| top.split_once('\n')).ok_or(format!("{COPY} has another form"))?;
    let (_, date) = commit.split_once(' ').ok_or(format!("{COPY} names no commit"))?;
    let database = root().join(DATABASE);
    let _not_there = fs::remove_dir_all(root().join("target/advisories"));
    let mut copied = BTreeSet::new();
    // An advisory has empty lines of its own.
    let mut file = None;
    for block in blocks {
        let (first, rest) = block.split_once('\n').unwrap_or((block, ""));
        if first.contains('/') && first.ends_with(".md") {
            finish(file.take())?;
            copied.extend(first.split('/').next().map(str::to_owned));
            file = Some((database.join("crates").join(first), rest.to_owned()));
        } else if let Some((_, text)) = &mut file {
            text.push_str("\n\n");
            text.push_str(block);
        }
    }
    finish(file)?;
    let gaps: Vec<_> = named.split_whitespace().filter(|name| !copied.contains(*name)).map(str::to_owned).collect();
    let locked = locked()?;
    if let Some(gap) = gaps.iter().find(|name| locked.contains(*name)) {
        return Err(format!("{COPY} lacks the advisories of {gap}: write it anew"));
    }
    run(Command::new("git").args(["init", "--quiet"]).arg(&database))?;
    let git = || {
        let mut git = Command::new("git");
        git.arg("-C").arg(&database).args(["-c", "user.name=copy", "-c", "user.email=copy@example.org"]);
        git.env("GIT_COMMITTER_DATE", format!("{date}T00:00:00Z"));
        git
    };
    run(git().args(["add", "."]))?;
    run(git().args(["commit", "--quiet", "--message", commit]))?;
    // As if it had just been fetched.
    put(&database.join(".git/FETCH_HEAD"), "")?;
    Ok(date.to_owned())
}

fn finish(file: Option<(PathBuf, String)>) -> Result<(), String> {
    let Some((path, facts)) = file else { return Ok(()) };
    let id = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    put(&path, &format!("```toml\n{}\n```\n\n# {id}\n", facts.trim_end()))
}

fn deny(manifest: &Path) -> Result<(), String> {
    // Cargo must have seen the packages to tell their features.
    run(Command::new("cargo").args(["fetch", "--quiet", "--manifest-path"]).arg(manifest))?;
    let mut deny = Command::new("cargo");
    deny.current_dir(root()).args(["deny", "--offline", "--workspace", "--manifest-path"]).arg(manifest);
    run(deny.args([
        "--config",
        CONFIG,
        "check",
        "--hide-inclusion-graph",
        "--allow",
        "advisory-not-detected",
        "advisories",
    ]))
    .map(drop)
}

/// Returns the names of all packages in the lock files.
fn locked() -> Result<BTreeSet<String>, String> {
    let mut locked = BTreeSet::new();
    for manifest in MANIFESTS {
        let lock = read(&root().join(manifest).with_file_name("Cargo.lock"))?;
        let names = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
        locked.extend(names.map(str::to_owned));
    }
    Ok(locked)
}

/// Returns the names of what is in a directory, sorted.
fn names(directory: &Path) -> Result<Vec<String>, String> {
    let entries = fs::read_dir(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn put(path: &Path, text: &str) -> Result<(), String> {
    path.parent().map_or(Ok(()), fs::create_dir_all).map_err(|error| format!("{}: {error}", path.display()))?;
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

fn root() -> &'static Path {
    Path::new(ROOT)
}
