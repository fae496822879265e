//! The connection is lost between any two messages, and the worker with it or not.

use std::time::{Duration, Instant};

use secretchat::store::{AsyncStore, Entry};
use secretchat::{ChatId, RecordName, SeqNo};
use secretchat_postgres::tokio_postgres::Config;
use secretchat_postgres::{NoTls, PostgresError, PostgresStore, Row, Worker, WorkerId};
use store_contract::contract::{batch, state};

use crate::database::{client, execute, run, schema};
use crate::proxy::{From, Proxy, Then};

const ONE: ChatId = ChatId([1; 16]);
const TWO: ChatId = ChatId([2; 16]);
/// Over before the next worker has joined, nearly.
const LEASE: Duration = Duration::from_millis(50);
/// Something that has not happened by then never will.
const AT_MOST: Duration = Duration::from_secs(120);

/// A commit of the story: the next batch of these chats.
const STORY: [&[(ChatId, u64)]; 6] =
    [&[(ONE, 1)], &[(ONE, 2), (TWO, 1)], &[(TWO, 2)], &[(TWO, 3), (ONE, 3)], &[(ONE, 4)], &[(TWO, 4), (ONE, 5)]];
const LAST_OF_ONE: u64 = 5;
const LAST_OF_TWO: u64 = 4;

/// Returns a batch of the story, with a row that would show if it came twice.
fn entry(chat: ChatId, generation: u64) -> Entry<Row> {
    let slot = |generation: u64| RecordName::Outgoing(SeqNo::new(u32::try_from(generation).unwrap()).unwrap());
    let sealed = [u8::try_from(generation).unwrap(); 40];
    let batch = if (chat, generation) == (TWO, LAST_OF_TWO) {
        batch(chat, generation, &[], &[RecordName::State, slot(3)])
    } else {
        batch(chat, generation, &[(slot(generation), &sealed)], &[slot(generation - 1)])
    };
    let number = i64::try_from(generation).unwrap();
    let values = [Box::new(chat.0.to_vec()) as _, Box::new(number) as _];
    let row = Row::new("INSERT INTO story (chat, generation) VALUES ($1, $2)", values);
    Entry { chat, batch: Some(batch), due: None, rows: vec![row] }
}

/// Returns the last generation of a chat's rows, which are there once and in order.
async fn told(config: &Config, chat: ChatId) -> u64 {
    let rows = client(config).await.unwrap();
    let rows =
        rows.query("SELECT generation FROM story WHERE chat = $1 ORDER BY number", &[&&chat.0[..]]).await.unwrap();
    let found: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(found, (1..=i64::try_from(found.len()).unwrap()).collect::<Vec<_>>(), "of {chat:?}");
    found.len().try_into().unwrap()
}

/// Looks whether records and rows are those of one batch, and returns its generation.
async fn reached(config: &Config, store: &mut PostgresStore, chat: ChatId) -> u64 {
    let generation = told(config, chat).await;
    let records = store.load(&[chat]).await.unwrap();
    match &records[..] {
        [] => assert!(generation == 0 || (chat, generation) == (TWO, LAST_OF_TWO), "{chat:?} {generation}"),
        [records] => {
            assert!(records.rows.contains(&state(generation)), "{chat:?} {generation}");
            assert_eq!(records.rows.len(), 2);
        }
        _ => panic!("one chat"),
    }
    generation
}

async fn story(name: &str) -> Config {
    let config = schema(name).await;
    let table = "CREATE TABLE story (number BIGSERIAL PRIMARY KEY, chat BYTEA, generation BIGINT)";
    execute(&config, table).await.unwrap();
    config
}

/// The life of a worker: it joins, tells the story as far as it is not told, hands a chat over to itself, and leaves.
async fn live(config: &Config, acknowledged: &mut [u64; 2]) -> Result<(), PostgresError> {
    let id = WorkerId([1; 16]);
    let mut worker = Worker::join(config.clone(), NoTls, id, "one", LEASE).await?;
    let mut store = PostgresStore::connect(config.clone(), NoTls, id).await?;
    for (at, part) in STORY.iter().enumerate() {
        let entries: Vec<_> = part.iter().map(|(chat, generation)| entry(*chat, *generation)).collect();
        assert_eq!(store.commit(&entries).await?, [], "{part:?}");
        for (chat, generation) in *part {
            acknowledged[usize::from(*chat == TWO)] = *generation;
        }
        if at == 2 {
            worker.renew().await?;
            store.release(&[ONE]).await?;
            // An answer that was lost: the chat is this worker's all the same.
            worker.take(10).await?;
            assert!(worker.chats().await?.iter().any(|taken| taken.chat == ONE));
        }
    }
    worker.leave().await
}

/// Counts the messages that each life has, if nothing disturbs it: one in many has some more, so the shortest of three counts.
async fn messages(name: &str, from: From) -> u32 {
    let mut shortest = u32::MAX;
    for at in 0..3 {
        let config = story(&format!("{name}_counted_{at}")).await;
        let proxy = Proxy::start(&config);
        live(&proxy.through(&config), &mut [0; 2]).await.unwrap();
        shortest = shortest.min(proxy.passed(from));
    }
    shortest
}

/// Returns which messages are the last ones: a share of them, unless there is time.
fn chosen(messages: u32, share: u32) -> impl Iterator<Item = u32> {
    let step = if std::env::var_os("SECRETCHAT_SLOW").is_some() { 1 } else { messages.div_ceil(share).max(1) };
    // A step that has no divisor in common with the parts of a statement meets all of them.
    (0..messages).step_by(usize::try_from(step | 1).unwrap())
}

