//! Long conversations of two adapters over the stand-in for the server, in bad weather and with processes that die at any
//! output. At the end nothing is lost, nothing came twice, the order is kept, and every file is what it was.
//!
//! With `SECRETCHAT_SLOW` the runs are longer and many.

mod checks;
mod content;
mod disk;
mod files;
mod notes;
mod phone;
mod world;

use crate::server::{Repeated, Rules, Weather};
use checks::Tally;
use secretchat::MediaError;
use secretchat::media::{self, FileForm};
use world::{Plan, World};

const STORM: Weather = Weather {
    lost_call: 4,
    lost_answer: 5,
    flood: 3,
    wait_failed: 2,
    fault: 2,
    lost_update: 4,
    repeated_update: 5,
    late_update: 5,
    restart: 2,
};

const FINE: Plan = Plan {
    seed: 0,
    steps: 1_500,
    weather: STORM,
    deadly: 0,
    rules: Rules { repeated: Repeated::Swallowed, accepts_again: true },
    long: &[],
};

const MIB: usize = 1 << 20;

fn slow() -> bool {
    std::env::var_os("SECRETCHAT_SLOW").is_some()
}

/// Runs a plan with several seeds: many of them where there is time.
fn run(plan: Plan, seeds: u64) -> Tally {
    let (seeds, steps) = if slow() { (seeds * 12, plan.steps * 4) } else { (seeds, plan.steps) };
    let mut sum = Tally::default();
    for seed in 0..seeds {
        let plan = Plan { seed: plan.seed + seed, steps, ..plan };
        let _named = Named(plan);
        let mut world = World::new(&plan);
        for _ in 0..steps {
            world.step();
        }
        world.settle();
        let tally = world.check();
        println!("{}: {tally:?}", plan.seed);
        sum.add(&tally);
    }
    sum
}

/// Says which seed it was, if it failed.
struct Named(Plan);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{:?}", self.0);
        }
    }
}

#[test]
fn in_bad_weather() {
    let tally = run(Plan { seed: 100, ..FINE }, 3);
    assert!(tally.arrived > 100 && tally.files > 10 && tally.expired > 10 && tally.rekeyed > 3, "{tally:?}");
}

#[test]
fn with_processes_that_die() {
    let tally = run(Plan { seed: 200, deadly: 10, ..FINE }, 4);
    assert!(tally.arrived > 200 && tally.files > 30 && tally.deaths > 60, "{tally:?}");
}

#[test]
fn where_the_server_repeats_what_it_knows() {
    let rules = Rules { repeated: Repeated::Delivered, accepts_again: false };
    let tally = run(Plan { seed: 300, deadly: 10, rules, ..FINE }, 2);
    assert!(tally.arrived > 100 && tally.deaths > 20, "{tally:?}");
}

#[test]
fn where_the_server_refuses_what_it_knows() {
    let rules = Rules { repeated: Repeated::Refused, accepts_again: false };
    let tally = run(Plan { seed: 400, deadly: 10, rules, ..FINE }, 2);
    assert!(tally.arrived > 100 && tally.deaths > 20, "{tally:?}");
}

#[test]
fn files_up_to_20_mib() {
    let long = &[20 * MIB, 10 * MIB + 1, 10 * MIB, 10 * MIB - 15];
    let tally = run(Plan { seed: 500, deadly: 6, steps: 2_000, long, ..FINE }, 1);
    assert!(tally.files > 12 && tally.deaths > 10, "{tally:?}");
}

/// A file of 0 bytes has nothing to encrypt, and the server takes none. It is refused before anything leaves.
#[test]
fn a_file_of_0_bytes_is_refused() {
    let sealed = media::seal(FileForm::Chain, b"", &mut recordings::Seeded::new(1));
    assert!(matches!(sealed, Err(MediaError::Empty)));
    let now = phone::clock(1_700_000_000);
    let upload = secretchat_grammers::Upload::new(0, 1, now, &mut recordings::Seeded::new(1));
    assert_eq!(upload.unwrap_err(), secretchat_grammers::PartError::Empty);
}
