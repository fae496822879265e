//! What a host keeps in its chat comes back with it, in every phase, and is nobody else's (SPEC LIM-7).

use secretchat::hazmat::records;
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    ApiMisuse, Batch, Chat, Config, Draft, History, Invitation, Output, RecordName, Start, StoreKey, Transmit,
    TransmitKind,
};

use crate::support::pair::{env, input_of, outputs};
use crate::support::rng::Seeded;

const STORE_KEY: [u8; 32] = [7; 32];
const HOST_DATA: &[u8] = b"telephone book, page 12";

fn config(host_data: &[u8]) -> Start {
    let config = Config::x25519("alice", "bob").unwrap().with_host_data(host_data).unwrap();
    config.with_store(StoreKey::new(STORE_KEY))
}

/// A host that writes its chat's batches down.
struct Host {
    chat: Chat,
    store: MemoryStore,
    batches: Vec<Batch>,
    rng: Seeded,
}

impl Host {
    /// Asks for a chat.
    fn new(host_data: &[u8]) -> Self {
        let mut rng = Seeded::new(11);
        let chat = Chat::request(config(host_data), &mut env(&mut rng)).unwrap();
        Self { chat, store: MemoryStore::default(), batches: Vec::new(), rng }
    }

    /// Carries out what the chat asks for, and gives what is for the peer.
    fn drain(&mut self) -> Vec<Transmit> {
        let mut transmits = Vec::new();
        for output in outputs(&mut self.chat) {
            match output {
                Output::Persist(batch) => {
                    self.store.apply(&batch).unwrap();
                    self.batches.push(batch);
                }
                Output::Transmit(transmit) => transmits.push(transmit),
                _ => {}
            }
        }
        transmits
    }

    /// The same chat after a restart.
    fn restart(&mut self) {
        let records = self.store.load(self.chat.id().unwrap()).unwrap().unwrap();
        let noted = self.chat.checkpoint();
        self.chat = Chat::restore(&records, &StoreKey::new(STORE_KEY), noted, &mut env(&mut self.rng)).unwrap();
    }

    /// Lives through every phase and gives all that was for the peer. After each step `look` is shown the chat.
    fn live(&mut self, mut look: impl FnMut(&mut Self)) -> Vec<Transmit> {
        let mut sent = self.drain();
        look(self);
        let TransmitKind::Request { public, .. } = &sent[0].kind else { panic!() };
        let bob = Config::x25519("bob", "alice").unwrap();
        let mut bob = Invitation::parse(public, bob).unwrap().accept(&mut env(&mut Seeded::new(12))).unwrap();
        for output in outputs(&mut bob) {
            if let Output::Transmit(transmit) = output {
                self.chat.handle(input_of(&transmit), &mut env(&mut self.rng)).unwrap();
            }
        }
        sent.extend(self.drain());
        look(self);
        self.chat.send(&Draft::text("hello"), &mut env(&mut self.rng)).unwrap();
        self.chat.rekey(&mut env(&mut self.rng)).unwrap();
        sent.extend(self.drain());
        look(self);
        self.chat.close(History::Keep, &mut env(&mut self.rng));
        sent.extend(self.drain());
        look(self);
        sent
    }
}

#[test]
fn it_comes_back_in_every_phase() {
    let mut looks = 0;
    Host::new(HOST_DATA).live(|host| {
        assert_eq!(host.chat.host_data(), HOST_DATA);
        host.restart();
        assert_eq!(host.chat.host_data(), HOST_DATA);
        looks += 1;
    });
    assert_eq!(looks, 4);

    let mut rng = Seeded::new(1);
    let request = Host::new(&[]).drain().remove(0);
    let TransmitKind::Request { public, .. } = &request.kind else { panic!() };
    let bob = Config::x25519("bob", "alice").unwrap().with_host_data(HOST_DATA).unwrap();
    let bob = Invitation::parse(public, bob).unwrap().accept(&mut env(&mut rng)).unwrap();
    assert_eq!(bob.host_data(), HOST_DATA, "of a responder, and without records");
}

#[test]
fn it_stands_in_the_keys_then_in_the_tombstone_and_is_never_sent() {
    let mut places = Vec::new();
    let (mut with, mut without) = (Host::new(HOST_DATA), Host::new(&[]));
    let sent = with.live(|host| {
        let records = host.store.load(host.chat.id().unwrap()).unwrap().unwrap();
        assert!(!records.rows.iter().any(|(_, sealed)| holds(sealed)), "sealed");
        let opened = records::open(&records, &StoreKey::new(STORE_KEY)).unwrap();
        places.push(opened.into_iter().filter(|(_, _, plain)| holds(plain)).map(|(name, ..)| name).collect::<Vec<_>>());
    });
    let keys = vec![RecordName::Keys];
    assert_eq!(places, [keys.clone(), keys.clone(), keys, vec![RecordName::Tombstone]]);
    assert_eq!(format!("{:?}", without.live(|_| ())), format!("{sent:?}"), "the peer is told the same");
    assert!(!format!("{:?} {:?} {:?}", config(HOST_DATA), with.chat, without.chat).contains("telephone"));
}

fn holds(bytes: &[u8]) -> bool {
    bytes.windows(HOST_DATA.len()).any(|window| window == HOST_DATA)
}

#[test]
fn a_chat_without_any_writes_what_it_always_wrote() {
    let mut never = Host::new(&[]);
    let plain = Config::x25519("alice", "bob").unwrap().with_store(StoreKey::new(STORE_KEY));
    let mut rng = Seeded::new(11);
    never.chat = Chat::request(plain, &mut env(&mut rng)).unwrap();
    never.rng = rng;
    let mut empty = Host::new(&[]);
    assert_eq!(format!("{:?}", never.live(|_| ())), format!("{:?}", empty.live(|_| ())));
    assert!(never.batches.len() > 3);
    assert_eq!(never.batches, empty.batches);
}

#[test]
fn it_has_a_bound() {
    let config = || Config::x25519("alice", "bob").unwrap();
    assert!(config().with_host_data(vec![1; 4096]).is_ok());
    assert_eq!(config().with_host_data(vec![1; 4097]).unwrap_err(), ApiMisuse::HostDataLength);
}
