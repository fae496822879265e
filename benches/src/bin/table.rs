//! Prints the tables and the targets as Markdown. The argument is the number of rounds.

use std::env;
use std::error::Error;

use ige_lanes::Backend;
use secretchat_benches::agreement::stack::{self, Stacks};
use secretchat_benches::table::Tables;
use secretchat_benches::{agreement, cases, memory, targets, timing};

const ROUNDS: u32 = 150;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let rounds = match arguments.next().as_deref() {
        Some(stack::ARGUMENT) => return Ok(stack::try_it(arguments)?),
        Some(rounds) => rounds.parse()?,
        None => ROUNDS,
    };
    let peaks = memory::measure()?;
    let tables = Tables(timing::measure(&mut cases::all(), rounds));
    let (agreements, stacks) = (agreement::Table::measure(rounds), Stacks::measure()?);

    let lanes = if cfg!(feature = "lanes") { "with" } else { "without" };
    println!(
        "Profile {}, {lanes} `lanes`, {:?}; the least of {rounds} rounds.\n",
        profile().as_deref().unwrap_or("unknown"),
        Backend::detect()
    );
    println!("{tables}{agreements}{stacks}### Targets\n\n| target | measured | holds |\n|---|---|---|");
    for target in targets::all(&tables, peaks) {
        println!("{target}");
    }
    Ok(())
}

/// Returns the build profile, which is the name of the program's directory.
fn profile() -> Option<String> {
    Some(env::current_exe().ok()?.parent()?.file_name()?.to_string_lossy().into_owned())
}
