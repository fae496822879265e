//! A host for tests: one chat, one store, a transcript, and a switch that kills the process at a chosen output.

use std::collections::{BTreeMap, VecDeque};

use rand_core::Rng;
use recordings::Network;
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, ChatId, ChatState, Config, Draft, Env, Event, Handled, History, Input, Invitation, Output, PeerFault,
    Profile, RandomId, RecordName, RekeyState, Role, Start, StoreKey, Timestamp, Transmit, TransmitId, TransmitKind,
};

use super::pair::input_of;
use super::rng::Seeded;

/// How a host keeps what it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// Its rows and the batch in one transaction.
    OneDatabase,
    /// Events first, then the batch elsewhere.
    TwoStores,
}

/// What kills the process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fuse {
    /// At this output of both hosts together, counted from 0,
    pub(crate) at: usize,
    /// before (`false`) or after (`true`) the host did what it says.
    pub(crate) done: bool,
}

/// What lies between the two hosts and what they have in common.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) now: u64,
    pub(crate) outputs: usize,
    pub(crate) fuse: Option<Fuse>,
    pub(crate) crashes: usize,
    pub(crate) network: Network<Transmit>,
}

/// One end.
pub(crate) struct Host {
    pub(crate) role: Role,
    /// Without its store.
    pub(crate) set_up: fn(Role) -> Config,
    pub(crate) keeping: Keeping,
    pub(crate) rng: Seeded,
    pub(crate) store: MemoryStore,
    pub(crate) chat: Option<Chat>,
    pub(crate) chat_id: Option<ChatId>,
    /// Texts that the user has written and that are not known to be queued durably.
    pub(crate) to_send: VecDeque<(RandomId, String)>,
    /// Durable: texts that were queued.
    pub(crate) sent: Vec<(RandomId, String)>,
    /// Durable: of those, what was deleted before the peer had it.
    pub(crate) deleted: Vec<RandomId>,
    /// How many new keys the chat shall have had, if this end has to ask for them.
    pub(crate) wanted_rekeys: u32,
    /// Durable: texts that arrived, with repeats.
    pub(crate) received: Vec<(RandomId, String)>,
    /// Durable: ready, closed and the like, by name.
    pub(crate) notes: Vec<String>,
    /// Every ciphertext that ever left, by its id.
    pub(crate) left: BTreeMap<TransmitId, Vec<Vec<u8>>>,
    staged: Vec<Row>,
    /// The first text to send was given to the chat and its batch is not written yet.
    queued: bool,
    /// The same of a deletion.
    deleting: Option<RandomId>,
}

enum Row {
    Received(RandomId, String),
    Note(String),
}

pub(crate) const STORE_KEY: [u8; 32] = [0x5a; 32];

impl Host {
    pub(crate) fn new(role: Role, keeping: Keeping, seed: u64) -> Self {
        Self {
            role,
            set_up: x25519,
            keeping,
            rng: Seeded::new(seed),
            store: MemoryStore::default(),
            chat: None,
            chat_id: None,
            to_send: VecDeque::new(),
            sent: Vec::new(),
            deleted: Vec::new(),
            wanted_rekeys: 0,
            received: Vec::new(),
            notes: Vec::new(),
            left: BTreeMap::new(),
            staged: Vec::new(),
            queued: false,
            deleting: None,
        }
    }

    pub(crate) fn config(&self) -> Start {
        (self.set_up)(self.role).with_store(StoreKey::new(STORE_KEY))
    }

    pub(crate) fn write(&mut self, text: impl Into<String>) {
        let id = RandomId((self.rng.next_u64() >> 1).cast_signed() | 1);
        self.to_send.push_back((id, text.into()));
    }

    pub(crate) fn request(&mut self, world: &mut World) {
        let config = self.config();
        let chat = Chat::request(config, &mut Env::new(Timestamp::from_millis(world.now), &mut self.rng)).unwrap();
        self.chat_id = chat.id();
        self.chat = Some(chat);
        self.drain(world);
    }

    /// Returns the end of the network that this host is at.
    pub(crate) fn end(&self) -> usize {
        usize::from(self.role == Role::Responder)
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.chat.as_ref().is_some_and(|chat| chat.state() == ChatState::Ready)
    }

