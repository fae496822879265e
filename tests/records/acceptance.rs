//! A responder keeps its acceptance for as long as it may have to repeat it, and no longer (SPEC SEQ-12, REC-4).

use secretchat::hazmat::records;
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, Config, DhGroup, Invitation, Output, PeerPolicy, RecordName, Start, StoreKey, Transmit, TransmitKind,
};

use crate::support::pair::{env, input_of, outputs};
use crate::support::rng::Seeded;

const STORE_KEY: [u8; 32] = [9; 32];

struct Responder {
    chat: Chat,
    store: MemoryStore,
    rng: Seeded,
}

impl Responder {
    /// Writes the batches down, and returns what is for the peer.
    fn drain(&mut self) -> Vec<Transmit> {
        let mut transmits = Vec::new();
        for output in outputs(&mut self.chat) {
            match output {
                Output::Persist(batch) => self.store.apply(&batch).unwrap(),
                Output::Transmit(transmit) => transmits.push(transmit),
                _ => {}
            }
        }
        transmits
    }

    fn restart(&mut self) {
        let records = self.store.load(self.chat.id().unwrap()).unwrap().unwrap();
        let noted = self.chat.checkpoint();
        self.chat = Chat::restore(&records, &StoreKey::new(STORE_KEY), noted, &mut env(&mut self.rng)).unwrap();
    }

    /// Returns how often the acceptance goes out, for a repeated Request and on a reconnect.
    fn repeats(&mut self) -> usize {
        self.chat.accept_again(&mut env(&mut self.rng));
        self.chat.retransmit(&mut env(&mut self.rng));
        self.drain().iter().filter(|transmit| matches!(transmit.kind, TransmitKind::Accept { .. })).count()
    }

    fn writes(&self, public: &[u8]) -> bool {
        let records = self.store.load(self.chat.id().unwrap()).unwrap().unwrap();
        let opened = records::open(&records, &StoreKey::new(STORE_KEY)).unwrap();
        let (_, _, keys) = opened.iter().find(|(name, ..)| *name == RecordName::Keys).unwrap();
        keys.windows(public.len()).any(|window| window == public)
    }
}

fn accepts_once_heard(config: impl Fn(&str, &str) -> Config) {
    let mut rng = Seeded::new(21);
    let mut alice = Chat::request(config("alice", "bob"), &mut env(&mut rng)).unwrap();
    let request = outputs(&mut alice);
    let Some(Output::Transmit(Transmit { kind: TransmitKind::Request { public, .. }, .. })) = request.first() else {
        panic!("a request")
    };
    let start: Start = config("bob", "alice").with_store(StoreKey::new(STORE_KEY));
    let chat = Invitation::parse(public, start).unwrap().accept(&mut env(&mut rng)).unwrap();
    let mut bob = Responder { chat, store: MemoryStore::default(), rng };
    let sent = bob.drain();
    let TransmitKind::Accept { public, .. } = &sent[0].kind else { panic!("an acceptance") };

    bob.restart();
    assert_eq!(bob.repeats(), 2);
    assert!(bob.writes(public));

    for transmit in &sent {
        alice.handle(input_of(transmit), &mut env(&mut bob.rng)).unwrap();
    }
    for output in outputs(&mut alice) {
        if let Output::Transmit(transmit) = output {
            bob.chat.handle(input_of(&transmit), &mut env(&mut bob.rng)).unwrap();
        }
    }
    bob.drain();
    assert_eq!(bob.repeats(), 0);
    assert!(bob.writes(public), "the record of the keys is as it was");

    bob.restart();
    assert_eq!(bob.repeats(), 0);
    bob.chat.rekey(&mut env(&mut bob.rng)).unwrap();
    bob.drain();
    assert!(!bob.writes(public));
}

#[test]
fn an_acceptance_is_kept_until_the_initiator_is_heard() {
    accepts_once_heard(|own, peer| Config::x25519(own, peer).unwrap());
    accepts_once_heard(|own, peer| Config::hybrid(own, peer).unwrap());
    accepts_once_heard(|_, _| Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Default));
}
