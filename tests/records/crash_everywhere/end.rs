//! One end without its chat: what its host has on disk, what it has only heard, and the model beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use secretchat::hazmat::records::open;
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Batch, Chat, ChatId, ChatState, Checkpoint, Event, RandomId, RecordName, Records, Role, StoreKey, Timestamp,
    TransmitId,
};

use super::drafts::{draft, is_what_was_written};
use super::world::{Made, STORE_KEY};
use crate::support::host::Keeping;
use crate::support::model::{Cause, Kind, Model, VIEW_ONCE};
use crate::support::rng::Seeded;

/// An event by name, with the message that it names; 0 where it names none.
pub(crate) type News = (&'static str, i64);

/// What a record says of the transport.
struct Said {
    nothing: bool,
    carried: bool,
    noop: bool,
}

#[derive(Clone)]
pub(crate) struct End {
    pub(crate) role: Role,
    pub(crate) keeping: Keeping,
    pub(crate) rng: Seeded,
    pub(crate) chat_id: ChatId,
    /// Durable: the records,
    pub(crate) store: MemoryStore,
    /// what the newest batch left,
    pub(crate) checkpoint: Option<Checkpoint>,
    /// the host's rows, in the order in which they were written,
    pub(crate) rows: Vec<News>,
    /// what the chat has to know of timers,
    durable: Model,
    /// and what the transport is known to have taken over.
    pub(crate) carried: BTreeSet<TransmitId>,
    pub(crate) model: Model,
    /// Since the last batch: what was heard, and what is written together with the next one.
    heard_since: Vec<News>,
    staged: Vec<News>,
    staged_carried: BTreeSet<TransmitId>,
    /// How often something was heard, and how often a crash lay between that and its batch.
    pub(crate) heard: BTreeMap<News, usize>,
    pub(crate) excused: BTreeMap<News, usize>,
    lent: BTreeMap<RandomId, usize>,
    /// Every ciphertext that ever left, in the order of leaving: different ones only.
    pub(crate) left: BTreeMap<TransmitId, (RandomId, Vec<Vec<u8>>)>,
    /// Messages of the peer of which the first ciphertext has arrived.
    pub(crate) first_came: BTreeSet<RandomId>,
    /// Own messages whose content was to be destroyed before the peer acknowledged them.
    pub(crate) destroyed: BTreeSet<RandomId>,
    /// Own slots that were refused for good.
    pub(crate) refused: BTreeSet<TransmitId>,
}

impl End {
    pub(crate) fn new(role: Role, keeping: Keeping, chat_id: ChatId, now: u64, seed: u64) -> Self {
        let model = Model::at(now);
        Self {
            role,
            keeping,
            rng: Seeded::new(seed),
            chat_id,
            store: MemoryStore::default(),
            checkpoint: None,
            rows: Vec::new(),
            durable: model.clone(),
            carried: BTreeSet::new(),
            model,
            heard_since: Vec::new(),
            staged: Vec::new(),
            staged_carried: BTreeSet::new(),
            heard: BTreeMap::new(),
            excused: BTreeMap::new(),
            lent: BTreeMap::new(),
            left: BTreeMap::new(),
            first_came: BTreeSet::new(),
            destroyed: BTreeSet::new(),
            refused: BTreeSet::new(),
        }
    }

    /// The process is new: only what is durable is left. The records, if there are some.
    pub(crate) fn come_back(&mut self, now: u64) -> Option<Records> {
        self.staged.clear();
        self.staged_carried.clear();
        for news in self.heard_since.drain(..) {
            *self.excused.entry(news).or_default() += 1;
        }
        self.model = self.durable.clone();
        self.model.restart(now);
        self.store.load(self.chat_id).unwrap()
    }

    /// The host's transaction: the batch, and with one database its rows.
    pub(crate) fn persist(&mut self, batch: &Batch) {
        self.store.apply(batch).unwrap();
        self.checkpoint = Some(batch.checkpoint);
        self.durable = self.model.clone();
        self.rows.append(&mut self.staged);
        for (name, _) in &batch.put {
            if let RecordName::Outgoing(slot) = name {
                let id = TransmitId::of_slot(*slot);
                match self.outgoing(id) {
                    Some(Said { carried: true, .. }) => _ = self.carried.insert(id),
                    _ => _ = self.carried.remove(&id),
                }
            }
        }
        for id in mem::take(&mut self.staged_carried) {
            if id == TransmitId::DISCARD {
                self.carried.insert(id);
            }
            // A Noop may wake again, and then needs no batch either (SPEC OUT-4).
            let left_out = self.outgoing(id).is_some_and(|said| said.nothing && !said.noop);
            assert!(!left_out, "the next batch says that {id:?} was taken over (SPEC DRV-9)");
        }
        self.heard_since.clear();
    }

    /// Returns what the record of a message says of it (SPEC REC-4), if it is still there.
    fn outgoing(&self, id: TransmitId) -> Option<Said> {
        let name = RecordName::Outgoing(id.slot()?);
        let mut records = self.store.load(self.chat_id).unwrap()?;
        records.rows.retain(|(other, _)| *other == name);
        let opened = open(&records, &StoreKey::new(STORE_KEY)).unwrap();
        let (_, _, plain) = opened.first()?;
        Some(Said { nothing: plain[24] == 0, carried: plain[24] == 1, noop: plain[22] == 1 })
    }

    /// One of the next batches says that the transport has taken this over.
    pub(crate) fn stage_carried(&mut self, id: TransmitId) {
        self.staged_carried.insert(id);
    }

    /// Returns whether a crash now loses what the transport has taken over.
    pub(crate) fn would_forget(&self) -> bool {
        !self.staged_carried.is_empty()
    }

    pub(crate) fn hear(&mut self, event: Event, chat: &Chat, made: &BTreeMap<RandomId, Made>) {
        match event {
            Event::Message(message) => {
                let id = message.random_id;
                let Made { what, sealed, own_ttl, .. } = made[&id];
                let written = draft(what, id, own_ttl, chat.profile());
                assert!(is_what_was_written(&message, &written, sealed), "{what:?} {message:?}");
                assert!(self.first_came.contains(&id), "content from an emptied slot");
                self.model.add(id, false, what.kind(), sealed);
                self.note("Message", id.0);
            }
            Event::Sent { id, random_id, .. } => {
                assert_eq!(self.left[&id].0, random_id);
                self.note("Sent", random_id.0);
            }
            Event::Failed { random_id, .. } => {
                self.model.delete(random_id);
                self.note("Failed", random_id.0);
            }
            Event::Acknowledged { random_ids, .. } => random_ids.iter().for_each(|id| self.note("Acknowledged", id.0)),
            Event::Expired { random_id, .. } => {
                self.model.end(random_id);
                self.destroy(chat, |id| id == random_id, made);
                self.note("Expired", random_id.0);
            }
            Event::Deleted { random_ids, .. } => {
                random_ids.iter().for_each(|id| self.model.delete(*id));
                self.destroy(chat, |id| random_ids.contains(&id), made);
                self.note("Deleted", random_ids[0].0);
            }
            Event::HistoryFlushed => {
                flush(&mut self.model);
                self.destroy(chat, |_| true, made);
                self.note("HistoryFlushed", 0);
            }
            Event::ReadByPeer { random_ids, .. } => {
                random_ids.iter().for_each(|id| self.model.start(*id, Cause::ReadMessages));
                self.note("ReadByPeer", random_ids[0].0);
            }
            // Behind its batch: it is shown, not kept.
            Event::Opened { random_id, lease, deadline, .. } => self.look(random_id, lease.is_some(), deadline),
            Event::TtlChanged { .. } => self.note("TtlChanged", 0),
            Event::ReadUpTo { .. } => self.note("ReadUpTo", 0),
            Event::Screenshot { .. } => self.note("Screenshot", 0),
            Event::Typing { .. } => self.note("Typing", 0),
            Event::Rekeyed { rekeys, .. } => self.note("Rekeyed", rekeys.into()),
            Event::RekeyFailed { .. } => self.note("RekeyFailed", 0),
            Event::Closed { history, .. } => self.note("Closed", bool::from(history).into()),
            Event::Ready { .. } => self.note("Ready", 0),
            Event::PeerLayer { .. } => self.note("PeerLayer", 0),
            // Repeats from before a new key, just after a restart, look like it.
            Event::RollbackSuspected | Event::ActionFailed { .. } => {}
            other => panic!("{other:?}"),
        }
    }

    /// Our messages that the peer has not acknowledged, if `doomed`: their content goes.
    pub(crate) fn destroy(&mut self, chat: &Chat, doomed: impl Fn(RandomId) -> bool, made: &BTreeMap<RandomId, Made>) {
        let ours = made.iter().filter(|(id, made)| made.by == self.role && doomed(**id) && chat.holds(**id));
        self.destroyed.extend(ours.map(|(id, _)| *id));
    }

    fn look(&mut self, random_id: RandomId, lent: bool, deadline: Timestamp) {
        let timed = self.model.messages[&random_id];
        let ends = timed.deadline.unwrap();
        assert!(ends > self.model.elapsed, "lent after the end");
        assert_eq!(deadline.as_millis(), self.model.on_host_clock(ends));
        assert_eq!(lent, !matches!(timed.kind, Kind::Text | Kind::Hidden));
        if timed.ttl == VIEW_ONCE {
            let times = self.lent.entry(random_id).or_default();
            *times += 1;
            assert_eq!(*times, 1, "view once was lent twice");
            let records = self.store.load(self.chat_id).unwrap().unwrap();
            let timed = records.rows.iter().find(|(name, _)| *name == RecordName::Timed(random_id));
            assert!(timed.is_some_and(|(_, sealed)| sealed.len() < WITH_KEY), "its key is still on disk");
        }
    }

    fn note(&mut self, name: &'static str, id: i64) {
        let news = (name, id);
        *self.heard.entry(news).or_default() += 1;
        self.heard_since.push(news);
        match self.keeping {
            Keeping::OneDatabase => self.staged.push(news),
            Keeping::TwoStores => self.rows.push(news),
        }
    }

    /// What the chat says of timers is what the model says.
    pub(crate) fn check_timers(&self, chat: &Chat) {
        if !matches!(chat.state(), ChatState::Closed(_)) {
            self.model.check(chat);
        }
    }

    /// The records of this kind.
    pub(crate) fn records(&self, which: impl Fn(RecordName) -> bool) -> Vec<RecordName> {
        let records = self.store.load(self.chat_id).unwrap();
        records.into_iter().flat_map(|records| records.rows).map(|(name, _)| name).filter(|name| which(*name)).collect()
    }

    pub(crate) fn has_row(&self, name: &'static str, id: i64) -> usize {
        self.rows.iter().filter(|row| **row == (name, id)).count()
    }
}

/// The length of a *timed* record with a key: 37 bytes around what is sealed, 37 of fields, key and iv (SPEC REC-2, REC-4).
const WITH_KEY: usize = 37 + 37 + 64;

/// No message is left that exists now.
pub(crate) fn flush(model: &mut Model) {
    let ids: Vec<_> = model.messages.keys().copied().collect();
    ids.into_iter().for_each(|id| model.delete(id));
}
