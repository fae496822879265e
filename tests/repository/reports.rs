//! Every number in a test's name has its line in `REPORTS.md`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const KINDS: [&str; 3] = ["BR", "AT", "FA"];
const FAULTS: u32 = 55;
/// Zeros at the end of a file are among the damages of FA-17's test, and the attacks have names of their own.
const NAMED_OTHERWISE: [u32; 2] = [18, 45];

/// The numbers of a kind that the page lists, in its order.
fn listed(kind: &str) -> Vec<u32> {
    let page = include_str!("../REPORTS.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.strip_prefix(kind)?.strip_prefix('-'));
    rows.map(|row| row.split_once(" | ").unwrap().0.parse().unwrap()).collect()
}

/// The numbers of a kind in the names of functions, as `fn br_07_…` and `fn fa_26_and_fa_28_…`.
fn named(kind: &str, text: &str) -> BTreeSet<u32> {
    let start = format!("{}_", kind.to_lowercase());
    let names = text.split("fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next());
    let parts = names.filter(|name| name.starts_with(&start)).flat_map(|name| name.split(&start).skip(1));
    parts.filter_map(|part| part.split_once('_')?.0.parse().ok()).collect()
}

fn sources(folder: &Path, found: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            sources(&path, found);
        } else if name.ends_with(".rs") && name != "reports.rs" {
            found.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

/// All of the repository's Rust, this file aside.
fn all_sources() -> String {
    let mut found = String::new();
    for folder in ["src", "tests", "crates", "examples", "benches", "fuzz"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    }
    found
}

#[test]
fn each_number_in_a_test_name_is_listed_once_and_in_order() {
    let sources = all_sources();
    for kind in KINDS {
        let listed = listed(kind);
        assert!(listed.is_sorted_by(|one, next| one < next), "{kind}: {listed:?}");
        let listed: BTreeSet<u32> = listed.into_iter().collect();
        let unlisted: Vec<_> = named(kind, &sources).difference(&listed).copied().collect();
        assert!(unlisted.is_empty(), "{kind} without a line: {unlisted:?}");
    }
    assert_eq!(listed("FA"), (1..=FAULTS).collect::<Vec<_>>());
    let with_test = named("FA", &sources);
    let without: Vec<_> = (1..=FAULTS).filter(|fault| !with_test.contains(fault)).collect();
    assert!(without.iter().all(|fault| NAMED_OTHERWISE.contains(fault)), "{without:?}");
}

#[test]
fn a_number_without_a_line_would_be_found() {
    let text =
        "#[test]\nfn br_07_x() {}\nfn fa_41_and_fa_42_y() {}\nfn fa_7_z() {}\nfn at_100_w() {}\nfn at_least() {}";
    assert_eq!(
        KINDS.map(|kind| named(kind, text).into_iter().collect::<Vec<_>>()),
        [vec![7], vec![100], vec![7, 41, 42]]
    );
    assert_eq!((listed("BR").len(), listed("AT").len()), (24, 78));
}
