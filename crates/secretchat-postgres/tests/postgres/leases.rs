//! Workers that share the chats of a database (SPEC DRV-12).

use std::time::{Duration, Instant};

use secretchat::store::{AsyncStore, Entry, Store};
use secretchat::{Batch, ChatId, Timestamp};
use secretchat_postgres::tokio_postgres::Config;
use secretchat_postgres::{BlockingStore, NoTls, PostgresError, PostgresStore, Row, Taken, Worker, WorkerId};
use store_contract::contract::batch;

use crate::database::{client, execute, run, schema};

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
        let config = schema("living").await;
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
        let config = schema("takeover").await;
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

#[test]
fn what_is_released_is_handed_over_at_once() {
    run(async || {
        let config = schema("released").await;
        let (one, mut of_one) = join(&config, 1, LONG).await;
        let (mut two, mut of_two) = join(&config, 2, LONG).await;
        let all = [CHAT, OTHER, ChatId([3; 16])];
        of_one.commit(&all.map(|chat| entry(batch(chat, 1, &[], &[])))).await.unwrap();
        assert_eq!(two.take(10).await.unwrap(), []);

        // Of another worker's chats, nothing is released.
        of_two.release(&all).await.unwrap();
        assert_eq!(chats(&two.take(10).await.unwrap()), []);
        of_one.release(&all).await.unwrap();
        assert_eq!(two.take(2).await.unwrap().len(), 2);
        assert_eq!(two.take(2).await.unwrap().len(), 1);
        assert_eq!(chats(&two.chats().await.unwrap()), all);
        assert_eq!(of_one.commit(&nth(CHAT, 2)).await.unwrap(), [CHAT]);
        assert_eq!(of_two.commit(&nth(CHAT, 2)).await.unwrap(), []);

        // A worker that leaves frees all of its chats, and can begin none.
        two.leave().await.unwrap();
        assert_eq!(of_two.commit(&nth(OTHER, 2)).await.unwrap(), [OTHER]);
        assert!(matches!(of_two.commit(&nth(ChatId([4; 16]), 1)).await, Err(PostgresError::NotJoined)));
        let mut one = one;
        assert_eq!(chats(&one.take(10).await.unwrap()), all);
    });
}

/// The wait is longer than the test may take.
#[test]
fn a_waiting_worker_is_woken_when_chats_are_free() {
    run(async || {
        let config = schema("woken").await;
        let (one, mut of_one) = join(&config, 1, LONG).await;
        let (mut two, _) = join(&config, 2, LONG).await;
        for round in 1..=3 {
            let chat = ChatId([round; 16]);
            of_one.commit(&nth(chat, 1)).await.unwrap();
            assert_eq!(two.take(1).await.unwrap(), []);
            let begun = Instant::now();
            let taken = async {
                loop {
                    two.wait(AT_MOST).await;
                    let taken = two.take(1).await.unwrap();
                    if !taken.is_empty() || begun.elapsed() >= AT_MOST {
                        return taken;
                    }
                }
            };
            let released = async { of_one.release(&[chat]).await.unwrap() };
            let (taken, ()) = tokio::join!(taken, released);
            assert_eq!(chats(&taken), [chat]);
            assert!(begun.elapsed() < AT_MOST, "it was not woken");
        }
        let begun = Instant::now();
        let left = async { one.leave().await.unwrap() };
        tokio::join!(two.wait(AT_MOST), left);
        assert!(begun.elapsed() < AT_MOST);
    });
}

#[test]
fn polling_alone_finds_what_is_free() {
    run(async || {
        let config = schema("polling").await;
        let (_one, mut of_one) = join(&config, 1, LONG).await;
        let (mut two, _) = join(&config, 2, LONG).await;
        of_one.commit(&nth(CHAT, 1)).await.unwrap();
        assert_eq!(two.take(1).await.unwrap(), []);
        // Nobody says that it is free.
        execute(&config, "UPDATE secretchat_chats SET worker = NULL").await.unwrap();
        assert_eq!(chats(&take(&mut two).await), [CHAT]);
    });
}

/// Lets time pass for the worker, not for the server.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// Gives a chat to a worker whose lease is over.
async fn die(config: &Config, chat: ChatId) {
    let insert =
        "INSERT INTO secretchat_chats (chat, generation, tag, worker, written_at) VALUES ($1, 1, $2, $3, now())";
    let (chat, tag, worker) = (&chat.0[..], &[0_u8; 16][..], &[9_u8; 16][..]);
    client(config).await.unwrap().execute(insert, &[&chat, &tag, &worker]).await.unwrap();
}

