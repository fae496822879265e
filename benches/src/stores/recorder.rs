//! The batches that a driver gives to its store.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use message_paths::Hosts;
use secretchat::store::{ApplyError, MemoryStore, Store};
use secretchat::{Batch, ChatId, Records};

use super::bare::row_len;
use super::{COUNTS, SETTINGS};
use crate::measure::Table;

/// The batches of one end, shared with the store that its driver owns.
type Batches = Rc<RefCell<Vec<Batch>>>;

/// A store in memory that keeps all batches.
#[derive(Default)]
struct Recorder {
    records: MemoryStore,
    batches: Batches,
}

impl Store for Recorder {
    type Error = Infallible;

    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<Infallible>> {
        self.batches.borrow_mut().push(batch.clone());
        self.records.apply(batch)
    }

    fn scrub(&mut self) -> Result<bool, Infallible> {
        self.records.scrub()
    }

    fn load(&self, chat: ChatId) -> Result<Option<Records>, Infallible> {
        self.records.load(chat)
    }

    fn chats(&self) -> Result<Vec<ChatId>, Infallible> {
        self.records.chats()
    }

    fn delete(&mut self, chat: ChatId) -> Result<(), Infallible> {
        self.records.delete(chat)
    }
}

fn hosts() -> (Hosts<Recorder>, [Batches; 2]) {
    let stores = [Recorder::default(), Recorder::default()];
    let batches = stores.each_ref().map(|store| Rc::clone(&store.batches));
    (Hosts::on(SETTINGS, stores), batches)
}

/// Returns so many batches of one end, from the first one on.
pub(super) fn batches(count: usize) -> Vec<Batch> {
    let (mut hosts, [ours, _]) = hosts();
    while ours.borrow().len() < count {
        hosts.say_both();
    }
    ours.take().into_iter().take(count).collect()
}

/// Counts how often the two ends of a message write, and how many bytes.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
pub(super) fn counts() -> Table {
    const MESSAGES: usize = 64;
    let mut table = Table::new(COUNTS, "each with its receipt");
    for (column, digits) in
        [("batches, sender", 2), ("batches, receiver", 2), ("bytes, sender", 0), ("bytes, receiver", 0)]
    {
        table.add_column(column, digits);
    }
    let (mut hosts, batches) = hosts();
    batches.iter().for_each(|batches| drop(batches.take()));
    (0..MESSAGES).for_each(|_| hosts.say(0));
    let [sender, receiver] = batches.map(|batches| {
        let batches = batches.take();
        let bytes: usize = batches.iter().flat_map(|batch| &batch.put).map(row_len).sum();
        [batches.len(), bytes].map(|sum| Some(sum as f64 / MESSAGES as f64))
    });
    table.add_row("64 one way", [sender[0], receiver[0], sender[1], receiver[1]]);
    table
}
