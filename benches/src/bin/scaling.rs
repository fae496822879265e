//! Prints the time for a message when there is a backlog, as Markdown. The argument is the number of rounds, at most 255.
// This program uses only a part of `tests/support`.
#![allow(dead_code)]

#[path = "../../../tests/support/agreement.rs"]
mod agreement;
#[path = "../../../tests/support/backlog.rs"]
mod backlog;
#[path = "../../../tests/support/pair.rs"]
mod pair;
#[path = "../../../tests/support/rng.rs"]
mod rng;

use std::env;
use std::error::Error;
use std::time::{Duration, Instant};

use backlog::{Backlog, STEPS};

const ROUNDS: u8 = 100;
const BACKLOGS: [(usize, usize); 6] = [(0, 0), (100, 0), (10_000, 0), (0, 100), (0, 10_000), (10_000, 10_000)];

fn main() -> Result<(), Box<dyn Error>> {
    let rounds = env::args().nth(1).map_or(Ok(ROUNDS), |rounds| rounds.parse())?;
    print!("| outbox | waiting |");
    STEPS.iter().for_each(|step| print!(" {step:?} |"));
    println!("\n|{}", "--:|".repeat(2 + STEPS.len()));
    for (outbox, waiting) in BACKLOGS {
        print!("| {outbox} | {waiting} |");
        medians(outbox, waiting, rounds.into()).iter().for_each(|time| print!(" {} ns |", time.as_nanos()));
        println!();
    }
    Ok(())
}

/// Returns the median of each step over all rounds.
fn medians(outbox: usize, waiting: usize, rounds: usize) -> [Duration; STEPS.len()] {
    let mut backlog = Backlog::new(outbox, waiting, rounds);
    let mut times = STEPS.map(|_| Vec::with_capacity(rounds));
    for _ in 0..rounds {
        for (step, times) in STEPS.into_iter().zip(&mut times) {
            let prepared = backlog.prepare(step);
            let start = Instant::now();
            backlog.take(&prepared);
            times.push(start.elapsed());
            backlog.outputs();
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    })
}
