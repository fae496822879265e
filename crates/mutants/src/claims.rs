use std::io;
use std::path::Path;

use crate::mutant::Mutant;
use crate::test::{Outcome, Test};

/// Each claim of SECURITY.md, with tests of it and the mutants that they fail with.
const CLAIMS: &str = include_str!("../claims.txt");

/// Runs the test of each line with its mutant, and prints which fail.
///
/// Returns whether all do.
///
/// # Errors
/// If a test cannot be started.
pub(crate) fn try_all(root: &Path, tests: &[Test], mutants: &[Mutant]) -> io::Result<bool> {
    let mut all_fail = true;
    for line in CLAIMS.lines() {
        let Some((test, mutant)) = pair(line) else {
            println!("{line}");
            continue;
        };
        let fails = fails(root, tests, test, mutants, mutant)?;
        println!("{} {line}", if fails { "fails:" } else { "DOES NOT FAIL:" });
        all_fail &= fails;
    }
    Ok(all_fail)
}

/// Returns whether a test is of a claim.
#[must_use]
pub(crate) fn is_of_one(label: &str) -> bool {
    CLAIMS.lines().filter_map(pair).any(|(test, _)| label == test)
}

/// Returns the test and the mutant of a line that names them.
fn pair(line: &str) -> Option<(&str, &str)> {
    line.split_once(" | ").filter(|(_, mutant)| mutant.starts_with("src/"))
}

/// Returns whether a test fails with a mutant. There may be several of one text in a function.
fn fails(root: &Path, tests: &[Test], test: &str, mutants: &[Mutant], mutant: &str) -> io::Result<bool> {
    let Some(test) = tests.iter().find(|other| other.label == test) else { return Ok(false) };
    let mutants = mutants.iter().filter(|other| other.text() == mutant);
    for mutant in mutants.filter(|mutant| test.reached.contains(&mutant.number)) {
        if test.run(root, mutant.number)? != Outcome::Passed {
            return Ok(true);
        }
    }
    Ok(false)
}
