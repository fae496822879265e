//! One end: a chat, its store, and what its host knows.

use std::collections::BTreeSet;

use recordings::Seeded;
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, ChatState, Env, Event, Handled, Output, PeerFault, RandomId, Records, StoreKey, Timestamp, Transmit,
};

use super::Text;

pub(super) const STORE_KEY: [u8; 32] = [0x5b; 32];

pub(super) struct Side {
    pub(super) chat: Chat,
    store: MemoryStore,
    rng: Seeded,
    /// Durable: texts that were queued, and that arrived.
    pub(super) written: Vec<Text>,
    pub(super) heard: Vec<Text>,
    /// Of those written, what was deleted here, ended or was refused.
    pub(super) gone: BTreeSet<RandomId>,
    /// What is to be carried.
    pub(super) leaving: Vec<Transmit>,
    /// What becomes durable with the next batch.
    staged: Vec<Row>,
    /// How many outputs are carried out before the process dies.
    pub(super) fuse: Option<u8>,
}

pub(super) enum Row {
    Written(Text),
    Heard(Text),
    Gone(Vec<RandomId>),
}

impl Side {
    /// Begins with the records of a chat that is ready.
    pub(super) fn new(records: &Records, seed: u64, now: u64) -> Self {
        let mut rng = Seeded::new(seed);
        let chat = restored(records, now, &mut rng);
        let mut side = Self {
            chat,
            store: crate::support::stored::store_of(records),
            rng,
            written: Vec::new(),
            heard: Vec::new(),
            gone: BTreeSet::new(),
            leaving: Vec::new(),
            staged: Vec::new(),
            fuse: None,
        };
        side.drain(now);
        side
    }

    /// Calls the chat and does what it asks for. A row is durable with the batch of the call, if the call went well.
    pub(super) fn call<R, E>(
        &mut self,
        now: u64,
        row: Option<Row>,
        call: impl FnOnce(&mut Chat, &mut Env<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let result = call(&mut self.chat, &mut Env::new(Timestamp::from_millis(now), &mut self.rng));
        if result.is_ok() {
            self.staged.extend(row);
        }
        self.drain(now);
        result
    }

    /// As [`Side::call`], where nothing can go wrong.
    pub(super) fn lets(&mut self, now: u64, call: impl FnOnce(&mut Chat, &mut Env<'_>)) {
        call(&mut self.chat, &mut Env::new(Timestamp::from_millis(now), &mut self.rng));
        self.drain(now);
    }

    /// Gives bytes that nobody sealed: they change nothing. (After a restart the chat may say that its records look old.)
    pub(super) fn hears_damage(&mut self, now: u64, bytes: &[u8]) {
        let before = format!("{:?}", self.chat);
        let mut env = Env::new(Timestamp::from_millis(now + 3_600_000), &mut self.rng);
        let handled = self.chat.handle(crate::support::pair::ciphertext(bytes), &mut env);
        match handled {
            Err(PeerFault::NotAuthentic | PeerFault::UnknownKey) => {}
            // Whatever comes to a closed chat (SPEC CLOSE-1).
            Ok(Handled::Ignored) if self.is_closed() => {}
            other => panic!("{other:?}"),
        }
        match self.chat.poll_output() {
            None => assert_eq!(format!("{:?}", self.chat), before),
            Some(Output::Event(Event::RollbackSuspected)) => {}
            Some(other) => panic!("{other:?}"),
        }
    }

    /// The process dies, and what it had not made durable is lost.
    pub(super) fn restart(&mut self, now: u64) {
        self.fuse = None;
        self.staged.clear();
        let records = self.store.load(self.chat.id().unwrap()).unwrap();
        // A chat that is over keeps nothing in the end.
        let Some(records) = records.filter(|records| !records.rows.is_empty()) else { return };
        self.chat = restored(&records, now, &mut self.rng);
        self.drain(now);
    }

    fn drain(&mut self, now: u64) {
        while let Some(output) = self.chat.poll_output() {
            if self.fuse == Some(0) {
                return self.restart(now);
            }
            self.fuse = self.fuse.map(|outputs| outputs - 1);
            match output {
                Output::Event(event) => self.hear(event),
                Output::Persist(batch) => {
                    self.store.apply(&batch).unwrap();
                    for row in std::mem::take(&mut self.staged) {
                        self.keep(row);
                    }
                }
                Output::Transmit(transmit) => self.leaving.push(transmit),
                other => panic!("{other:?}"),
            }
        }
        // A call without a batch has changed nothing that lasts.
        self.staged.clear();
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Message(message) => {
                let text = (message.random_id, message.content.text.clone());
                self.staged.push(Row::Heard(text));
            }
            Event::Expired { random_id, .. } | Event::Failed { random_id, .. } => {
                self.staged.push(Row::Gone(vec![random_id]));
            }
            Event::Deleted { random_ids, .. } => self.staged.push(Row::Gone(random_ids)),
            Event::HistoryFlushed => {
                self.staged.push(Row::Gone(self.written.iter().map(|(id, _)| *id).collect()));
            }
            Event::Unsupported => panic!("both ends know the same messages"),
            _ => {}
        }
    }

    fn keep(&mut self, row: Row) {
        match row {
            Row::Written(text) => self.written.push(text),
            Row::Heard(text) => self.heard.push(text),
            Row::Gone(ids) => self.gone.extend(ids),
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        matches!(self.chat.state(), ChatState::Closed(_))
    }
}

fn restored(records: &Records, now: u64, rng: &mut Seeded) -> Chat {
    let checkpoint = records.checkpoint();
    let mut env = Env::new(Timestamp::from_millis(now), rng);
    Chat::restore(records, &StoreKey::new(STORE_KEY), checkpoint, &mut env).unwrap()
}