#[test]
fn a_worker_that_dies_after_any_message_is_followed_by_another_one() {
    run(async || {
        let messages = messages("death", From::Store).await;
        assert!(messages > 60, "{messages}");
        for last in chosen(messages, 12) {
            let config = story(&format!("death_{last}")).await;
            let proxy = Proxy::start(&config);
            proxy.after(From::Store, last, Then::End);
            let mut acknowledged = [0; 2];
            let through = proxy.through(&config);
            tokio::select! {
                lived = live(&through, &mut acknowledged) => panic!("after {last}: {lived:?}"),
                () = proxy.done() => {}
            }
            follow(&config, acknowledged).await;
        }
    });
}

/// The next worker: it takes what there is over, finds nothing lost that was acknowledged, and tells the rest.
async fn follow(config: &Config, acknowledged: [u64; 2]) {
    let id = WorkerId([2; 16]);
    let mut worker = Worker::join(config.clone(), NoTls, id, "two", LEASE).await.unwrap();
    let mut store = PostgresStore::connect(config.clone(), NoTls, id).await.unwrap();
    let there = "SELECT count(*) FROM secretchat_chats WHERE worker IS DISTINCT FROM $1";
    let begun = Instant::now();
    loop {
        worker.renew().await.unwrap();
        worker.take(10).await.unwrap();
        let others = store.query(&Row::new(there, [Box::new(id.0.to_vec()) as _])).await.unwrap();
        if others[0].get::<_, i64>(0) == 0 {
            break;
        }
        assert!(begun.elapsed() < AT_MOST, "the chats of the dead are not taken");
        worker.wait(LEASE / 5).await;
    }
    let reached = [reached(config, &mut store, ONE).await, reached(config, &mut store, TWO).await];
    for (reached, acknowledged) in reached.iter().zip(acknowledged) {
        // One more, if the answer was what got lost.
        assert!((acknowledged..=acknowledged + 1).contains(reached), "{reached} after {acknowledged}");
    }
    let [mut of_one, mut of_two] = reached;
    while of_one < LAST_OF_ONE || of_two < LAST_OF_TWO {
        of_one += 1;
        of_two += 1;
        let next = [(ONE, of_one, LAST_OF_ONE), (TWO, of_two, LAST_OF_TWO)];
        let next = next.into_iter().filter(|(_, generation, last)| generation <= last);
        let entries: Vec<_> = next.map(|(chat, generation, _)| entry(chat, generation)).collect();
        assert_eq!(store.commit(&entries).await.unwrap(), []);
    }
    assert_eq!([told(config, ONE).await, told(config, TWO).await], [LAST_OF_ONE, LAST_OF_TWO]);
}

#[test]
fn a_cut_after_any_message_of_either_end_loses_and_doubles_nothing() {
    run(async || {
        for (from, name) in [(From::Store, "cut_store"), (From::Server, "cut_server")] {
            let messages = messages(name, from).await;
            for last in chosen(messages, 12) {
                let config = story(&format!("{name}_{last}")).await;
                let proxy = Proxy::start(&config);
                proxy.after(from, last, Then::Cut);
                let lived = live(&proxy.through(&config), &mut [0; 2]).await;
                assert!(lived.is_ok() && proxy.is_done(), "{from:?} {last}: {lived:?}");
                let mut store = PostgresStore::connect(config.clone(), NoTls, WorkerId::ALONE).await.unwrap();
                let ends = [reached(&config, &mut store, ONE).await, reached(&config, &mut store, TWO).await];
                assert_eq!(ends, [LAST_OF_ONE, LAST_OF_TWO], "{from:?} {last}");
            }
        }
    });
}

/// Nobody says that the connection is gone. The store gives up on the answer and finds that the commit is there.
#[test]
fn an_answer_that_never_comes_is_not_waited_for() {
    run(async || {
        let config = story("swallowed").await;
        let proxy = Proxy::start(&config);
        let mut store = PostgresStore::connect(proxy.through(&config), NoTls, WorkerId::ALONE).await.unwrap();
        store.commit(&[entry(ONE, 1)]).await.unwrap();
        store.set_patience(Duration::from_secs(8));
        for (number, from) in [(2, From::Server), (3, From::Store)] {
            proxy.after(from, 0, Then::Swallow);
            assert_eq!(store.commit(&[entry(ONE, number)]).await.unwrap(), []);
            assert_eq!(store.connections(), number);
        }
        assert_eq!(reached(&config, &mut store, ONE).await, 3);
    });
}

/// A proxy or a server that nobody can reach: the call ends when the patience does, with the error of the network.
#[test]
fn a_server_that_is_gone_is_an_error_once_the_patience_ends() {
    run(async || {
        let config = story("gone").await;
        let proxy = Proxy::start(&config);
        let mut store = PostgresStore::connect(proxy.through(&config), NoTls, WorkerId::ALONE).await.unwrap();
        store.set_patience(Duration::from_millis(300));
        proxy.after(From::Store, 0, Then::End);
        assert!(matches!(store.commit(&[entry(ONE, 1)]).await, Err(PostgresError::Postgres(_))));
        assert!(matches!(store.load(&[ONE]).await, Err(PostgresError::Postgres(_))));
        assert_eq!(told(&config, ONE).await, 0);
    });
}
