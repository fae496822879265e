//! Workers that share the chats of a database.

use std::time::{Duration, Instant};

use secretchat::store::{AsyncStore, Entry};
use secretchat::{Batch, ChatId, Timestamp};
use secretchat_postgres::tokio_postgres::Config;
use secretchat_postgres::{NoTls, PostgresStore, Row, Taken, Worker, WorkerId};
use store_contract::contract::batch;

use crate::database::{run, schema};

/// Longer than a test takes: nobody is late, however slow the machine is.
const LONG: Duration = Duration::from_secs(3_600);
/// Over at once, unless it is renewed.
const SHORT: Duration = Duration::from_millis(200);
/// Something that has not happened by then never will.
const AT_MOST: Duration = Duration::from_secs(60);

const CHAT: ChatId = ChatId([1; 16]);
const OTHER: ChatId = ChatId([2; 16]);

pub(crate) const fn entry(batch: Batch) -> Entry<Row> {
    Entry { chat: batch.chat, batch: Some(batch), due: None, rows: Vec::new() }
}

pub(crate) fn nth(chat: ChatId, generation: u64) -> [Entry<Row>; 1] {
    [entry(batch(chat, generation, &[], &[]))]
}

pub(crate) async fn join(config: &Config, id: u8, lease: Duration) -> (Worker, PostgresStore) {
    let id = WorkerId([id; 16]);
    let worker = Worker::join(config.clone(), NoTls, id, "a worker of the tests", lease).await.unwrap();
    (worker, PostgresStore::connect(config.clone(), NoTls, id).await.unwrap())
}

/// Takes until there is something, and renews as a host does.
pub(crate) async fn take(worker: &mut Worker) -> Vec<Taken> {
    let begun = Instant::now();
    loop {
        worker.renew().await.unwrap();
        let taken = worker.take(10).await.unwrap();
        if !taken.is_empty() {
            return taken;
        }
        assert!(begun.elapsed() < AT_MOST, "nothing is taken");
        worker.wait(SHORT / 5).await;
    }
}

fn chats(taken: &[Taken]) -> Vec<ChatId> {
    let mut chats: Vec<_> = taken.iter().map(|taken| taken.chat).collect();
    chats.sort();
    chats
}

#[test]
fn nobody_takes_from_the_living() {
    run(async || {
        let config = schema("living");
        let (mut one, mut store) = join(&config, 1, LONG).await;
        // This one waits for nobody: its own lease is over at once, and so is its patience with others.
        let (mut two, _) = join(&config, 2, SHORT).await;
        store.commit(&nth(CHAT, 1)).await.unwrap();
        for _ in 0..10 {
            two.renew().await.unwrap();
            two.wait(SHORT / 4).await;
            two.renew().await.unwrap();
            assert_eq!(two.take(10).await.unwrap(), []);
        }
        assert_eq!(chats(&one.chats().await.unwrap()), [CHAT]);
        assert_eq!(store.commit(&nth(CHAT, 2)).await.unwrap(), []);
    });
}

#[test]
fn a_worker_that_died_is_followed_by_another_one_and_writes_nothing_more() {
    run(async || {
        let config = schema("takeover");
        let (mut two, mut of_two) = join(&config, 2, SHORT).await;
        let (one, mut of_one) = join(&config, 1, SHORT).await;
        let due = Timestamp::from_millis(1_700_000_000_123);
        let first = Entry { due: Some(due), ..entry(batch(CHAT, 1, &[], &[])) };
        of_one.commit(&[first, entry(batch(OTHER, 1, &[], &[]))]).await.unwrap();
        drop(one); // without leaving
        assert_eq!(of_one.commit(&nth(OTHER, 2)).await.unwrap(), [], "the lease may be over, but nobody was faster");

        let taken = take(&mut two).await;
        let due_of = |chat| taken.iter().find(|taken| taken.chat == chat).unwrap().due;
        assert_eq!((taken.len(), due_of(CHAT), due_of(OTHER)), (2, Some(due), None));

        // The old worker goes on: the batch that was right a moment ago, alone and between others.
        assert_eq!(of_one.commit(&nth(CHAT, 2)).await.unwrap(), [CHAT]);
        let mine = ChatId([3; 16]);
        let both =
            [(CHAT, 2), (mine, 1), (OTHER, 3)].map(|(chat, generation)| entry(batch(chat, generation, &[], &[])));
        assert_eq!(of_one.commit(&both).await.unwrap(), [CHAT, OTHER]);
        assert_eq!(of_two.load(&[CHAT, OTHER, mine]).await.unwrap().len(), 3);
        let generation = |records: &secretchat::Records| records.checkpoint().unwrap().generation;
        assert_eq!(generation(&of_two.load(&[CHAT]).await.unwrap()[0]), 1);
        assert_eq!(of_two.commit(&nth(CHAT, 2)).await.unwrap(), []);
        assert_eq!(of_one.commit(&nth(CHAT, 3)).await.unwrap(), [CHAT]);
    });
}
