//! The killer: a program that is killed at random moments until it comes to its end.

use std::io;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

pub(crate) fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// Runs the command over and over, each time killed at a random moment, until it comes to its end: the outputs of all runs,
/// the last one not killed.
pub(crate) fn killed_until_it_ends(command: &mut Command, longest: Duration) -> (Vec<Output>, Output) {
    let mut killed = Vec::new();
    loop {
        let share = f64::from(getrandom::u32().unwrap()) / f64::from(u32::MAX);
        // A machine that has become slower must not keep the story from its end.
        let patience = 1.05_f64.powi(killed.len().try_into().unwrap());
        let (was_killed, output) = run_for(longest.mul_f64(share * patience), command).unwrap();
        assert_eq!(stderr(&output), "", "after {} kills of {command:?}", killed.len());
        if !was_killed {
            return (killed, output);
        }
        killed.push(output);
    }
}

/// The longest time to the next kills, so that a story takes several, and comes to its end.
pub(crate) fn paced(longest: Duration, kills: usize) -> Duration {
    longest.mul_f64(match kills {
        ..5 => 0.8,
        5..=12 => 1.0,
        13.. => 1.25,
    })
}

/// Runs the command and kills it after `delay`; its output if it came to its end before.
fn run_for(delay: Duration, command: &mut Command) -> io::Result<(bool, Output)> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let begin = Instant::now();
    while begin.elapsed() < delay && child.try_wait()?.is_none() {
        thread::sleep(Duration::from_millis(1).min(delay.saturating_sub(begin.elapsed())));
    }
    child.kill()?;
    let output = child.wait_with_output()?;
    // A process that a signal ended has no exit code.
    Ok((output.status.code().is_none(), output))
}
