use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{io, thread};

use crate::mutant::{Genre, Mutant};
use crate::test::{Outcome, Test};

/// Runs each test with mutants that it reaches until it fails, and gives `tell` the mutant, or how many it passed with.
///
/// # Errors
/// If a test cannot be started.
pub(crate) fn look(
    root: &Path,
    tests: &[&Test],
    mutants: &[&Mutant],
    reached_by: &HashMap<u32, usize>,
    threads: usize,
    budget: Duration,
    tell: impl Fn(&Test, Result<&Mutant, usize>) + Sync,
) -> io::Result<()> {
    let left = Mutex::new(tests.iter());
    let work = || -> io::Result<()> {
        loop {
            let Some(test) = left.lock().expect("no holder panics").next() else { return Ok(()) };
            tell(test, one(root, test, &order(test, mutants, reached_by), budget)?);
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a worker does not panic"))
    })
}

/// Returns how many tests reach each mutant.
#[must_use]
pub(crate) fn reached_by(tests: &[Test]) -> HashMap<u32, usize> {
    let mut count = HashMap::new();
    for number in tests.iter().flat_map(|test| &test.reached) {
        *count.entry(*number).or_default() += 1;
    }
    count
}

/// Returns the mutants that a test reaches: what few other tests reach is what it is about.
fn order<'a>(test: &Test, mutants: &[&'a Mutant], reached_by: &HashMap<u32, usize>) -> Vec<&'a Mutant> {
    let reached = mutants.iter().copied().filter(|mutant| test.reached.contains(&mutant.number));
    let mut order: Vec<&Mutant> = reached.collect();
    // A function that does nothing is seen more easily than an operator that is another one.
    order.sort_by_key(|mutant| (reached_by.get(&mutant.number), Reverse(mutant.genre == Genre::FnValue)));
    order
}

fn one<'a>(root: &Path, test: &Test, order: &[&'a Mutant], budget: Duration) -> io::Result<Result<&'a Mutant, usize>> {
    let start_time = Instant::now();
    for (tried, mutant) in order.iter().enumerate() {
        if start_time.elapsed() > budget {
            return Ok(Err(tried));
        }
        if test.run(root, mutant.number)? != Outcome::Passed {
            return Ok(Ok(mutant));
        }
    }
    Ok(Err(order.len()))
}
