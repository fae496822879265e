//! The process dies, or the server; what the database holds is right.

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rand_core::Rng;
use recordings::Seeded;
use secretchat_postgres::tokio_postgres::Config;
use secretchat_postgres::{BlockingStore, PostgresError};
use store_contract::{Database, Row, kill};

use crate::database::{Postgres, open, server, start, started, with_list};

#[test]
fn each_message_is_there_once() {
    server();
    kill::each_message_is_there_once_over::<Postgres>("kill::each_message_is_there_once", 60, 2_000);
}

/// The processes die as above, and meanwhile all processes of their server, again and again. No call fails: the store
/// connects again, and finds out what became of its commit.
#[test]
fn each_message_is_there_once_over_kills_of_the_server() {
    const TEST: &str = "kill::each_message_is_there_once_over_kills_of_the_server";
    const FEWEST_KILLS: u32 = 3;
    if started("killed").is_some() {
        return kill::each_message_is_there_once::<Killed>(TEST);
    }
    let mut server = start("killed");
    KILLED.set(server.connection_string().parse().unwrap()).unwrap();
    let is_over = AtomicBool::new(false);
    let kills = AtomicU32::new(0);
    thread::scope(|scope| {
        let killer = scope.spawn(|| {
            let mut rng = Seeded::new(1);
            while !is_over.load(Ordering::Relaxed) {
                server.kill().unwrap();
                let begun = Instant::now();
                server.start().unwrap();
                kills.fetch_add(1, Ordering::Relaxed);
                // On a slow machine, everything that happens in between is slow as well.
                let pause = begun.elapsed() * 3 + Duration::from_millis(u64::from(rng.next_u32() % 1_200));
                thread::sleep(pause);
            }
        });
        // Also if it fails.
        let ended = panic::catch_unwind(AssertUnwindSafe(|| {
            // However few conversations there is time for between two kills.
            while kills.load(Ordering::Relaxed) < FEWEST_KILLS && !killer.is_finished() {
                kill::each_message_is_there_once_over::<Killed>(TEST, 8, 400);
            }
        }));
        is_over.store(true, Ordering::Relaxed);
        assert!(ended.is_ok());
        killer.join().unwrap();
    });
}

static KILLED: OnceLock<Config> = OnceLock::new();

/// A host whose server is killed.
struct Killed;

impl Database for Killed {
    type Store = BlockingStore;

    fn open(path: &Path) -> Result<BlockingStore, PostgresError> {
        let config = KILLED.get_or_init(|| started("killed").unwrap());
        with_list(open(config, path)?)
    }

    fn append(store: &mut BlockingStore, row: &Row) -> Result<(), PostgresError> {
        Postgres::append(store, row)
    }

    fn list(store: &BlockingStore) -> Result<Vec<Row>, PostgresError> {
        Postgres::list(store)
    }
}
