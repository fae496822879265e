//! What a commit takes beside a bare client that writes the same bytes, on a server of its own whose disk is synced.
//!
//! ```text
//! cargo bench -p secretchat-postgres
//! ```
//!
//! Store and client take turns; each figure is the median of its rounds.

use std::cell::RefCell;
use std::convert::Infallible;
use std::error::Error;
use std::rc::Rc;
use std::time::{Duration, Instant};

use message_paths::{Hosts, Profile, Settings, env, store_key};
use postgres_server::Server;
use recordings::Seeded;
use secretchat::store::{ApplyError, AsyncStore, Driver, Entry, MemoryStore, Store};
use secretchat::{Batch, ChatId, Records};
use secretchat_postgres::tokio_postgres::{Client, Config, Statement};
use secretchat_postgres::{NoTls, PostgresStore, Row, Worker, WorkerId};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How many chats write at once, and how often.
const GROUPS: [(u32, usize); 3] = [(1, 400), (16, 200), (256, 80)];
/// Rounds that are not counted: the first batches, and statements that are prepared.
const WARM_UP: usize = 10;
/// The chats that are loaded.
const LOADED: u32 = 1_000;
const LEASE: Duration = Duration::from_millis(1_500);

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Beside the program: a temporary directory may be in memory.
    let program = std::env::current_exe()?;
    let server = Server::start_in(program.parent().ok_or("no directory")?, &["shared_buffers=256MB"])?;
    runtime.block_on(measure(&server.connection_string().parse()?))
}

async fn measure(config: &Config) -> Result<()> {
    let batches = recorded(GROUPS.iter().map(|(_, rounds)| rounds + WARM_UP).max().unwrap_or_default());
    println!("| chats in a commit | store, rows/s | bare client, rows/s | ratio | store, us a commit | bare, us |");
    println!("|--:|--:|--:|--:|--:|--:|");
    for (group, (chats, rounds)) in (0..).zip(GROUPS) {
        commits(config, &batches, group, chats, rounds).await?;
    }
    load(config, &batches).await?;
    take_over(config).await
}

