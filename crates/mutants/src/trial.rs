use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;
use std::{io, thread};

use crate::mutant::Mutant;
use crate::test::{Outcome, Test};

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// By the test of this name, which failed or did not end.
    Caught(String),
    /// All tests that reach it, so many of them, passed.
    Survived(usize),
    /// So many tests passed, and then its time was over.
    Unsure(usize),
}

/// Runs the tests that reach each mutant until one fails, and gives each verdict to `tell`.
///
/// # Errors
/// If a test cannot be started.
pub(crate) fn judge(
    root: &Path,
    tests: &[Test],
    mutants: &[&Mutant],
    threads: usize,
    budget: Duration,
    tell: impl Fn(&Mutant, Verdict) + Sync,
) -> io::Result<()> {
    let left = Mutex::new(mutants.iter());
    let caught = Mutex::new(Catches::default());
    let work = || -> io::Result<()> {
        loop {
            let Some(mutant) = left.lock().expect("no holder panics").next() else { return Ok(()) };
            let order = order(tests, mutant, &caught.lock().expect("no holder panics"));
            let (verdict, by) = one(root, tests, mutant, &order, budget)?;
            if let Some(by) = by {
                caught.lock().expect("no holder panics").note(mutant, by);
            }
            tell(mutant, verdict);
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a worker does not panic"))
    })
}

/// How many mutants each test caught, of each file and in all. One that caught many is likely to catch the next one.
#[derive(Debug, Default)]
struct Catches {
    of_file: HashMap<(String, usize), u32>,
    in_all: HashMap<usize, u32>,
}

impl Catches {
    fn note(&mut self, mutant: &Mutant, test: usize) {
        *self.of_file.entry((mutant.file.clone(), test)).or_default() += 1;
        *self.in_all.entry(test).or_default() += 1;
    }

    /// Those of the mutant's file, and all.
    fn of(&self, mutant: &Mutant, test: usize) -> [u32; 2] {
        let of_file = self.of_file.get(&(mutant.file.clone(), test));
        [of_file, self.in_all.get(&test)].map(|count| count.copied().unwrap_or_default())
    }
}

/// Returns the tests that reach a mutant, the one that is most likely to catch it first.
fn order(tests: &[Test], mutant: &Mutant, caught: &Catches) -> Vec<usize> {
    let mut order: Vec<usize> = (0..tests.len()).filter(|&i| tests[i].reached.contains(&mutant.number)).collect();
    // Beside the code there are tests of it; other tests are the more about it the less they reach, and cheap ones go first.
    let module =
        mutant.file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
    order.sort_by_cached_key(|&i| {
        let test = &tests[i];
        let millis = test.took.as_millis().max(10);
        // In the time of one.
        let [of_file, in_all] = caught.of(mutant, i).map(|count| u128::from(count) * 60_000 / millis);
        let beside = test.name.starts_with(&module);
        (Reverse(of_file), Reverse(beside), Reverse(in_all), test.reached.len() as u128 * millis)
    });
    order
}

fn one(
    root: &Path,
    tests: &[Test],
    mutant: &Mutant,
    order: &[usize],
    budget: Duration,
) -> io::Result<(Verdict, Option<usize>)> {
    let mut spent = Duration::ZERO;
    for (ran, &i) in order.iter().enumerate() {
        if spent > budget {
            return Ok((Verdict::Unsure(ran), None));
        }
        if tests[i].run(root, mutant.number)? != Outcome::Passed {
            return Ok((Verdict::Caught(tests[i].name.clone()), Some(i)));
        }
        spent += tests[i].took;
    }
    Ok((Verdict::Survived(order.len()), None))
}
