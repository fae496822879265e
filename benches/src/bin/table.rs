//! Prints the tables and the targets as Markdown. The argument is the number of rounds.

use std::env;
use std::error::Error;

use ige_lanes::Backend;
use secretchat_benches::table::Tables;
use secretchat_benches::{cases, memory, targets, timing};

const ROUNDS: u32 = 150;

fn main() -> Result<(), Box<dyn Error>> {
    let rounds = env::args().nth(1).map_or(Ok(ROUNDS), |rounds| rounds.parse())?;
    let peaks = memory::measure()?;
    let tables = Tables(timing::measure(&mut cases::all(), rounds));

    let lanes = if cfg!(feature = "lanes") { "with" } else { "without" };
    println!(
        "Profile {}, {lanes} `lanes`, {:?}; the least of {rounds} rounds.\n",
        profile().as_deref().unwrap_or("unknown"),
        Backend::detect()
    );
    println!("{tables}### Targets\n\n| target | measured | holds |\n|---|---|---|");
    for target in targets::all(&tables, peaks) {
        println!("{target}");
    }
    Ok(())
}

/// The profile names the directory of the program.
fn profile() -> Option<String> {
    Some(env::current_exe().ok()?.parent()?.file_name()?.to_string_lossy().into_owned())
}