async fn commits(config: &Config, batches: &[Batch], group: u8, chats: u32, rounds: usize) -> Result<()> {
    let mut store = PostgresStore::connect(config.clone(), NoTls, WorkerId::ALONE).await?;
    let bare = Bare::connect(config).await?;
    let (mut of_store, mut of_bare, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for (round, batch) in batches.iter().take(rounds + WARM_UP).enumerate() {
        let entries: Vec<_> = (0..chats).map(|chat| entry(batch, group, chat)).collect();
        let begun = Instant::now();
        assert!(store.commit(&entries).await?.is_empty());
        let stored = begun.elapsed();
        let begun = Instant::now();
        bare.write(&entries).await?;
        let written = begun.elapsed();
        if round >= WARM_UP {
            of_store.push(stored.as_secs_f64());
            of_bare.push(written.as_secs_f64());
            rows.push(f64::from(u32::try_from(batch.put.len() + batch.delete.len())?) * f64::from(chats));
        }
    }
    let rows = rows.iter().sum::<f64>() / f64::from(u32::try_from(rows.len())?);
    let (stored, written) = (median(of_store), median(of_bare));
    println!(
        "| {chats} | {:.0} | {:.0} | {:.2} | {:.0} | {:.0} |",
        rows / stored,
        rows / written,
        written / stored,
        stored * 1e6,
        written * 1e6,
    );
    Ok(())
}

/// Loads chats and restores them.
async fn load(config: &Config, batches: &[Batch]) -> Result<()> {
    let mut store = PostgresStore::connect(config.clone(), NoTls, WorkerId::ALONE).await?;
    let chats: Vec<_> = (0..LOADED).map(|chat| name(99, chat)).collect();
    for batch in batches.iter().take(20) {
        let entries: Vec<_> = (0..LOADED).map(|chat| entry(batch, 99, chat)).collect();
        assert!(store.commit(&entries).await?.is_empty());
    }
    let original = batches.first().ok_or("no batch")?.chat;
    let (mut read, mut restored) = (Vec::new(), Vec::new());
    for round in 0..10 {
        let begun = Instant::now();
        let mut found = store.load(&chats).await?;
        read.push(begun.elapsed().as_secs_f64());
        assert_eq!(found.len(), chats.len());
        // The records are copies of one chat's, which open under its own name.
        found.iter_mut().for_each(|records| records.chat = original);
        let mut rng = Seeded::new(round);
        let begun = Instant::now();
        for records in &found {
            let driver = Driver::from_records(records, &store_key(), None, &mut env(&mut rng))?;
            std::hint::black_box(driver);
        }
        restored.push(begun.elapsed().as_secs_f64());
    }
    let each = |times| median(times) * 1e6 / f64::from(LOADED);
    println!("\n{LOADED} chats: {:.1} us each to read, {:.1} us each to restore", each(read), each(restored));
    Ok(())
}

/// Lets a worker die right after it renewed its lease, which is when the others wait longest.
async fn take_over(config: &Config) -> Result<()> {
    let mut two = Worker::join(config.clone(), NoTls, WorkerId([2; 16]), "two", LEASE).await?;
    let mut worst = Duration::ZERO;
    for round in 0..5 {
        let id = WorkerId([100 + round; 16]);
        let mut one = Worker::join(config.clone(), NoTls, id, "one", LEASE).await?;
        let mut store = PostgresStore::connect(config.clone(), NoTls, id).await?;
        let entry = Entry { rows: Vec::new(), ..entry(&first(), 100 + round, 0) };
        store.commit(&[entry]).await?;
        one.renew().await?;
        drop((one, store));
        let begun = Instant::now();
        while two.take(100).await?.is_empty() {
            two.wait(LEASE / 10).await;
            two.renew().await?;
        }
        worst = worst.max(begun.elapsed());
    }
    println!("A take-over with a lease of {LEASE:?}, polled every {:?}: {worst:?} at most", LEASE / 10);
    Ok(())
}

fn first() -> Batch {
    recorded(1).remove(0)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn name(group: u8, chat: u32) -> ChatId {
    let mut name = [group; 16];
    name[..4].copy_from_slice(&chat.wrapping_mul(0x9e37_79b9).to_le_bytes());
    ChatId(name)
}

fn entry(batch: &Batch, group: u8, chat: u32) -> Entry<Row> {
    let chat = name(group, chat);
    Entry { chat, batch: Some(Batch { chat, ..batch.clone() }), due: None, rows: Vec::new() }
}

/// A client without a store: no fence, no lease, no look at the result.
struct Bare {
    client: Client,
    delete: Statement,
    put: Statement,
}

impl Bare {
    async fn connect(config: &Config) -> Result<Self> {
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(connection);
        // The settings of the store's table and session.
        let prepare = "CREATE TABLE IF NOT EXISTS bare (
                chat BYTEA NOT NULL, name BYTEA NOT NULL, record BYTEA NOT NULL, PRIMARY KEY (chat, name)
            ) WITH (fillfactor = 70);
            ALTER TABLE bare ALTER COLUMN record SET STORAGE EXTERNAL;
            SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off";
        client.batch_execute(prepare).await?;
        let delete = client
            .prepare(
                "DELETE FROM bare AS b USING unnest($1::BYTEA[], $2::BYTEA[]) AS n (chat, name)
                WHERE b.chat = n.chat AND b.name = n.name",
            )
            .await?;
        let put = client
            .prepare(
                "INSERT INTO bare SELECT * FROM unnest($1::BYTEA[], $2::BYTEA[], $3::BYTEA[])
                ON CONFLICT (chat, name) DO UPDATE SET record = excluded.record",
            )
            .await?;
        Ok(Self { client, delete, put })
    }

    async fn write(&self, entries: &[Entry<Row>]) -> Result<()> {
        let (mut deleted, mut deleted_names) = (Vec::new(), Vec::new());
        let (mut chats, mut names, mut records) = (Vec::new(), Vec::new(), Vec::new());
        for batch in entries.iter().filter_map(|entry| entry.batch.as_ref()) {
            for name in &batch.delete {
                deleted.push(&batch.chat.0[..]);
                deleted_names.push(name.to_bytes().to_vec());
            }
            for (name, record) in &batch.put {
                chats.push(&batch.chat.0[..]);
                names.push(name.to_bytes().to_vec());
                records.push(record.as_slice());
            }
        }
        let client = &self.client;
        let delete = async {
            if deleted.is_empty() { Ok(0) } else { client.execute(&self.delete, &[&deleted, &deleted_names]).await }
        };
        let (begun, deleted, put, committed) = tokio::join!(
            biased;
            client.batch_execute("BEGIN"),
            delete,
            async { client.execute(&self.put, &[&chats, &names, &records]).await },
            client.batch_execute("COMMIT"),
        );
        begun?;
        deleted?;
        put?;
        Ok(committed?)
    }
}

/// A store in memory that keeps all batches.
#[derive(Default)]
struct Recorder {
    records: MemoryStore,
    batches: Rc<RefCell<Vec<Batch>>>,
}

impl Store for Recorder {
    type Error = Infallible;

    fn apply(&mut self, batch: &Batch) -> std::result::Result<(), ApplyError<Infallible>> {
        self.batches.borrow_mut().push(batch.clone());
        self.records.apply(batch)
    }

    fn scrub(&mut self) -> std::result::Result<bool, Infallible> {
        self.records.scrub()
    }

    fn load(&self, chat: ChatId) -> std::result::Result<Option<Records>, Infallible> {
        self.records.load(chat)
    }

    fn chats(&self) -> std::result::Result<Vec<ChatId>, Infallible> {
        self.records.chats()
    }

    fn delete(&mut self, chat: ChatId) -> std::result::Result<(), Infallible> {
        self.records.delete(chat)
    }
}

/// Returns the first batches of one end of a chat of messages of 100 characters, there and back.
fn recorded(count: usize) -> Vec<Batch> {
    let settings = Settings { profile: Profile::X25519, records: true, rekeys: false };
    let recorder = Recorder::default();
    let batches = Rc::clone(&recorder.batches);
    let mut hosts = Hosts::on(settings, [recorder, Recorder::default()]);
    while batches.borrow().len() < count {
        hosts.say_both();
    }
    let mut batches = batches.take();
    batches.truncate(count);
    batches
}
