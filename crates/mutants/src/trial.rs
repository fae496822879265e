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
    // The test that caught the last mutant of a file is likely to catch the next one.
    let last: Mutex<HashMap<&str, usize>> = Mutex::new(HashMap::new());
    let work = || -> io::Result<()> {
        loop {
            let Some(mutant) = left.lock().expect("no holder panics").next() else { return Ok(()) };
            let favourite = last.lock().expect("no holder panics").get(&*mutant.file).copied();
            let (verdict, by) = one(root, tests, mutant, favourite, budget)?;
            if let Some(by) = by {
                last.lock().expect("no holder panics").insert(&mutant.file, by);
            }
            tell(mutant, verdict);
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a worker does not panic"))
    })
}

fn one(
    root: &Path,
    tests: &[Test],
    mutant: &Mutant,
    favourite: Option<usize>,
    budget: Duration,
) -> io::Result<(Verdict, Option<usize>)> {
    let mut order: Vec<usize> = (0..tests.len()).filter(|&i| tests[i].reached.contains(&mutant.number)).collect();
    // Beside the code there are tests of it; other tests are the more about it the less they reach, and cheap ones go first.
    let module =
        mutant.file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
    order.sort_by_key(|&i| {
        let test = &tests[i];
        let beside = test.name.starts_with(&module);
        (Reverse(favourite == Some(i)), Reverse(beside), test.reached.len() as u128 * test.took.as_millis().max(10))
    });
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
