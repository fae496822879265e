//! Each claim of SECURITY.md has something that was seen failing: `crates/mutants/claims.txt` lists it, and
//! `cargo run --release -p mutants -- --claims` shows it again.

use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = include_str!("../../SECURITY.md");
const LIST: &str = include_str!("../../crates/mutants/claims.txt");

/// The claims of the page, in its order.
fn claims(page: &str) -> Vec<&str> {
    let table = page.split("\n| claim | shown by |\n|---|---|\n").nth(1).unwrap_or_default();
    let rows = table.lines().take_while(|line| line.starts_with("| "));
    rows.map(|row| row[2..].split(" | ").next().unwrap_or_default()).collect()
}

/// The claims of the list, each with its lines.
fn listed(list: &str) -> Vec<(&str, Vec<&str>)> {
    let sections = list.split("\n# ").skip(1);
    sections
        .map(|section| {
            let mut lines = section.lines();
            (lines.next().unwrap_or_default(), lines.filter(|line| !line.is_empty()).collect())
        })
        .collect()
}

/// What is wrong between a page and a list. `has` tells whether a file below the root has a text in it.
fn differences(page: &str, list: &str, has: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let (claims, listed) = (claims(page), listed(list));
    let mut wrong = Vec::new();
    if claims.len() != listed.len() {
        wrong.push(format!("{} claims, {} in the list", claims.len(), listed.len()));
    }
    for (claim, (beginning, lines)) in claims.iter().zip(&listed) {
        if beginning.len() < 20 || !claim.starts_with(beginning) {
            wrong.push(format!("\"{beginning}\" stands for \"{claim}\""));
        }
        if lines.is_empty() {
            wrong.push(format!("nothing was seen failing for \"{beginning}\""));
        }
        for line in lines {
            let stands = match line.split_once(" | ") {
                // A test, and a mutant of a file.
                Some((test, mutant)) => {
                    let name = test.rsplit("::").next().unwrap_or_default();
                    let file = mutant.split(": ").next().unwrap_or_default();
                    has(&program(test), &format!("fn {name}(")) && has(file, "")
                }
                // A check of its own, with something planted in it.
                None => line.split_once(": ").is_some_and(|(file, planted)| has(file, planted)),
            };
            if !stands {
                wrong.push(format!("\"{line}\" is not there"));
            }
        }
    }
    wrong
}

/// The folder, or file, of a test's program.
fn program(test: &str) -> String {
    let program = test.split("::").next().unwrap_or_default();
    match program.split_once('/') {
        Some((package, program)) => format!("crates/{package}/tests/{program}.rs"),
        None if program == "secretchat" => "src".to_owned(),
        None => format!("tests/{program}"),
    }
}

fn files(path: PathBuf) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(&path) else { return vec![path] };
    entries.flat_map(|entry| files(entry.unwrap().path())).collect()
}

#[test]
fn each_claim_was_seen_failing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let has = |file: &str, text: &str| {
        files(root.join(file)).iter().any(|path| fs::read_to_string(path).is_ok_and(|all| all.contains(text)))
    };
    assert_eq!(claims(PAGE).len(), 37);
    assert_eq!(differences(PAGE, LIST, has), [""; 0]);
}

#[test]
fn a_claim_that_nothing_shows_would_be_found() {
    let page = |rows: &str| format!("# x\n\n| claim | shown by |\n|---|---|\n{rows}\nText | text\n");
    let has = |file: &str, text: &str| {
        [("tests/a", "fn holds("), ("src/b.rs", ""), ("crates/c/src/d.rs", "planted")].contains(&(file, text))
    };
    let found = |rows: &str, list: &str| differences(&page(rows), list, has).len();
    let rows = "| It holds whatever happens | x |\n";
    let list =
        "Head.\n\n# It holds whatever happens\na::b::holds | src/b.rs: replace x with y\ncrates/c/src/d.rs: planted\n";
    assert_eq!(found(rows, list), 0);
    assert_eq!(found(rows, "Head.\n"), 1, "no section");
    assert_eq!(found(rows, "Head.\n\n# It holds whatever happens\n"), 1, "no line");
    assert_eq!(found(rows, &list.replace("::holds", "::does")), 1, "no such test");
    assert_eq!(found(rows, &list.replace("src/b", "src/c")), 1, "no such file");
    assert_eq!(found(rows, &list.replace(": planted", ": nothing")), 1, "nothing planted");
    assert_eq!(found(rows, &list.replace("It holds whatever", "It never did whatever")), 1, "another claim");
    assert_eq!(found(&rows.repeat(2), list), 1, "a claim left out");
}
