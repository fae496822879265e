//! Batches of several chats in one commit (SPEC DRV-10).

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use secretchat::store::{Action, ApplyError, Driver, DriverError, MemoryStore, Store, take_actions};
use secretchat::{
    Batch, Chat, ChatId, Config, Draft, Env, Event, Input, Invitation, Output, RandomId, RecordName, Records, StoreKey,
    Timestamp, Transmit, TransmitKind,
};

use crate::support::rng::Seeded;

const CHATS: usize = 16;

/// Counts commits. One of them writes a half of its batches and fails.
#[derive(Debug, Default)]
struct Counting {
    memory: MemoryStore,
    commits: Vec<usize>,
    fail_at: Option<usize>,
}

impl Store for Counting {
    type Error = io::Error;

    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<io::Error>> {
        self.apply_all(std::slice::from_ref(batch))
    }

    fn apply_all(&mut self, batches: &[Batch]) -> Result<(), ApplyError<io::Error>> {
        let fails = self.fail_at == Some(self.commits.len());
        self.commits.push(batches.len());
        let written = if fails { &batches[..batches.len() / 2] } else { batches };
        for batch in written {
            self.memory.apply(batch).map_err(|_| ApplyError::Superseded)?;
        }
        if fails { Err(io::Error::from(io::ErrorKind::StorageFull).into()) } else { Ok(()) }
    }

    fn scrub(&mut self) -> io::Result<bool> {
        Ok(true)
    }

    fn load(&self, chat: ChatId) -> io::Result<Option<Records>> {
        Ok(self.memory.load(chat).unwrap())
    }

    fn chats(&self) -> io::Result<Vec<ChatId>> {
        Ok(self.memory.chats().unwrap())
    }

    fn delete(&mut self, chat: ChatId) -> io::Result<()> {
        self.memory.delete(chat).unwrap();
        Ok(())
    }
}

type Shared = Arc<Mutex<Counting>>;

/// Chats that share a store, and their peers.
struct Room {
    store: Shared,
    drivers: BTreeMap<ChatId, Driver<Shared>>,
    peers: BTreeMap<ChatId, Chat>,
    rng: Seeded,
    /// What the peers were shown.
    texts: BTreeMap<ChatId, Vec<String>>,
}

fn env(rng: &mut Seeded) -> Env<'_> {
    Env::new(Timestamp::from_unix_seconds(1_700_000_000), rng)
}

fn key() -> StoreKey {
    StoreKey::new([7; 32])
}

impl Room {
    fn new() -> Self {
        let mut room = Self {
            store: Shared::default(),
            drivers: BTreeMap::new(),
            peers: BTreeMap::new(),
            rng: Seeded::new(1),
            texts: BTreeMap::new(),
        };
        for _ in 0..CHATS {
            let config = Config::x25519("alice", "bob").unwrap().with_store(key());
            let chat = Chat::request(config, &mut env(&mut room.rng)).unwrap();
            room.drivers.insert(chat.id().unwrap(), Driver::new(chat, room.store.clone()));
        }
        for (id, request) in room.take().unwrap() {
            let TransmitKind::Request { public, .. } = &request.kind else { panic!("{request:?}") };
            let invitation = Invitation::parse(public, Config::x25519("bob", "alice").unwrap()).unwrap();
            let mut peer = invitation.accept(&mut env(&mut room.rng)).unwrap();
            let Some(Output::Transmit(Transmit { kind: TransmitKind::Accept { public, fingerprint, .. }, .. })) =
                peer.poll_output()
            else {
                panic!()
            };
            let accepted = Input::accepted(&public, fingerprint);
            room.drivers.get_mut(&id).unwrap().handle(accepted, None, &mut env(&mut room.rng)).unwrap();
            room.peers.insert(id, peer);
        }
        let transmits = room.take().unwrap();
        room.deliver(&transmits);
        room.store.lock().unwrap().commits.clear();
        room
    }

