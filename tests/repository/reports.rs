//! `REPORTS.md` and the names of tests agree: each number in a name has its line, and each line names every file with a test
//! of its number, or says why there is none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const PAGE: &str = include_str!("../REPORTS.md");
const KINDS: [&str; 3] = ["BR", "AT", "FA"];

/// The paths of files by the number of their tests, as `AT-07`.
type Places = BTreeMap<String, BTreeSet<String>>;

/// The numbers that the page lists, in its order, each with what stands in its last column.
fn listed(page: &str) -> Vec<(String, String)> {
    let rows = page.lines().filter(|line| KINDS.iter().any(|kind| line.starts_with(&format!("| {kind}-"))));
    let cells = rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect::<Vec<_>>());
    cells
        .map(|cells| (cells[0].to_owned(), if let [_, _, place] = cells[..] { place } else { "" }.to_owned()))
        .collect()
}

/// The numbers in the names of functions, as in `br_07_…`, `fa_26_and_fa_28_…` and `at_02_and_br_10_…`.
fn named(text: &str) -> BTreeSet<String> {
    let is_kind = |word: &str| KINDS.iter().any(|kind| kind.eq_ignore_ascii_case(word));
    let mut found = BTreeSet::new();
    for name in text.split("fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next()) {
        let mut words: Vec<_> = name.split('_').collect();
        // A number at the end is none: something has to be said.
        words.pop();
        while let [kind, number, rest @ ..] = &words[..]
            && is_kind(kind)
            && number.len() == 2
            && number.bytes().all(|digit| digit.is_ascii_digit())
        {
            found.insert(format!("{}-{number}", kind.to_uppercase()));
            words = rest.strip_prefix(&["and"]).unwrap_or(&[]).to_vec();
        }
    }
    found
}

fn read(folder: &Path, root: &Path, found: &mut Places) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            read(&path, root, found);
        } else if name.ends_with(".rs") {
            let relative = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            for number in named(&fs::read_to_string(&path).unwrap()) {
                found.entry(number).or_default().insert(relative.clone());
            }
        }
    }
}

/// What is wrong between a page and the tests that there are.
fn differences(page: &str, tests: &Places) -> Vec<String> {
    let listed = listed(page);
    let mut wrong = Vec::new();
    for (number, found) in tests {
        if !listed.iter().any(|(known, _)| known == number) {
            wrong.push(format!("{number} of {found:?} has no line"));
        }
    }
    for (number, place) in &listed {
        let paths: BTreeSet<String> = place.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        let found = tests.get(number).cloned().unwrap_or_default();
        let same_as = place.strip_prefix("as ").map(|others| others.split(" and "));
        let explained = match same_as {
            Some(mut others) => others.all(|other| tests.contains_key(other)),
            None => place.strip_prefix("none: ").is_some_and(|reason| reason.len() > 20),
        };
        if paths != found || found.is_empty() && !explained || !found.is_empty() && explained {
            wrong.push(format!("{number} says \"{place}\" and is in {found:?}"));
        }
    }
    wrong
}

/// FA-45 was that attacks of the list had no test of their name.
#[test]
fn fa_45_each_line_has_its_tests_or_a_reason_and_each_test_its_line() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = Places::new();
    for folder in ["src", "tests", "crates", "examples", "benches", "fuzz"] {
        read(&root.join(folder), root, &mut tests);
    }
    assert_eq!(differences(PAGE, &tests), [""; 0]);
}

#[test]
fn the_lines_are_whole_and_in_order() {
    let lines = listed(PAGE);
    for (kind, last) in KINDS.into_iter().zip([65, 78, 55]) {
        let numbers: Vec<_> =
            lines.iter().filter_map(|(number, _)| number.strip_prefix(kind)?.strip_prefix('-')).collect();
        assert!(numbers.is_sorted_by(|one, next| one < next), "{kind}: {numbers:?}");
        // What is left out of these reports is said on the page.
        let left_out: &[&str] = if kind == "BR" { &["46", "49", "52", "55", "61", "64"] } else { &[] };
        let all = (1..=last).map(|number| format!("{number:02}")).filter(|number| !left_out.contains(&&number[..]));
        assert_eq!(numbers, all.collect::<Vec<_>>(), "{kind}");
    }
}

#[test]
fn what_is_missing_or_too_much_would_be_found() {
    // Written so that this file has no such function.
    let text = "FN br_07_x() {}\nFN fa_41_and_fa_42_y() {}\nFN fa_7_z() {}\nFN at_100_w() {}\nFN at_least() {}\n\
                FN at_02_and_br_10_v() {}\nFN at_31() {}\nFN at_62_words_of_at_40_u() {}\n";
    let names = ["AT-02", "AT-62", "BR-07", "BR-10", "FA-41", "FA-42"];
    assert_eq!(named(&text.replace("FN", "fn")), names.map(str::to_owned).into());

    let tests: Places = [("AT-01".to_owned(), ["a.rs".to_owned(), "b.rs".to_owned()].into())].into();
    let page = |rows: &[&str]| differences(&rows.concat(), &tests).len();
    let right = "| AT-01 | x | `a.rs`, `b.rs` |\n";
    assert_eq!(page(&[right]), 0);
    assert_eq!(page(&[]), 1, "no line");
    assert_eq!(page(&["| AT-01 | x |\n"]), 1, "no place");
    assert_eq!(page(&["| AT-01 | x | `a.rs` |\n"]), 1, "a file left out");
    assert_eq!(page(&["| AT-01 | x | `a.rs`, `b.rs`, `c.rs` |\n"]), 1, "a file without it");
    assert_eq!(page(&["| AT-01 | x | none: there is no such thing anywhere here |\n"]), 1, "there are tests");
    assert_eq!(page(&[right, "| AT-02 | x | |\n"]), 1, "no reason");
    assert_eq!(page(&[right, "| AT-02 | x | none: short |\n"]), 1, "hardly a reason");
    assert_eq!(page(&[right, "| AT-02 | x | none: there is no such thing anywhere here |\n"]), 0);
    assert_eq!(page(&[right, "| AT-02 | x | as AT-03 |\n"]), 1, "the other has none");
    assert_eq!(page(&[right, "| AT-02 | x | as AT-01 |\n"]), 0);
}
