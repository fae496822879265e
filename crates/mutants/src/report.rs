use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::{fs, io};

use crate::mutant::Mutant;

/// The least share of mutants that the tests must catch, in percent.
const LEAST: usize = 95;

/// Prints how many of `mutants` were caught, by the part of the crate, and those that were not and have no reason.
///
/// Returns whether enough were caught.
///
/// # Errors
/// If a file cannot be read.
pub(crate) fn print(mutants: &[&Mutant], results: &Path) -> io::Result<bool> {
    let text = fs::read_to_string(results)?;
    let verdicts: HashMap<&str, (&str, &str)> = text
        .lines()
        .filter_map(|line| {
            let mut parts = line.split('\t');
            let verdict = parts.next()?;
            Some((parts.next()?, (verdict, parts.next().unwrap_or_default())))
        })
        .collect();
    let explained: Vec<&str> = include_str!("../survivors.txt")
        .lines()
        // The mutant itself may have such a line in it.
        .filter_map(|line| line.rsplit_once(" | "))
        .map(|(mutant, _)| mutant)
        .collect();
    let mut parts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut unexplained = Vec::new();
    for mutant in mutants {
        let Some(&(verdict, detail)) = verdicts.get(&*mutant.name) else { continue };
        let caught = verdict == "caught";
        let (of_caught, of_all) = parts.entry(mutant.part()).or_default();
        *of_caught += usize::from(caught);
        *of_all += 1;
        if !caught && !explained.contains(&&*mutant.text()) {
            unexplained.push(format!("{verdict}: {} {detail}", mutant.name));
        }
    }
    for (part, (caught, all)) in &parts {
        println!("{part:12} {caught:5} of {all:5} caught");
    }
    let (caught, all) = parts.values().fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
    println!("{caught} of {all} caught; not caught and not explained: {}", unexplained.len());
    for line in unexplained {
        println!("  {line}");
    }
    Ok(caught * 100 >= all * LEAST)
}

/// Prints how many tests failed with a mutant, and those that did not.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn print_failing(results: &Path) -> io::Result<()> {
    let text = fs::read_to_string(results)?;
    let (fail, pass): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("fails\t"));
    println!("{} of {} tests were seen failing; the others:", fail.len(), fail.len() + pass.len());
    for line in &pass {
        println!("  {}", line.replace('\t', " "));
    }
    Ok(())
}