    /// Takes all actions, and returns what is to be carried.
    fn take(&mut self) -> Result<Vec<(ChatId, Transmit)>, DriverError<io::Error>> {
        let mut transmits = Vec::new();
        take_actions(self.drivers.values_mut(), |driver, action| -> Result<(), DriverError<io::Error>> {
            if let Action::Transmit(transmit) = action {
                let id = driver.chat().id().unwrap();
                // Nothing leaves before it is durable.
                let stored = driver.store().load(id).unwrap().unwrap();
                assert_eq!(stored.checkpoint(), driver.checkpoint());
                let slot = transmit.id.slot().map(RecordName::Outgoing);
                assert!(slot.is_none_or(|slot| stored.rows.iter().any(|(name, _)| *name == slot)));
                transmits.push((id, transmit));
            }
            Ok(())
        })?;
        Ok(transmits)
    }

    fn deliver(&mut self, transmits: &[(ChatId, Transmit)]) {
        for (id, transmit) in transmits {
            let TransmitKind::Ciphertext { bytes, .. } = &transmit.kind else { panic!("{transmit:?}") };
            let peer = self.peers.get_mut(id).unwrap();
            peer.handle(Input::ciphertext(bytes, None, None), &mut env(&mut self.rng)).unwrap();
            while let Some(output) = peer.poll_output() {
                if let Output::Event(Event::Message(message)) = output {
                    self.texts.entry(*id).or_default().push(message.content.text);
                }
            }
        }
    }

    fn send(&mut self, id: ChatId, text: &str) -> RandomId {
        self.drivers.get_mut(&id).unwrap().send(&Draft::text(text), &mut env(&mut self.rng)).unwrap()
    }

    /// The process dies, and another one finds what was written.
    fn restart(&mut self) {
        for (id, driver) in &mut self.drivers {
            *driver = Driver::restore(self.store.clone(), *id, &key(), None, &mut env(&mut self.rng)).unwrap();
        }
    }
}

#[test]
fn batches_of_sixteen_chats_are_one_commit() {
    let mut room = Room::new();
    let ids: Vec<_> = room.drivers.keys().copied().collect();
    for id in &ids {
        room.send(*id, "one");
        room.send(*id, "two");
    }
    let transmits = room.take().unwrap();
    assert_eq!(transmits.len(), 2 * CHATS);
    assert_eq!(room.store.lock().unwrap().commits, [CHATS, CHATS], "one for each message of a chat");
    room.deliver(&transmits);
    for id in &ids {
        assert_eq!(room.texts[id], ["one", "two"]);
    }
    // A chat without anything to write takes no part.
    room.send(ids[3], "three");
    room.take().unwrap();
    assert_eq!(room.store.lock().unwrap().commits, [CHATS, CHATS, 1]);
}

#[test]
fn a_crash_in_a_common_commit_loses_and_doubles_nothing() {
    for fail_at in 0..3 {
        let mut room = Room::new();
        let ids: Vec<_> = room.drivers.keys().copied().collect();
        room.store.lock().unwrap().fail_at = Some(fail_at);
        let mut crashed = false;
        for text in ["one", "two", "three"] {
            let sent: Vec<_> = ids.iter().map(|id| room.send(*id, text)).collect();
            let transmits = room.take().unwrap_or_else(|error| {
                assert!(matches!(error, DriverError::Store(_)), "{error:?}");
                crashed = true;
                let again = room.drivers.values_mut().map(Driver::next_action);
                assert!(again.into_iter().all(|next| matches!(next, Err(DriverError::Stopped))));
                Vec::new()
            });
            room.deliver(&transmits);
            if core::mem::take(&mut crashed) {
                room.restart();
                for (id, random_id) in ids.iter().zip(sent) {
                    if !room.drivers[id].chat().holds(random_id) {
                        room.send(*id, text);
                    }
                }
                let transmits = room.take().unwrap();
                room.deliver(&transmits);
            }
        }
        for id in &ids {
            assert_eq!(room.texts[id], ["one", "two", "three"], "commit {fail_at} failed");
        }
    }
}