    /// Queues the next text if the chat lets it.
    pub(crate) fn send_next(&mut self, world: &mut World) -> bool {
        let (Some(chat), Some((id, text))) = (&mut self.chat, self.to_send.front()) else { return false };
        if chat.state() != ChatState::Ready {
            return false;
        }
        let draft = Draft::text(text.clone()).with_random_id(*id);
        chat.send(&draft, &mut Env::new(Timestamp::from_millis(world.now), &mut self.rng)).unwrap();
        self.queued = true;
        self.drain(world);
        true
    }

    /// Asks for the next key that is wanted, if the chat lets it.
    pub(crate) fn renew_key(&mut self, world: &mut World) -> bool {
        let Some(chat) = &mut self.chat else { return false };
        let wanted = chat.state() == ChatState::Ready && chat.rekeys() < self.wanted_rekeys;
        if !wanted || chat.rekey(&mut Env::new(Timestamp::from_millis(world.now), &mut self.rng)).is_err() {
            return false;
        }
        self.drain(world);
        true
    }

    pub(crate) fn rekeys(&self) -> u32 {
        self.chat.as_ref().map_or(0, Chat::rekeys)
    }

    pub(crate) fn rekey_state(&self) -> RekeyState {
        self.chat.as_ref().map_or(RekeyState::Idle, Chat::rekey_state)
    }

    /// Deletes a text that the peer has not acknowledged.
    pub(crate) fn delete(&mut self, id: RandomId, world: &mut World) -> bool {
        let Some(chat) = self.chat.as_mut().filter(|chat| chat.holds(id)) else { return false };
        if self.deleted.contains(&id) {
            return false;
        }
        chat.delete(&[id], &mut Env::new(Timestamp::from_millis(world.now), &mut self.rng)).unwrap();
        self.deleting = Some(id);
        self.drain(world);
        true
    }

    pub(crate) fn acknowledge(&mut self, world: &mut World) {
        if let Some(chat) = &mut self.chat {
            chat.acknowledge(&mut Env::new(Timestamp::from_millis(world.now), &mut self.rng)).unwrap();
            self.drain(world);
        }
    }

    /// Gives one transmission of the peer to the chat; whether it need not come again.
    pub(crate) fn receive(&mut self, transmit: &Transmit, world: &mut World) -> Result<bool, PeerFault> {
        if let (TransmitKind::Request { public, .. }, Role::Responder) = (&transmit.kind, self.role) {
            if self.chat.is_none() {
                let invitation = Invitation::parse(public, self.config())?;
                let mut env = Env::new(Timestamp::from_millis(world.now), &mut self.rng);
                let chat = invitation.accept(&mut env).unwrap();
                self.chat_id = chat.id();
                self.chat = Some(chat);
                self.drain(world);
            }
            return Ok(true);
        }
        let Some(chat) = &mut self.chat else { return Ok(false) };
        let mut env = Env::new(Timestamp::from_millis(world.now), &mut self.rng);
        let handled = match chat.handle(input_of(transmit), &mut env) {
            // A repeat from before the last new key: its slot was processed, or the key would be there still.
            Err(PeerFault::UnknownKey)
                if transmit.id.slot().is_some_and(|slot| slot.get() < chat.counters().received) =>
            {
                Handled::Duplicate
            }
            handled => handled?,
        };
        let alive = self.drain(world);
        Ok(alive && handled != Handled::NoRoom)
    }

    /// `receipt` is what the other end says of its own end.
    pub(crate) fn carried(&mut self, id: TransmitId, receipt: Option<[u8; 32]>, world: &mut World) {
        if let Some(chat) = &mut self.chat {
            let mut env = Env::new(Timestamp::from_millis(world.now), &mut self.rng);
            let input = match id {
                TransmitId::DISCARD => Input::discard_receipt(receipt.as_ref()),
                _ => Input::carried(id, None),
            };
            chat.handle(input, &mut env).unwrap();
            self.drain(world);
        }
    }

    pub(crate) fn discard_receipt(&self) -> Option<[u8; 32]> {
        self.chat.as_ref().and_then(Chat::discard_receipt)
    }

    pub(crate) fn retransmit(&mut self, world: &mut World) {
        match &mut self.chat {
            Some(chat) => chat.retransmit(&mut Env::new(Timestamp::from_millis(world.now), &mut self.rng)),
            None if self.role == Role::Initiator => return self.request(world),
            None => return,
        }
        self.drain(world);
    }

