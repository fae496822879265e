use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use serde_json::Value;

use crate::mutant::Mutant;
use crate::switched::{Switched, switched};

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
        let sources = copy(root, &to)?;
        let lib = to.join("src/lib.rs");
        // It has no code, so no mutants.
        let with_switch = fs::read_to_string(&lib)? + "\n#[doc(hidden)]\n#[allow(missing_docs)]\npub mod switch;\n";
        fs::write(lib, with_switch)?;
        fs::write(to.join("src/switch.rs"), include_str!("../switch.rs"))?;
        let mut refused = HashSet::new();
        let mut constant = HashSet::new();
        loop {
            let files = write(root, &to, mutants, &refused, &constant)?;
            // Tests may want a function to be `const`, too.
            let mut errors = check(&to, &["--lib"])?;
            if errors.is_empty() {
                errors = check(&to, &["--lib", "--tests"])?;
            }
            if errors.is_empty() {
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

/// Returns a hash of the source and the tests.
fn copy(root: &Path, to: &Path) -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output()?;
    for name in String::from_utf8_lossy(&listed.stdout).split_terminator('\0') {
        let target = to.join(name);
        let bytes = fs::read(root.join(name))?;
        if name.starts_with("src/") || name.starts_with("tests/") {
            (name, &bytes).hash(&mut hasher);
        }
        // What is as it was keeps its time, and cargo need not build it again.
        if fs::read(&target).is_ok_and(|old| old == bytes) {
            continue;
        }
        fs::create_dir_all(target.parent().unwrap_or(to))?;
        fs::write(target, bytes)?;
    }
    Ok(hasher.finish())
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
        fs::write(to.join(name), &file.text)?;
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
