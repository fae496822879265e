//! Synchronous stores behind the asynchronous interface.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use recordings::Seeded;
use secretchat::store::{ApplyError, AsyncStore, Driver, Entry, HostRows, MemoryStore, Step, Store};
use secretchat::{Batch, Chat, ChatId, Config, Env, Records, Timestamp};
use secretchat_async::{Inline, InlineRows};

use crate::world::key;

/// Returns what a future returns that never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

/// The first batch of a new chat.
fn batch(rng: &mut Seeded) -> Batch {
    let config = Config::x25519("alice", "bob").unwrap().with_store(key());
    let mut driver = Driver::new(Chat::request(config, &mut Env::new(Timestamp::default(), rng)).unwrap(), ());
    let Some(Step::Write(batch)) = driver.next_step() else { panic!() };
    batch
}

fn entry<R>(batch: &Batch, rows: Vec<R>) -> Entry<R> {
    Entry { chat: batch.chat, batch: Some(batch.clone()), due: None, rows }
}

#[test]
fn a_superseded_batch_is_the_only_one_that_is_refused() {
    let mut rng = Seeded::new(1);
    let batches: Vec<_> = (0..5).map(|_| batch(&mut rng)).collect();
    let mut memory = MemoryStore::default();
    memory.apply(&batches[2]).unwrap();
    let mut store = Inline::new(memory);
    // The memory store writes those before the third one, and these are not refused.
    let entries: Vec<Entry<Infallible>> = batches.iter().map(|batch| entry(batch, Vec::new())).collect();
    assert_eq!(now(store.commit(&entries)).unwrap(), [] as [ChatId; 0], "it has that very batch already");

    let mut other = Seeded::new(2);
    let mut theirs = batch(&mut other);
    theirs.chat = batches[2].chat;
    let entries: Vec<_> =
        [batch(&mut rng), theirs.clone(), batch(&mut rng)].iter().map(|batch| entry(batch, Vec::new())).collect();
    assert_eq!(now(store.commit(&entries)).unwrap(), [theirs.chat]);
    assert_eq!(now(store.load(&[entries[0].chat, entries[2].chat, ChatId([0; 16])])).unwrap().len(), 2);
    assert_eq!(store.into_inner().chats().unwrap().len(), 7);
}

/// Writes batches and rows in one transaction, all or nothing.
#[derive(Default)]
struct Table {
    memory: MemoryStore,
    rows: Vec<String>,
    open: Option<Vec<String>>,
    transactions: usize,
}

impl Store for Table {
    type Error = Infallible;

    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<Infallible>> {
        self.apply_all(std::slice::from_ref(batch))
    }

    fn apply_all(&mut self, batches: &[Batch]) -> Result<(), ApplyError<Infallible>> {
        let (mut memory, rows) = (self.memory.clone(), self.open.take());
        for batch in batches {
            memory.apply(batch)?;
        }
        self.memory = memory;
        self.rows.extend(rows.into_iter().flatten());
        self.transactions += 1;
        Ok(())
    }

    fn scrub(&mut self) -> Result<bool, Infallible> {
        Ok(true)
    }

    fn load(&self, chat: ChatId) -> Result<Option<Records>, Infallible> {
        self.memory.load(chat)
    }

    fn chats(&self) -> Result<Vec<ChatId>, Infallible> {
        self.memory.chats()
    }

    fn delete(&mut self, chat: ChatId) -> Result<(), Infallible> {
        self.memory.delete(chat)
    }
}

impl HostRows for Table {
    type Transaction<'a> = &'a mut Vec<String>;

    fn transaction(&mut self) -> Result<&mut Vec<String>, Infallible> {
        Ok(self.open.get_or_insert_default())
    }

    fn commit(&mut self) -> Result<(), Infallible> {
        self.rows.extend(self.open.take().into_iter().flatten());
        self.transactions += 1;
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), Infallible> {
        self.open = None;
        Ok(())
    }
}

#[test]
fn rows_are_in_the_transaction_of_their_batch() {
    let mut rng = Seeded::new(3);
    let write = |table: &mut Table, row: &String| {
        table.transaction()?.push(row.clone());
        Ok(())
    };
    let mut store = InlineRows::new(Table::default(), write);
    let batches: Vec<_> = (0..3).map(|_| batch(&mut rng)).collect();
    let all: Vec<_> =
        batches.iter().zip(["a", "b", "c"]).map(|(batch, row)| entry(batch, vec![row.to_owned()])).collect();
    assert_eq!(now(store.commit(&all[..1])).unwrap(), []);
    // The first one is superseded: written once more, it follows nothing of what is there.
    let mut theirs = batch(&mut rng);
    theirs.chat = batches[0].chat;
    let entries = [entry(&theirs, vec!["lost".to_owned()]), all[1].clone(), all[2].clone()];
    assert_eq!(now(store.commit(&entries)).unwrap(), [theirs.chat]);
    // Rows alone.
    let rows = Entry { chat: theirs.chat, batch: None, due: None, rows: vec!["d".to_owned()] };
    assert_eq!(now(store.commit(&[rows])).unwrap(), []);
    let table = store.into_inner();
    assert_eq!((table.rows, table.transactions), (["a", "b", "c", "d"].map(str::to_owned).to_vec(), 4));
}
