use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use serde_json::Value;

use crate::mutant::Mutant;
use crate::switched::{Switched, switched};

const LIB: &str = "src/lib.rs";

/// A copy of the workspace whose crate `secretchat` has all mutants that compile beside each other.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) root: PathBuf,
    /// Tells the sources that it was made of from all others.
    pub(crate) sources: u64,
    /// The numbers of the mutants in it.
    pub(crate) numbers: HashSet<u32>,
}

impl Tree {
    /// Copies what git knows of `root` to `to`, and puts the mutants in. Those that the compiler refuses are left out.
    ///
    /// # Errors
    /// If a file cannot be written, or the copy does not compile for a reason that no mutant explains.
    pub(crate) fn make(root: &Path, to: PathBuf, mutants: &[Mutant]) -> io::Result<Self> {
        let changed: HashSet<&str> = mutants.iter().map(|mutant| &*mutant.file).chain([LIB]).collect();
        let sources = copy(root, &to, &changed)?;
        // It has no code, so no mutants.
        let lib = fs::read_to_string(root.join(LIB))? + "\n#[doc(hidden)]\n#[allow(missing_docs)]\npub mod switch;\n";
        put(&to.join(LIB), lib.as_bytes())?;
        put(&to.join("src/switch.rs"), include_bytes!("../switch.rs"))?;
        let left_out = to.with_extension(format!("left-out-{sources:016x}"));
        let (mut refused, mut constant) = noted(&left_out)?;
        loop {
            let files = write(root, &to, mutants, &refused, &constant)?;
            // Tests may want a function to be `const`, too.
            let mut errors = check(&to, &["--lib"])?;
            if errors.is_empty() {
                errors = check(&to, &["--lib", "--tests"])?;
            }
            if errors.is_empty() {
                let numbers_of = refused.iter().map(|number| format!("{number}\n"));
                let names = constant.iter().map(|name| format!("{name}\n"));
                fs::write(&left_out, numbers_of.chain(names).collect::<String>())?;
                let numbers = files.values().flat_map(|file| file.numbers.iter().copied()).collect();
                return Ok(Self { root: to, sources, numbers });
            }
            let before = refused.len() + constant.len();
            for error in &errors {
                match constant_function(error) {
                    Some(name) => _ = constant.insert(name),
                    None => refused.extend(
                        places(error).iter().filter_map(|(file, at)| Some(files.get(file)?.blamed(at))).flatten(),
                    ),
                }
            }
            println!("{} errors; {} mutants left out", errors.len(), refused.len());
            if refused.len() + constant.len() == before {
                let rendered = errors.iter().filter_map(|error| error["rendered"].as_str());
                return Err(io::Error::other(rendered.collect::<String>()));
            }
        }
    }
}

/// Returns the mutants that an earlier run of the same sources left out, and the functions that stayed `const`.
fn noted(left_out: &Path) -> io::Result<(HashSet<u32>, HashSet<String>)> {
    let text = if left_out.exists() { fs::read_to_string(left_out)? } else { String::new() };
    let (numbers, names): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.parse::<u32>().is_ok());
    Ok((numbers.iter().filter_map(|line| line.parse().ok()).collect(), names.into_iter().map(str::to_owned).collect()))
}

/// Copies all files but those that get mutants. Returns a hash of the source and the tests.
fn copy(root: &Path, to: &Path, changed: &HashSet<&str>) -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output()?;
    for name in String::from_utf8_lossy(&listed.stdout).split_terminator('\0') {
        let bytes = fs::read(root.join(name))?;
        if name.starts_with("src/") || name.starts_with("tests/") {
            (name, &bytes).hash(&mut hasher);
        }
        if !changed.contains(name) {
            put(&to.join(name), &bytes)?;
        }
    }
    Ok(hasher.finish())
}

/// Writes a file. One that is as it was keeps its time, and cargo need not build it again.
fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, bytes)
}

fn write(
    root: &Path,
    to: &Path,
    mutants: &[Mutant],
    refused: &HashSet<u32>,
    constant: &HashSet<String>,
) -> io::Result<HashMap<String, Switched>> {
    let names: HashSet<&str> = mutants.iter().map(|mutant| &*mutant.file).collect();
    let mut files = HashMap::new();
    for name in names {
        let source = fs::read_to_string(root.join(name))?;
        let here = mutants.iter().filter(|mutant| mutant.file == name && !refused.contains(&mutant.number));
        let file = switched(&source, here, constant);
        put(&to.join(name), file.text.as_bytes())?;
        files.insert(name.to_owned(), file);
    }
    Ok(files)
}

/// Returns what the compiler finds wrong.
fn check(tree: &Path, targets: &[&str]) -> io::Result<Vec<Value>> {
    let output = cargo(tree)
        .args(["check", "--quiet", "--package=secretchat", "--all-features", "--message-format=json"])
        .args(targets)
        .output()?;
    let lines = String::from_utf8_lossy(&output.stdout);
    let messages = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let errors: Vec<Value> = messages
        .map(|line| line["message"].clone())
        .filter(|message| message["level"] == "error" && message["spans"].as_array().is_some_and(|all| !all.is_empty()))
        .collect();
    if errors.is_empty() && !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(errors)
}

/// Returns cargo in the copy, with its own target directory beside it.
pub(crate) fn cargo(tree: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    let target = tree.with_extension("target");
    cargo.current_dir(tree).env("CARGO_TARGET_DIR", target).env("RUSTFLAGS", "--cap-lints=allow");
    cargo
}

/// Returns the name of the function that has to stay `const`, if that is what is wrong.
fn constant_function(error: &Value) -> Option<String> {
    if error["code"]["code"] != "E0015" {
        return None;
    }
    let message = error["message"].as_str()?;
    let path = message.split('`').nth(1)?;
    Some(path.split("::<").next()?.rsplit("::").next()?.to_owned())
}

fn places(error: &Value) -> Vec<(String, Range<usize>)> {
    let spans = error["spans"].as_array().into_iter().flatten();
    let primary = spans.filter(|span| span["is_primary"] == true);
    let byte = |span: &Value, name: &str| usize::try_from(span[name].as_u64()?).ok();
    primary
        .filter_map(|span| {
            let range = byte(span, "byte_start")?..byte(span, "byte_end")?;
            Some((span["file_name"].as_str()?.to_owned(), range))
        })
        .collect()
}
