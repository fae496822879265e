//! The overview of the dependencies is that of the lock file.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn each_dependency_is_in_the_overview_with_its_unsafe_lines() {
    let page = fs::read_to_string(format!("{ROOT}/docs/dependencies.md")).unwrap();
    let mut expected = String::new();
    for (name, version, sources) in dependencies() {
        let _infallible = writeln!(expected, "{name} {version} {}", unsafe_lines(sources.as_ref()));
    }
    let mut found = String::new();
    for row in page.lines().filter(|line| line.starts_with("| ") && line.matches('|').count() == 6) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        if cells[1] != "crate" {
            let _infallible = writeln!(found, "{} {} {}", cells[1], cells[2], cells[4]);
        }
    }
    assert_eq!(found, expected);
}

/// Returns name, version and folder of each crate that a build of the package may contain, on any target, sorted by name.
fn dependencies() -> Vec<(String, String, String)> {
    let tree = ["tree", "--package=secretchat", "--all-features", "--edges=normal", "--target=all", "--prefix=none"];
    let tree = cargo(&[&tree[..], &["--format={p}"]].concat());
    let metadata: serde_json::Value =
        serde_json::from_str(&cargo(&["metadata", "--all-features", "--format-version=1"])).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let mut names: Vec<(&str, &str)> = tree
        .lines()
        .filter(|line| !line.contains(ROOT))
        .filter_map(|line| line.split_once(' '))
        .map(|(name, rest)| (name, rest.split(' ').next().unwrap_or_default().trim_start_matches('v')))
        .collect();
    names.sort_unstable();
    names.dedup();
    let sources = |name: &str, version: &str| {
        let package = packages.iter().find(|package| package["name"] == name && package["version"] == version).unwrap();
        let manifest = package["manifest_path"].as_str().unwrap();
        manifest.trim_end_matches("Cargo.toml").to_owned() + "src"
    };
    names.into_iter().map(|(name, version)| (name.to_owned(), version.to_owned(), sources(name, version))).collect()
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).current_dir(ROOT).arg("--offline").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn unsafe_lines(path: &Path) -> usize {
    if path.is_dir() {
        return fs::read_dir(path).unwrap().map(|entry| unsafe_lines(&entry.unwrap().path())).sum();
    }
    if path.extension().is_none_or(|extension| extension != "rs") {
        return 0;
    }
    let words = ["unsafe {", "unsafe fn ", "unsafe impl", "unsafe extern", "unsafe trait"];
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    lines.filter(|line| words.iter().any(|word| line.contains(word))).count()
}
