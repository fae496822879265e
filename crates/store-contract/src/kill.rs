//! A process that aborts at random points, again and again.

use std::path::Path;
use std::process::Command;
use std::thread;

use rand_core::Rng;
use recordings::Seeded;
use secretchat::Role;

use crate::conversation::{Conversation, Fuse, text};
use crate::{Database, Directory, Row};

/// Texts each way in one conversation.
const TEXTS: usize = 10;
/// The process dies before it has passed this many points. Each start first sends again everything that is not acknowledged,
/// so with too few points the conversation would make no progress.
const LONGEST_RUN: u32 = 160;
/// A conversation that has not ended after this many kills never will.
const MOST_KILLS: u32 = 200;
/// Conversations at a time. Their processes wait for the disk most of the time.
const LANES: u32 = 4;

const DIRECTORY: &str = "STORE_CONTRACT_DIRECTORY";
const SEED: &str = "STORE_CONTRACT_SEED";
const FUSE: &str = "STORE_CONTRACT_FUSE";

/// Runs whole conversations, beginning with the request. Their process dies at random points and is started again until each
/// message is in the lists of both ends once and in order.
///
/// `test` is the path of the calling test in its program, which starts itself again.
pub fn each_message_is_there_once<D: Database>(test: &str) {
    each_message_is_there_once_over::<D>(test, 300, 2_000);
}

/// Does the same until so many processes have died: `quick`, or `slow` with `SECRETCHAT_SLOW`.
pub fn each_message_is_there_once_over<D: Database>(test: &str, quick: u32, slow: u32) {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        return talk::<D>(directory.as_ref());
    }
    let wanted = if std::env::var_os("SECRETCHAT_SLOW").is_some() { slow } else { quick };
    thread::scope(|scope| {
        for lane in 0..LANES {
            scope.spawn(move || kill::<D>(test, lane, wanted / LANES));
        }
    });
}

/// Returns the random number of this start in a process that must die, for a [`Database`] that can also die during a write.
#[must_use]
pub fn seed() -> Option<u32> {
    number(SEED)
}

fn number(name: &str) -> Option<u32> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs one conversation after the other until `wanted` processes have died.
fn kill<D: Database>(test: &str, lane: u32, wanted: u32) {
    let mut rng = Seeded::new(lane.into());
    let mut kills = 0;
    while kills < wanted {
        let directory = Directory::new(&format!("{}-{lane}", test.replace("::", "-")));
        let first = kills;
        while !start(test, directory.path(), rng.next_u32(), rng.next_u32() % LONGEST_RUN) {
            kills += 1;
            assert!(kills - first < MOST_KILLS, "the conversation does not come to an end");
        }
        check::<D>(directory.path());
    }
}

/// Starts the process. Returns whether it reached the end of the conversation.
fn start(test: &str, directory: &Path, seed: u32, fuse: u32) -> bool {
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program)
        .args([test, "--exact", "--nocapture"])
        .env(DIRECTORY, directory)
        .env(SEED, seed.to_string())
        .env(FUSE, fuse.to_string())
        .output()
        .unwrap();
    // The exit code of a test program that panicked.
    assert_ne!(output.status.code(), Some(101), "{}", String::from_utf8_lossy(&output.stderr));
    output.status.success()
}

/// Runs in the process that is killed.
fn talk<D: Database>(directory: &Path) {
    let seed = seed().expect("a seed");
    Conversation::<D>::open(directory, seed.into(), Fuse(number(FUSE))).run(TEXTS).unwrap();
}

fn check<D: Database>(directory: &Path) {
    for (end, role, peer) in [("alice", Role::Initiator, Role::Responder), ("bob", Role::Responder, Role::Initiator)] {
        let list = D::list(&D::open(&directory.join(end)).unwrap()).unwrap();
        for (received, writer) in [(false, role), (true, peer)] {
            let texts: Vec<_> = list.iter().filter(|row| row.received == received).map(row_text).collect();
            let expected: Vec<_> = (0..TEXTS).map(|number| text(writer, number)).collect();
            assert_eq!(texts, expected, "the list of {end}");
        }
    }
}

fn row_text(row: &Row) -> &str {
    &row.text
}
