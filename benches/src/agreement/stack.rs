//! How much stack a step needs: the smallest thread stack that is enough, in steps of 4 KiB.
//!
//! A stack that is too small ends the process, so each size is tried in a separate process.

use std::env;
use std::io;
use std::process::{Command, Stdio};
use std::thread;

use super::{ALL, Peers, Step};
use crate::measure::Table;

/// The first argument of a process that tries a size.
pub const ARGUMENT: &str = "--try-stack";

/// The difference between two sizes, in KiB.
const PAGE: usize = 4;
/// The smallest stack of a thread (`PTHREAD_STACK_MIN` of Linux).
const LEAST: usize = 16;
const MOST: usize = 1024;

/// Tries sizes until it has found the smallest ones. The program must pass the arguments after [`ARGUMENT`] to [`try_it`].
///
/// # Errors
/// The program cannot be started again, or no size is enough.
#[expect(clippy::cast_precision_loss, reason = "few KiB")]
pub fn measure() -> io::Result<Table> {
    let mut table = Table::new("The smallest stack of a thread that is enough", "KiB");
    for step in ["request", "answer", "finish", "new key"] {
        table.add_column(step, 0);
    }
    for (number, peers) in ALL.iter().enumerate() {
        let mut least = [None; Step::ALL.len()];
        for (step, least) in least.iter_mut().enumerate() {
            *least = Some(smallest(number, step)? as f64);
        }
        table.add_row(peers.name, least);
    }
    Ok(table)
}

fn smallest(peers: usize, step: usize) -> io::Result<usize> {
    let (mut too_small, mut enough) = (LEAST - PAGE, MOST);
    if !is_enough(peers, step, enough)? {
        return Err(io::Error::other("no stack is enough"));
    }
    while enough - too_small > PAGE {
        let middle = (too_small + enough) / 2 / PAGE * PAGE;
        if is_enough(peers, step, middle)? {
            enough = middle;
        } else {
            too_small = middle;
        }
    }
    Ok(enough)
}

fn is_enough(peers: usize, step: usize, kib: usize) -> io::Result<bool> {
    let mut again = Command::new(env::current_exe()?);
    again.arg(ARGUMENT).args([peers, step, kib].map(|number| number.to_string()));
    // The process reports there that its stack is too small.
    Ok(again.stderr(Stdio::null()).status()?.success())
}

/// Takes one step on a stack of one size. The arguments are the number of the peers, the number of the step, and the size in
/// KiB.
///
/// # Errors
/// An argument is not a number, or the thread fails.
pub fn try_it(mut arguments: impl Iterator<Item = String>) -> io::Result<()> {
    let mut number = || arguments.next().and_then(|argument| argument.parse::<usize>().ok());
    let (Some(peers), Some(step), Some(kib)) = (number(), number(), number()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let Peers { meet, .. } = ALL.get(peers).ok_or(io::ErrorKind::InvalidInput)?;
    let mut agreement = meet();
    for before in &Step::ALL[..step] {
        agreement.take(*before);
    }
    thread::scope(|scope| {
        let small = thread::Builder::new().stack_size(kib * 1024);
        let taken = small.spawn_scoped(scope, || agreement.take(Step::ALL[step]))?.join();
        taken.map_err(|_| io::Error::other("the step has failed"))
    })
}
