//! One end: its chat, its records, the model beside it, and what its host was told.

use std::collections::BTreeMap;

use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, ChatId, ChatState, Checkpoint, Env, Event, Output, RandomId, StoreKey, Timestamp, TransmitId, TransmitKind,
};

use crate::support::model::{Cause, Kind, Model, VIEW_ONCE};
use crate::support::rng::Seeded;
use crate::world::{Made, START, STORE_KEY};

pub(crate) struct End {
    pub(crate) chat: Chat,
    pub(crate) store: MemoryStore,
    pub(crate) rng: Seeded,
    id: ChatId,
    checkpoint: Option<Checkpoint>,
    /// What the chat must do, and what of it the records must hold.
    pub(crate) model: Model,
    pub(crate) durable: Model,
    /// How often the host was told that a message has ended, and how often a crash lay between that and its batch.
    pub(crate) told: BTreeMap<RandomId, usize>,
    since_batch: Vec<RandomId>,
    pub(crate) excused: BTreeMap<RandomId, usize>,
    /// How often the key of a view-once medium was lent.
    lent: BTreeMap<RandomId, usize>,
}

impl End {
    pub(crate) fn new(chat: Chat, store: MemoryStore, seed: u64) -> Self {
        let id = chat.id().unwrap();
        let model = Model::at(START);
        Self {
            chat,
            store,
            rng: Seeded::new(seed),
            id,
            checkpoint: None,
            durable: model.clone(),
            model,
            told: BTreeMap::new(),
            since_batch: Vec::new(),
            excused: BTreeMap::new(),
            lent: BTreeMap::new(),
        }
    }

    /// A new process over the records.
    pub(crate) fn come_back(&mut self, now: u64) {
        let records = self.store.load(self.id).unwrap().unwrap();
        let mut env = Env::new(Timestamp::from_millis(now), &mut self.rng);
        self.chat = Chat::restore(&records, &StoreKey::new(STORE_KEY), self.checkpoint, &mut env).unwrap();
        self.model = self.durable.clone();
        self.model.restart(now);
        for id in self.since_batch.drain(..) {
            *self.excused.entry(id).or_default() += 1;
        }
    }

    /// Does what an output says. Returns what is to be carried.
    pub(crate) fn take(&mut self, output: Output, made: &[Made]) -> Option<(TransmitId, Vec<u8>)> {
        match output {
            Output::Event(event) => self.hear(event, made),
            Output::Persist(batch) => {
                self.store.apply(&batch).unwrap();
                self.checkpoint = Some(batch.checkpoint);
                self.durable = self.model.clone();
                self.since_batch.clear();
            }
            Output::Transmit(transmit) => {
                let TransmitKind::Ciphertext { bytes, .. } = transmit.kind else { panic!("{transmit:?}") };
                return Some((transmit.id, bytes));
            }
            other => panic!("{other:?}"),
        }
        None
    }

    fn hear(&mut self, event: Event, made: &[Made]) {
        let Self { model, told, since_batch, lent, .. } = self;
        match event {
            Event::Message(message) => {
                let (id, kind, sealed) = *made.iter().find(|made| made.0 == message.random_id).unwrap();
                assert_eq!(message.ttl.to_wire(), sealed, "the timer that was sealed");
                assert_eq!(message.content.text.is_empty(), !matches!(kind, Kind::Text), "DES-14");
                model.add(id, false, kind, sealed);
            }
            Event::ReadByPeer { random_ids, .. } => {
                random_ids.iter().for_each(|id| model.start(*id, Cause::ReadMessages));
            }
            Event::Deleted { random_ids, .. } => random_ids.iter().for_each(|id| model.delete(*id)),
            Event::Expired { random_id, .. } => {
                model.end(random_id);
                *told.entry(random_id).or_default() += 1;
                since_batch.push(random_id);
            }
            Event::Opened { random_id, lease, content, deadline, .. } => {
                let timed = model.messages[&random_id];
                let ends = timed.deadline.unwrap();
                assert!(ends > model.elapsed, "lent after the end");
                assert_eq!(deadline.as_millis(), model.on_host_clock(ends));
                assert_eq!(lease.is_some(), !matches!(timed.kind, Kind::Text | Kind::Hidden));
                let text = content.as_ref().map(|lease| &*lease.content().text);
                assert_eq!(text, (timed.kind == Kind::Hidden).then_some("text"));
                if timed.ttl == VIEW_ONCE && (lease.is_some() || content.is_some()) {
                    *lent.entry(random_id).or_default() += 1;
                    assert_eq!(lent[&random_id], 1, "view once was lent twice");
                }
            }
            Event::KeyRefused { .. } | Event::Closed { .. } | Event::Unsupported => panic!("{event:?}"),
            _ => {}
        }
    }

    /// What the chat says is what the model says.
    pub(crate) fn check(&self) {
        let Self { chat, model, .. } = self;
        assert_eq!(chat.state(), ChatState::Ready);
        model.check(chat);
        if let Some(first) = model.first_deadline() {
            let asked = chat.poll_timeout().map(Timestamp::as_millis);
            assert!(asked.is_some_and(|asked| asked <= model.on_host_clock(first)), "{asked:?} {model:?}");
        }
    }

    /// Whatever was started has ended, and the host was told once, but for a crash between the news and its batch.
    pub(crate) fn check_all_ended(&self) {
        let Self { model, told, excused, .. } = self;
        assert!(model.messages.values().all(|timed| timed.deadline.is_none()), "{model:?}");
        for id in &model.started {
            assert!(model.ended.contains(id) || model.deleted.contains(id), "{id:?} was lost: {model:?}");
        }
        for (id, times) in told {
            let excused = excused.get(id).copied().unwrap_or(0);
            // Told, killed before the batch, and then deleted by the other end instead.
            let deleted_instead = excused > 0 && model.deleted.contains(id);
            assert!(model.ended.contains(id) || deleted_instead, "{id:?}");
            assert!(*times <= 1 + excused, "{id:?} was told {times} times, {excused} of them excused");
        }
        assert!(model.ended.iter().all(|id| told.contains_key(id)), "{told:?} {model:?}");
    }
}
