//! Every clause that is cited exists, is defined once, and is tested.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::SPEC;

/// Clauses that no test cites, and why none can.
const UNTESTED: &[(&str, &str)] = &[("RIGHT-4", "asks something of hosts and users")];

/// `KDF-3`: its prefix and its number.
type Clause = (String, u32);

#[test]
fn clauses_are_defined_once() {
    let mut seen = BTreeSet::new();
    let twice: Vec<_> = definitions(SPEC).into_iter().filter(|clause| !seen.insert(clause.clone())).map(name).collect();
    assert!(twice.is_empty(), "defined twice: {twice:?}");
    assert!(seen.len() > 100, "only {} clauses found", seen.len());
}

#[test]
fn clauses_that_are_cited_exist() {
    let defined = BTreeSet::from_iter(definitions(SPEC));
    let mut unknown = BTreeMap::<_, Vec<_>>::new();
    let mut cited = 0;
    for (path, text) in citing_files() {
        for clause in citations(&text) {
            cited += 1;
            if !defined.contains(&clause) {
                unknown.entry(name(clause)).or_default().push(path.clone());
            }
        }
    }
    // The text cites itself, too.
    for clause in citations(SPEC) {
        if !defined.contains(&clause) {
            unknown.entry(name(clause)).or_default().push("SPEC.md".into());
        }
    }
    assert!(unknown.is_empty(), "cited, and not in SPEC.md: {unknown:#?}");
    assert!(cited > 300, "only {cited} citations found");
}

#[test]
fn clauses_that_no_test_cites_are_listed() {
    let mut tested = BTreeSet::new();
    for (path, text) in citing_files() {
        tested.extend(citations(part_for_tests(&path, &text)));
    }
    let untested: BTreeSet<_> =
        definitions(SPEC).into_iter().filter(|clause| !tested.contains(clause)).map(name).collect();
    let listed: BTreeSet<_> = UNTESTED.iter().map(|(clause, _)| (*clause).to_owned()).collect();
    assert_eq!(untested, listed, "left: no test cites them; right: UNTESTED says so");
}

fn name((prefix, number): Clause) -> String {
    format!("{prefix}-{number}")
}

/// A definition is a clause's name in bold.
fn definitions(text: &str) -> Vec<Clause> {
    let in_bold = text.split("**").skip(1).step_by(2);
    in_bold.filter_map(|bold| clause_at(bold).filter(|(_, rest)| rest.is_empty()).map(|(clause, _)| clause)).collect()
}

/// Each clause of a text that defines it at the start of a paragraph, with all that it says.
pub(super) fn bodies(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let begins = line.strip_prefix("**").and_then(clause_at).filter(|(_, rest)| rest.starts_with("**"));
        if let Some((clause, _)) = begins {
            found.push((name(clause), String::new()));
            inside = true;
        } else if line.starts_with('#') {
            inside = false;
        }
        if let Some((_, body)) = found.last_mut().filter(|_| inside) {
            body.push_str(line);
            body.push('\n');
        }
    }
    found
}

/// What a text cites of the prefixes that SPEC.md defines: `KDF-1`, `KDF-1 to KDF-3`. Other names of this shape
/// (`AES-256`) are none of it.
fn citations(text: &str) -> Vec<Clause> {
    let prefixes: BTreeSet<_> = definitions(SPEC).into_iter().map(|(prefix, _)| prefix).collect();
    let text = without_line_breaks(text);
    let mut found = Vec::new();
    let mut before = ' ';
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let begins = c.is_ascii_uppercase() && !before.is_ascii_alphanumeric() && before != '-';
        match clause_at(rest).filter(|((prefix, _), _)| begins && prefixes.contains(prefix)) {
            Some(((prefix, first), behind)) => {
                let end = behind.strip_prefix(" to ").and_then(clause_at).filter(|((end, _), _)| *end == prefix);
                let (last, behind) = end.map_or((first, behind), |((_, last), behind)| (last, behind));
                found.extend((first..=last).map(|number| (prefix.clone(), number)));
                (before, rest) = ('0', behind);
            }
            None => (before, rest) = (c, &rest[c.len_utf8()..]),
        }
    }
    found
}

