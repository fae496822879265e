use std::io;
use std::path::Path;

use crate::mutant::Mutant;
use crate::test::{Outcome, Test};

/// Each claim of SECURITY.md, with tests of it and the mutants that they fail with.
const CLAIMS: &str = include_str!("../claims.txt");

/// How many pairs of a test and a mutant are tried for one line.
const MOST: usize = 60;

/// Runs the tests of each claim with their mutants, and prints what fails.
///
/// A line may give the beginning of several names. It is printed with the first test and mutant of them that fail together.
///
/// Returns whether there is a failure for each line.
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
        match first_failure(root, tests, test, mutants, mutant)? {
            Some((test, mutant)) => println!("fails: {} | {}", test.label, mutant.text()),
            None => {
                println!("DOES NOT FAIL: {line}");
                all_fail = false;
            }
        }
    }
    Ok(all_fail)
}

/// Returns whether a test is of a claim.
#[must_use]
pub(crate) fn is_of_one(label: &str) -> bool {
    CLAIMS.lines().filter_map(pair).any(|(test, _)| label.starts_with(test))
}

/// Returns the tests and the mutants of a line, if it is one.
fn pair(line: &str) -> Option<(&str, &str)> {
    line.split_once(" | ").filter(|(_, mutant)| mutant.starts_with("src/"))
}

fn first_failure<'a>(
    root: &Path,
    tests: &'a [Test],
    test: &str,
    mutants: &'a [Mutant],
    mutant: &str,
) -> io::Result<Option<(&'a Test, &'a Mutant)>> {
    let mutants: Vec<&Mutant> = mutants.iter().filter(|other| other.text().starts_with(mutant)).collect();
    let tests = tests.iter().filter(|other| other.label.starts_with(test));
    let pairs = tests.flat_map(|test| mutants.iter().map(move |mutant| (test, *mutant)));
    for (test, mutant) in pairs.filter(|(test, mutant)| test.reached.contains(&mutant.number)).take(MOST) {
        if test.run(root, mutant.number)? != Outcome::Passed {
            return Ok(Some((test, mutant)));
        }
    }
    Ok(None)
}
