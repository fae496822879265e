//! A message list in which each message is exactly once, however often this process is killed.
//!
//! ```text
//! cargo run -p secretchat-sqlite --example message_list -- DIRECTORY
//! ```
//!
//! Alice and Bob talk in one process, each with a database in the directory. Kill it (`kill -9`) at any moment and run it
//! again, until it prints the list. A directory in which they are done is only counted again.

use std::collections::VecDeque;
use std::error::Error;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use getrandom::SysRng;
use rand_core::{Rng, UnwrapErr};
use secretchat::frame::{ChatTag, Frame, decode_one, encode};
use secretchat::store::{Action, Driver, HostRows, Store};
use secretchat::{Chat, ChatState, Config, Draft, Env, Event, Invitation, RandomId, Start, StoreKey, Timestamp};
use secretchat_sqlite::SqliteStore;
use secretchat_sqlite::rusqlite::OptionalExtension;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What each of them has to say.
const TEXTS: i64 = 100;
/// Between two texts, so that there is time to kill the process.
const PAUSE: Duration = Duration::from_millis(20);
/// The only chat of this transport.
const TAG: ChatTag = ChatTag([0; 16]);

fn main() -> Result<()> {
    let directory = std::env::args_os().nth(1).ok_or("usage: message_list DIRECTORY")?;
    std::fs::create_dir_all(&directory)?;
    let mut alice = Phone::open("alice", "bob", directory.as_ref())?;
    let mut bob = Phone::open("bob", "alice", directory.as_ref())?;
    alice.begin()?;
    while !(alice.is_done()? && bob.is_done()?) {
        while alice.hand_over(&mut bob)? || bob.hand_over(&mut alice)? {}
        alice.write_next()?;
        bob.write_next()?;
        sleep(PAUSE);
    }
    let (alice_lost, alice_doubled) = alice.print()?;
    let (bob_lost, bob_doubled) = bob.print()?;
    println!("{} lost, {} doubled", alice_lost + bob_lost, alice_doubled + bob_doubled);
    Ok(())
}

struct Phone {
    name: &'static str,
    peer: &'static str,
    /// `None` until there is a chat; then the driver has it.
    idle: Option<SqliteStore>,
    driver: Option<Driver<SqliteStore>>,
    out: VecDeque<Vec<u8>>,
}

impl Phone {
    /// Opens the database and goes on with the chat in it.
    fn open(name: &'static str, peer: &'static str, directory: &Path) -> Result<Self> {
        let mut store = SqliteStore::open(directory.join(name).with_extension("db"))?;
        let tables = store.transaction()?;
        // A real app keeps the key apart from the records, in the platform's keystore.
        tables.execute_batch(
            "CREATE TABLE IF NOT EXISTS store_key (bytes BLOB);
             CREATE TABLE IF NOT EXISTS messages (writer TEXT, random_id INTEGER, text TEXT);",
        )?;
        if tables.query_row("SELECT 1 FROM store_key", [], |_| Ok(())).optional()?.is_none() {
            let mut key = [0; 32];
            UnwrapErr(SysRng).fill_bytes(&mut key);
            tables.execute("INSERT INTO store_key VALUES (?1)", [key])?;
        }
        store.commit()?;

        let mut phone = Self { name, peer, idle: None, driver: None, out: VecDeque::new() };
        match store.chats()?.first() {
            None => phone.idle = Some(store),
            Some(chat) => {
                let key = store_key(&store)?;
                let mut rng = UnwrapErr(SysRng);
                let driver = Driver::restore(store, *chat, &key, None, &mut Env::new(now()?, &mut rng))?;
                phone.driver = Some(driver);
                phone.drain()?;
            }
        }
        Ok(phone)
    }

    /// Asks for a chat if there is none.
    fn begin(&mut self) -> Result<()> {
        let Some(store) = self.idle.take() else { return Ok(()) };
        let start = self.start(&store)?;
        let chat = Chat::request(start, &mut Env::new(now()?, &mut UnwrapErr(SysRng)))?;
        self.driver = Some(Driver::new(chat, store));
        self.drain()
    }

