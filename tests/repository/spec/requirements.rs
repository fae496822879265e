//! What Part I of `SPEC.md` asks of an end: each clause does so in the words of RFC 2119, and each MUST has a test.

use std::fs;
use std::path::Path;

use super::SPEC;
use super::clauses::bodies;

/// For each clause with a MUST, how many it has, and below it the tests that would fail without them, or why there are
/// none.
const TESTS: &str = include_str!("requirements.txt");

const KEY_WORDS: [&str; 3] = ["MUST", "SHOULD", "MAY"];

#[test]
fn every_clause_of_the_wire_says_who_must_do_what() {
    let clauses = bodies(wire());
    assert!(clauses.len() > 100, "only {} clauses found", clauses.len());
    let without: Vec<_> =
        clauses.iter().filter(|(_, body)| KEY_WORDS.iter().all(|word| count(body, word) == 0)).collect();
    assert!(without.is_empty(), "without a key word: {without:#?}");
}

#[test]
fn tables_and_examples_ask_for_nothing() {
    for section in ["20", "22", "23", "24", "25"] {
        let text = section_of(section);
        for word in KEY_WORDS {
            assert_eq!(count(text, word), 0, "{word} in section {section}");
        }
    }
}

#[test]
fn every_must_has_a_test() {
    let spec: Vec<_> = bodies(wire()).iter().map(|(clause, body)| (clause.clone(), count(body, "MUST"))).collect();
    let spec: Vec<_> = spec.into_iter().filter(|(_, musts)| *musts > 0).collect();
    let listed: Vec<_> = entries().into_iter().map(|entry| (entry.clause.to_owned(), entry.musts)).collect();
    for (clause, musts) in &spec {
        let known = listed.iter().find(|(other, _)| other == clause);
        let known = known.unwrap_or_else(|| panic!("{clause} has a MUST and no line in requirements.txt"));
        assert_eq!(
            known.1, *musts,
            "{clause}: on the left in requirements.txt, on the right in SPEC.md. Which test is it?"
        );
    }
    assert_eq!(listed, spec, "left: requirements.txt; right: SPEC.md, in its order");
}

#[test]
fn the_tests_of_the_list_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for Entry { clause, tests, .. } in entries() {
        assert!(!tests.is_empty(), "{clause} has neither a test nor a reason");
        for test in tests {
            if let Some(reason) = test.strip_prefix("none: ") {
                assert!(!reason.is_empty(), "{clause}");
                continue;
            }
            let (path, function) = test.split_once("::").unwrap_or_else(|| panic!("{clause}: {test}"));
            let text = fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{clause}: {path}: {error}"));
            assert!(is_test(&text, function), "{clause}: no test {function} in {path}");
        }
    }
}

struct Entry {
    clause: &'static str,
    musts: usize,
    tests: Vec<&'static str>,
}

fn entries() -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in TESTS.lines() {
        match (line.strip_prefix("    "), entries.last_mut()) {
            (Some(test), Some(entry)) => entry.tests.push(test),
            _ => {
                let (clause, musts) = line.split_once(' ').unwrap_or_else(|| panic!("{line}"));
                entries.push(Entry { clause, musts: musts.parse().unwrap(), tests: Vec::new() });
            }
        }
    }
    entries
}

fn wire() -> &'static str {
    let (_, wire) = SPEC.split_once("\n# Part I: the wire\n").unwrap();
    wire.split_once("\n# Part II: ").unwrap().0
}

fn section_of(number: &str) -> &'static str {
    let (_, section) = SPEC.split_once(&format!("\n## {number}. ")).unwrap();
    section.split_once("\n## ").map_or(section, |(section, _)| section)
}

/// How often a word stands in a text as a word of its own.
fn count(text: &str, word: &str) -> usize {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| *part == word).count()
}

/// Whether a file has a test of that name: one of its own, or one that `proptest!` or `test_case` makes.
fn is_test(text: &str, function: &str) -> bool {
    let Some(at) = text.find(&format!("fn {function}(")) else { return false };
    let before = &text[..at];
    let item = before.rfind("\n\n").map_or(before, |begin| &before[begin..]);
    item.contains("#[test]")
}

#[test]
fn what_counts() {
    assert_eq!(count("MUST NOT, (MUST) `MUST`; MUSTARD, must", "MUST"), 3);
    let text = "#[test]\nfn a() {}\n\nfn b() {}\n\n// c\n#[test]\nfn c() {}";
    assert_eq!(["a", "b", "c", "d"].map(|function| is_test(text, function)), [true, false, true, false]);
}
