//! `cargo xtask vectors`: runs the programs in `test-vectors/`, which write the files next to them.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The modules that the programs share, and the one that checks the files.
const NOT_GENERATORS: [&str; 8] = [
    "agreements.py",
    "chats.py",
    "ends.py",
    "hybrid_values.py",
    "vector_file.py",
    "verify.py",
    "records/hostile.py",
    "records/layout.py",
];

/// Writes all files.
pub(crate) fn write() -> Result<(), String> {
    run(&[])
}

/// Fails if a file differs from the output of its program.
pub(crate) fn check() -> Result<(), String> {
    run(&["--check"])
}

fn run(arguments: &[&str]) -> Result<(), String> {
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let mut stale = Vec::new();
    for program in programs()? {
        let status = Command::new(&python).arg(&program).args(arguments).status();
        let status = status.map_err(|error| format!("cannot run {}: {error}", python.display()))?;
        if !status.success() {
            stale.push(program.display().to_string());
        }
    }
    if stale.is_empty() { Ok(()) } else { Err(format!("failed: {}", stale.join(", "))) }
}

/// Programs are in `test-vectors/` and one level below, next to the files that they write.
fn programs() -> Result<Vec<PathBuf>, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors");
    let mut found = files(&root)?;
    // `checks` belongs to verify.py.
    for folder in files(&root)?.into_iter().filter(|path| path.is_dir() && !path.ends_with("checks")) {
        found.extend(files(&folder)?);
    }
    let is_program = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "py")
            && !NOT_GENERATORS.iter().any(|name| path.ends_with(name))
    };
    found.retain(is_program);
    if found.is_empty() { Err(format!("no programs in {}", root.display())) } else { Ok(found) }
}

/// Returns the entries of a folder, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut paths: Vec<_> = entries.map_err(|error| error.to_string())?.iter().map(std::fs::DirEntry::path).collect();
    paths.sort();
    Ok(paths)
}