    fn start(&self, store: &SqliteStore) -> Result<Start> {
        Ok(Config::x25519(self.name, self.peer)?.with_store(store_key(store)?))
    }

    /// Carries one frame to the other phone; whether there was one.
    fn hand_over(&mut self, to: &mut Self) -> Result<bool> {
        let Some(bytes) = self.out.pop_front() else { return Ok(false) };
        to.take(&bytes)?;
        Ok(true)
    }

    fn take(&mut self, bytes: &[u8]) -> Result<()> {
        let (_, frame) = decode_one(bytes)?;
        let mut rng = UnwrapErr(SysRng);
        let mut env = Env::new(now()?, &mut rng);
        if let Some(driver) = &mut self.driver {
            driver.handle_frame(&frame, &mut env)?;
        } else if let (Frame::Request { public }, Some(store)) = (frame, self.idle.take()) {
            let chat = Invitation::parse(public, self.start(&store)?)?.accept(&mut env)?;
            self.driver = Some(Driver::new(chat, store));
        }
        self.drain()
    }

    /// Says the next thing. Its row is written after `send`, and before the batch that queues it.
    fn write_next(&mut self) -> Result<()> {
        let (name, Some(driver)) = (self.name, &mut self.driver) else { return Ok(()) };
        let number = count(driver.store(), name)?;
        if driver.chat().state() != ChatState::Ready || number == TEXTS {
            return Ok(());
        }
        let text = format!("number {number} of {name}");
        let random_id = driver.send(&Draft::text(&text), &mut Env::new(now()?, &mut UnwrapErr(SysRng)))?;
        insert(driver.store_mut(), name, random_id, &text)?;
        self.drain()
    }

    /// Does what the driver asks for.
    fn drain(&mut self) -> Result<()> {
        let Some(driver) = &mut self.driver else { return Ok(()) };
        while let Some(action) = driver.next_action()? {
            match &action {
                Action::Event(Event::Message(message)) => {
                    insert(driver.store_mut(), self.peer, message.random_id, &message.content.text)?;
                }
                other => {
                    if let Some(frame) = other.frame()? {
                        self.out.push_back(encode(TAG, &frame)?);
                    }
                }
            }
        }
        Ok(())
    }

    fn is_done(&self) -> Result<bool> {
        let Some(driver) = &self.driver else { return Ok(false) };
        Ok(count(driver.store(), self.name)? >= TEXTS && count(driver.store(), self.peer)? >= TEXTS)
    }

    /// Prints the list; how many messages of either are not in it, and how many are in it again.
    fn print(&self) -> Result<(i64, i64)> {
        let Some(driver) = &self.driver else { return Ok((2 * TEXTS, 0)) };
        let database = driver.store().connection();
        println!("{} has", self.name);
        let mut statement = database.prepare("SELECT writer, text FROM messages ORDER BY rowid")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            println!("  {}: {}", row.get::<_, String>(0)?, row.get::<_, String>(1)?);
        }
        let (all, different): (i64, i64) =
            database.query_row("SELECT count(*), count(DISTINCT writer || text) FROM messages", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        Ok((2 * TEXTS - different, all - different))
    }
}

/// Appends a row in the transaction that the next batch ends.
fn insert(store: &mut SqliteStore, writer: &str, random_id: RandomId, text: &str) -> Result<()> {
    store.transaction()?.execute("INSERT INTO messages VALUES (?1, ?2, ?3)", (writer, random_id.0, text))?;
    Ok(())
}

fn count(store: &SqliteStore, writer: &str) -> Result<i64> {
    let count = "SELECT count(*) FROM messages WHERE writer = ?1";
    Ok(store.connection().query_row(count, [writer], |row| row.get(0))?)
}

fn store_key(store: &SqliteStore) -> Result<StoreKey> {
    Ok(StoreKey::new(store.connection().query_row("SELECT bytes FROM store_key", [], |row| row.get(0))?))
}

fn now() -> Result<Timestamp> {
    let millis = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    Ok(Timestamp::from_millis(u64::try_from(millis)?))
}