/// The clause that a text begins with, and what stands behind it.
fn clause_at(text: &str) -> Option<(Clause, &str)> {
    let end = text.find(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit())?;
    let (prefix, rest) = text.split_at(end);
    let digits = rest.strip_prefix('-')?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (number, behind) = digits.split_at(end);
    let letter = prefix.starts_with(|c: char| c.is_ascii_uppercase());
    let ends = !behind.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
    Some(((prefix.to_owned(), number.parse().ok().filter(|_| letter && ends)?), behind))
}

/// A range may be broken over two lines of a comment.
fn without_line_breaks(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_start().trim_start_matches(['/', '!', '#']).trim());
    lines.collect::<Vec<_>>().join(" ")
}

/// Everything that may cite: sources, tests, examples and programs of the workspace, but this file and the recorded
/// conversations.
fn citing_files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["src", "tests", "examples", "crates", "test-vectors"] {
        collect(&root.join(folder), &mut found);
    }
    let path = |file: &PathBuf| file.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
    found.push(root.join("CONFORMANCE.md"));
    found.sort();
    found.retain(|found| *found != root.join("tests/repository/spec/clauses.rs"));
    found.iter().map(|file| (path(file), fs::read_to_string(file).unwrap())).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !["tdlib", "target"].map(|name| folder.join(name)).contains(&path) {
                collect(&path, found);
            }
        } else if ["rs", "py", "json", "md", "toml"].iter().any(|ext| path.extension() == Some(ext.as_ref())) {
            found.push(path);
        }
    }
}

/// Of a source file its unit tests; of a test, a vector or the stores' contract all of it; of an example nothing.
fn part_for_tests<'a>(path: &str, text: &'a str) -> &'a str {
    let whole = ["tests/", "test-vectors/", "crates/store-contract/"];
    if whole.iter().any(|folder| path.starts_with(folder)) || path.contains("/tests/") || path.ends_with("/tests.rs") {
        return text;
    }
    text.find("#[cfg(test)]\nmod tests {").map_or("", |begin| &text[begin..])
}

#[test]
fn what_counts_as_a_citation() {
    let cited = |text| citations(text).into_iter().map(name).collect::<Vec<_>>();
    assert_eq!(cited("(SPEC KDF-1, `SEQ-3`)"), ["KDF-1", "SEQ-3"]);
    assert_eq!(cited("/// of SPEC SEG-1 to\n    /// SEG-3."), ["SEG-1", "SEG-2", "SEG-3"]);
    assert_eq!(cited("X25-2 to KDF-3"), ["X25-2", "KDF-3"]);
    assert_eq!(cited("AES-256, RFC-7748, BR-39, aTL-2, A-TL-2, TL-2a, TL-2-3, TL-, Tl-2"), [""; 0]);
    assert_eq!(
        definitions("**TL-1** and **not** **TL-2 is bold** (TL-3)").into_iter().map(name).collect::<Vec<_>>(),
        ["TL-1"]
    );
    assert_eq!(
        bodies("**TL-1** a\n\n* b\n## c\nd\n**TL-2**\ne **TL-3** f\n**no** clause"),
        [("TL-1", "**TL-1** a\n\n* b\n"), ("TL-2", "**TL-2**\ne **TL-3** f\n**no** clause\n")]
            .map(|(name, body)| (name.to_owned(), body.to_owned()))
    );
    assert_eq!(part_for_tests("src/a.rs", "TL-1\n#[cfg(test)]\nmod tests {TL-2"), "#[cfg(test)]\nmod tests {TL-2");
    assert_eq!(part_for_tests("examples/a.rs", "TL-1"), "");
}
