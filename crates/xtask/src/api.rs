//! `cargo xtask api`: lists the public API of the published crates, as `cargo public-api -ss` does.

use std::fs;
use std::process::Command;

use public_api::Builder;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

const PUBLISHED: [&str; 10] = [
    "ige-lanes",
    "secretchat",
    "secretchat-async",
    "secretchat-ffi",
    "secretchat-grammers",
    "secretchat-markdown",
    "secretchat-media",
    "secretchat-postgres",
    "secretchat-redb",
    "secretchat-sqlite",
];

/// Items that may change in a minor release are listed separately.
const HAZMAT: &str = "secretchat::hazmat";

/// Writes all lists.
pub(crate) fn write() -> Result<(), String> {
    for (path, items) in lists()? {
        fs::write(format!("{ROOT}/{path}"), items).map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(())
}

/// Fails if a list differs from the output of [`write()`], and prints the differences.
pub(crate) fn check() -> Result<(), String> {
    let mut stale = String::new();
    for (path, items) in lists()? {
        let found = fs::read_to_string(format!("{ROOT}/{path}")).map_err(|error| format!("{path}: {error}"))?;
        if found != items {
            stale.push_str(&format!("{path}:\n{}", differences(&found, &items)));
        }
    }
    if stale.is_empty() {
        Ok(())
    } else {
        Err(format!("{stale}the public API has changed: run `cargo xtask api` and commit the lists"))
    }
}

/// Returns the lists: their paths from the root, and their contents.
fn lists() -> Result<Vec<(String, String)>, String> {
    document()?;
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| format!("{ROOT}/target"));
    let mut lists = Vec::new();
    for name in PUBLISHED {
        let json = format!("{target}/doc/{}.json", name.replace('-', "_"));
        let builder = Builder::from_rustdoc_json(json).omit_blanket_impls(true).omit_auto_trait_impls(true);
        let api = builder.build().map_err(|error| format!("{name}: {error}"))?;
        let items = api.items().map(|item| format!("{item}\n"));
        let (hazmat, items): (Vec<_>, Vec<_>) = items.partition(|item| item.contains(HAZMAT));
        lists.push((format!("api/{name}.txt"), items.concat()));
        if !hazmat.is_empty() {
            lists.push((format!("api/{name}-hazmat.txt"), hazmat.concat()));
        }
    }
    Ok(lists)
}

/// Runs rustdoc to write its JSON, with all features.
fn document() -> Result<(), String> {
    let mut cargo = Command::new("cargo");
    cargo.args(["doc", "--quiet", "--locked", "--no-deps", "--all-features"]).current_dir(ROOT);
    cargo.args(PUBLISHED.iter().flat_map(|name| ["--package", name]));
    cargo.env("RUSTDOC", format!("{ROOT}/crates/xtask/rustdoc-json"));
    cargo.env("RUSTDOCFLAGS", "-Z unstable-options --output-format json");
    let status = cargo.status().map_err(|error| format!("cargo doc: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("cargo doc: {status}")) }
}

/// Returns the lines that are in only one of the two.
fn differences(old: &str, new: &str) -> String {
    let only = |sign: char, one: &str, other: &str| -> String {
        let other: Vec<_> = other.lines().collect();
        one.lines().filter(|line| !other.contains(line)).map(|line| format!("{sign} {line}\n")).collect()
    };
    only('-', old, new) + &only('+', new, old)
}