#[test]
fn after_an_outage_the_others_have_one_lease_to_come_back() {
    run(async || {
        let config = schema("outage").await;
        drop(join(&config, 9, Duration::ZERO).await);
        die(&config, CHAT).await;
        let (mut two, _) = join(&config, 2, LONG).await;
        assert_eq!(two.take(10).await.unwrap(), [], "it has just joined: there may have been an outage");
        pass(LONG).await;
        assert_eq!(chats(&two.take(10).await.unwrap()), [CHAT]);

        // Its connection is lost.
        die(&config, OTHER).await;
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'secretchat-postgres' AND query LIKE '%dead AS%' AND pid <> pg_backend_pid()";
        let ended = client(&config).await.unwrap().query(others, &[]).await.unwrap();
        assert_eq!(ended.len(), 1);
        assert_eq!(two.take(10).await.unwrap(), []);
        assert!(two.renew().await.unwrap());
        pass(LONG / 2).await;
        assert_eq!(two.take(10).await.unwrap(), []);
        pass(LONG / 2).await;
        assert_eq!(chats(&two.take(10).await.unwrap()), [OTHER]);

        // The server stood still, and its own lease is over as well.
        let third = ChatId([3; 16]);
        die(&config, third).await;
        execute(&config, "UPDATE secretchat_workers SET alive_until = now()").await.unwrap();
        assert_eq!(two.take(10).await.unwrap(), []);
        assert!(!two.renew().await.unwrap());
        assert_eq!(two.take(10).await.unwrap(), []);
        pass(LONG).await;
        assert_eq!(chats(&two.take(10).await.unwrap()), [third]);
        // What is free is not another worker's.
        execute(&config, "UPDATE secretchat_workers SET alive_until = now()").await.unwrap();
        execute(&config, "UPDATE secretchat_chats SET worker = NULL").await.unwrap();
        assert_eq!(two.take(10).await.unwrap().len(), 3);
    });
}

#[test]
fn a_worker_goes_on_under_its_name_and_the_long_dead_are_forgotten() {
    run(async || {
        let config = schema("again").await;
        let (one, mut store) = join(&config, 1, LONG).await;
        store.commit(&nth(CHAT, 1)).await.unwrap();
        drop((one, store));
        drop(join(&config, 8, LONG).await);
        execute(&config, "UPDATE secretchat_workers SET alive_until = now() - INTERVAL '2 days'").await.unwrap();
        let (mut one, mut store) = join(&config, 1, LONG).await;
        assert_eq!(chats(&one.chats().await.unwrap()), [CHAT]);
        assert_eq!(store.commit(&nth(CHAT, 2)).await.unwrap(), []);
        let left = store.query(&Row::new("SELECT worker FROM secretchat_workers", [])).await.unwrap();
        assert_eq!(left.iter().map(|row| row.get(0)).collect::<Vec<Vec<u8>>>(), [vec![1; 16]]);
        // Deleted by whoever wants it, once and twice.
        store.delete(&[CHAT]).await.unwrap();
        store.delete(&[CHAT, OTHER]).await.unwrap();
        assert_eq!((store.load(&[CHAT]).await.unwrap(), one.chats().await.unwrap()), (vec![], vec![]));
    });
}

#[test]
fn the_next_worker_learns_when_a_chat_is_due() {
    run(async || {
        let config = schema("due").await;
        let (_one, mut store) = join(&config, 1, LONG).await;
        let (mut two, mut store_of_two) = join(&config, 2, LONG).await;
        let at = |millis| Some(Timestamp::from_millis(millis));
        let timed = |chat, batch, due| [Entry { chat, batch, due, rows: Vec::new() }];
        store.commit(&timed(CHAT, Some(batch(CHAT, 1, &[], &[])), at(7_000))).await.unwrap();
        store.commit(&timed(OTHER, Some(batch(OTHER, 1, &[], &[])), at(8_000))).await.unwrap();
        // A later time that no batch came with, and one of a worker that does not have the chat.
        store.commit(&timed(OTHER, None, at(9_000))).await.unwrap();
        store_of_two.commit(&timed(CHAT, None, None)).await.unwrap();
        store.release(&[CHAT, OTHER]).await.unwrap();
        let mut taken = take(&mut two).await;
        taken.sort_by_key(|taken| taken.chat);
        let due: Vec<_> = taken.iter().map(|taken| (taken.chat, taken.due)).collect();
        assert_eq!(due, [(CHAT, at(7_000)), (OTHER, at(9_000))]);
    });
}

#[test]
fn a_chat_of_a_blocking_store_is_due_at_once() {
    let id = WorkerId([1; 16]);
    let config = run(async || {
        let config = schema("blocking").await;
        let (_one, _) = join(&config, 1, LONG).await;
        config
    });
    let mut store = BlockingStore::open(config.clone(), NoTls, id).unwrap();
    store.apply(&batch(CHAT, 1, &[], &[])).unwrap();
    store.run(async |store| store.release(&[CHAT]).await).unwrap();
    run(async || {
        let (mut two, _) = join(&config, 2, LONG).await;
        let taken = take(&mut two).await;
        assert_eq!(chats(&taken), [CHAT]);
        // Nobody knows whether it owes its peer something, so it must not rest until its peer writes.
        assert_eq!(taken[0].due, Some(Timestamp::default()));
    });
}
