//! CONFORMANCE.md sends its readers to every file of vectors, and to none that is not there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const PAGE: &str = include_str!("../../CONFORMANCE.md");

#[test]
fn every_file_of_vectors_proves_a_step() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test-vectors");
    let mut files = BTreeSet::new();
    for place in ["", "records/"] {
        for entry in fs::read_dir(folder.join(place)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".json") {
                files.insert(format!("{place}{name}"));
            }
        }
    }
    let in_code = PAGE.split('`').skip(1).step_by(2).filter(|code| code.ends_with(".json"));
    assert_eq!(in_code.map(String::from).collect::<BTreeSet<_>>(), files);
    assert!(files.len() > 20);
}

/// The clauses that a text names, with those between the ends of `SEQ-1 to SEQ-9`.
fn clauses(text: &str) -> BTreeSet<String> {
    let words: Vec<_> =
        text.split([' ', ',', ';', '(', ')', '.', ':', '\n', '|']).filter(|word| !word.is_empty()).collect();
    let clause = |word: &str| {
        let (name, number) = word.split_once('-')?;
        // Not UTF-16 and SHA-256.
        let is_name = !matches!(name, "UTF" | "SHA")
            && name.len() > 1
            && name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit());
        Some((name.to_owned(), number.parse::<u32>().ok().filter(|_| is_name)?))
    };
    let mut found = BTreeSet::new();
    for (at, word) in words.iter().enumerate() {
        let Some((name, first)) = clause(word) else { continue };
        let to = words.get(at + 1).filter(|next| **next == "to").and_then(|_| clause(words.get(at + 2)?));
        let last = to.filter(|(other, _)| *other == name).map_or(first, |(_, last)| last);
        found.extend((first..=last).map(|number| format!("{name}-{number}")));
    }
    found
}

/// Those that a part of SPEC.md defines.
fn defined(part: &str) -> BTreeSet<String> {
    part.lines().filter_map(|line| Some(line.strip_prefix("**")?.split_once("**")?.0.to_owned())).collect()
}

#[test]
fn a_peer_needs_clauses_of_the_wire_alone() {
    let spec = include_str!("../../SPEC.md");
    let (wire, rest) = spec.split_once("\n# Part I: the wire\n").unwrap().1.split_once("\n# Part II: ").unwrap();
    let (wire, rest) = (defined(wire), defined(rest));
    let (least, more) =
        PAGE.split_once("\n## The least that a peer needs\n").unwrap().1.split_once("Add what you need").unwrap();
    let needed = clauses(least);
    assert!(needed.len() > 60, "{}", needed.len());
    assert_eq!(needed.difference(&wire).collect::<Vec<_>>(), [""; 0], "needed, and not of the wire");
    let unknown: Vec<_> =
        clauses(more).into_iter().filter(|name| !wire.contains(name) && !rest.contains(name)).collect();
    assert_eq!(unknown, [""; 0], "in no part of SPEC.md");
}

#[test]
fn a_range_names_what_is_between() {
    let named = clauses("| order | SEQ-1 to SEQ-3, LAY-1; also X25-10 (HYB-2). SHA-256 |");
    assert_eq!(named, ["SEQ-1", "SEQ-2", "SEQ-3", "LAY-1", "X25-10", "HYB-2"].map(String::from).into());
}