    pub(crate) fn close(&mut self, history: History, world: &mut World) {
        if let Some(chat) = &mut self.chat {
            chat.close(history, &mut Env::new(Timestamp::from_millis(world.now), &mut self.rng));
            self.drain(world);
        }
    }

    pub(crate) fn retransmit_if_alive(&mut self, world: &mut World) {
        if self.chat.is_some() {
            self.retransmit(world);
        }
    }

    /// Whether the store holds at most a tombstone.
    pub(crate) fn keeps_no_key(&self) -> bool {
        let records = self.chat_id.and_then(|id| self.store.load(id).unwrap());
        records.is_none_or(|records| records.rows.iter().all(|(name, _)| *name == RecordName::Tombstone))
    }

    /// Does what the chat asks for, as R5 says. `false` if the process died on the way.
    pub(crate) fn drain(&mut self, world: &mut World) -> bool {
        while let Some(output) = self.chat.as_mut().and_then(Chat::poll_output) {
            let fuse = world.fuse.filter(|fuse| fuse.at == world.outputs);
            world.outputs += 1;
            if let Some(Fuse { done: false, .. }) = fuse {
                self.crash(world);
                return false;
            }
            self.do_it(output, world);
            if fuse.is_some() {
                self.crash(world);
                return false;
            }
        }
        true
    }

    fn do_it(&mut self, output: Output, world: &mut World) {
        match output {
            Output::Event(event) => {
                let row = match event {
                    Event::Message(message) => Row::Received(message.random_id, message.content.text.clone()),
                    Event::Sent { .. } | Event::Acknowledged { .. } => return,
                    other => Row::Note(format!("{other:?}").split([' ', '{']).next().unwrap().to_owned()),
                };
                match self.keeping {
                    Keeping::OneDatabase => self.staged.push(row),
                    Keeping::TwoStores => self.keep(row),
                }
            }
            Output::Persist(batch) => {
                self.store.apply(&batch).unwrap();
                // In the same transaction: what was told before the batch, and that the text is queued.
                for row in std::mem::take(&mut self.staged) {
                    self.keep(row);
                }
                if std::mem::take(&mut self.queued) {
                    self.sent.extend(self.to_send.pop_front());
                }
                self.deleted.extend(self.deleting.take());
            }
            Output::Transmit(transmit) => {
                if let TransmitKind::Ciphertext { bytes, .. } = &transmit.kind {
                    self.left.entry(transmit.id).or_default().push(bytes.clone());
                }
                world.network.post(self.end(), transmit, world.now);
            }
            other => panic!("{other:?}"),
        }
    }

    fn keep(&mut self, row: Row) {
        match row {
            Row::Received(id, text) => self.received.push((id, text)),
            Row::Note(note) => self.notes.push(note),
        }
    }

    /// The process dies and starts again: only what is durable is left.
    pub(crate) fn crash(&mut self, world: &mut World) {
        world.crashes += 1;
        world.fuse = None;
        self.staged.clear();
        self.queued = false;
        self.deleting = None;
        self.chat = None;
        let Some(chat_id) = self.chat_id else { return };
        let Some(records) = self.store.load(chat_id).unwrap() else { return };
        let mut env = Env::new(Timestamp::from_millis(world.now), &mut self.rng);
        let chat = Chat::restore(&records, &StoreKey::new(STORE_KEY), None, &mut env).unwrap();
        self.chat = Some(chat);
        self.retransmit(world);
    }
}

pub(crate) fn x25519(role: Role) -> Config {
    let (local, peer) = phones(role);
    Config::x25519(local, peer).unwrap()
}

#[cfg(feature = "hybrid")]
pub(crate) fn hybrid(role: Role) -> Config {
    let (local, peer) = phones(role);
    Config::hybrid(local, peer).unwrap()
}

fn phones(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Initiator => ("alice/phone", "bob/phone"),
        Role::Responder => ("bob/phone", "alice/phone"),
    }
}

/// Both ends run this crate: no server between them is believed, and what is done goes inside the encryption.
pub(crate) fn is_among_ourselves(profile: &Profile) -> bool {
    match profile {
        #[cfg(feature = "telegram")]
        Profile::Telegram { .. } => false,
        _ => true,
    }
}
