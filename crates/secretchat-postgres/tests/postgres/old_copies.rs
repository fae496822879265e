//! Where a record is once it is deleted: what the README says of it.

use std::fs;
use std::path::Path;

use postgres_server::Server;
use secretchat::store::{AsyncStore, Entry};
use secretchat::{ChatId, RandomId, RecordName};
use secretchat_postgres::tokio_postgres::Config;
use secretchat_postgres::{NoTls, PostgresStore, WorkerId};
use store_contract::contract::batch;

use crate::database::{SETTINGS, execute, run};

const CHAT: ChatId = ChatId([1; 16]);
/// What a record of a message with a timer looks like from outside: its nonce is in the clear.
const SEALED: &[u8] = b"\x02\x01\0\0\0\0\0\0\0nonce of twelve, then sealed bytes and the tag";

/// The parts of the server's directory that hold the record.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    tables: bool,
    log: bool,
}

/// Searches the server's directory after it wrote all that it had in memory.
async fn found(server: &Server, config: &Config) -> Found {
    execute(config, "CHECKPOINT").await.unwrap();
    Found { tables: is_in(&server.data().join("base")), log: is_in(&server.data().join("pg_wal")) }
}

fn is_in(path: &Path) -> bool {
    if path.is_dir() {
        return fs::read_dir(path).unwrap().any(|entry| is_in(&entry.unwrap().path()));
    }
    fs::read(path).unwrap().windows(SEALED.len()).any(|window| window == SEALED)
}

#[test]
fn a_deleted_record_stays_until_the_server_needs_its_room() {
    let settings = [&SETTINGS[..], &["autovacuum=off"]].concat();
    let server = Server::start_new(&settings).unwrap();
    let config: Config = server.connection_string().parse().unwrap();
    run(async || {
        let mut store = PostgresStore::connect(config.clone(), NoTls, WorkerId::ALONE).await.unwrap();
        let entry = |generation, put: &[(RecordName, &[u8])], delete: &[RecordName]| {
            [Entry { chat: CHAT, batch: Some(batch(CHAT, generation, put, delete)), due: None, rows: Vec::new() }]
        };
        // Several, since what is moved together on a page takes the place of some.
        let timed: Vec<_> = (0..10).map(|number| RecordName::Timed(RandomId(number))).collect();
        let put: Vec<_> = timed.iter().map(|name| (*name, SEALED)).chain([(RecordName::Keys, &b"keys"[..])]).collect();
        store.commit(&entry(1, &put, &[])).await.unwrap();
        assert_eq!(found(&server, &config).await, Found { tables: true, log: true });

        store.commit(&entry(2, &[], &timed)).await.unwrap();
        assert!(store.scrub().await.unwrap());
        assert_eq!(found(&server, &config).await, Found { tables: true, log: true }, "scrub does nothing");

        store.vacuum().await.unwrap();
        assert_eq!(found(&server, &config).await, Found { tables: true, log: true }, "in the free room of the page");

        // That room is used again. The log goes on, and is not.
        for generation in 3..200 {
            store.commit(&entry(generation, &[(RecordName::Keys, &[0; 100])], &[])).await.unwrap();
        }
        assert_eq!(found(&server, &config).await, Found { tables: false, log: true }, "after other batches");
    });
}
