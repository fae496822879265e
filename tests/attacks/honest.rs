//! Two honest ends with their stores, and all that crossed between them.

use secretchat::hazmat::records;
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, Config, Event, Handled, Invitation, Output, PeerFault, Records, Start, StoreKey, TransmitId, TransmitKind,
};

use crate::support::agreement::Agreement;
use crate::support::pair::{self, BOBS_STORE_KEY, ciphertext, env_at};
use crate::support::profile::Profile;
use crate::support::rng::Seeded;

pub(crate) const ALICES_STORE_KEY: [u8; 32] = [1; 32];

impl Profile {
    pub(crate) fn alice(self) -> Start {
        self.config("alice", "bob").with_store(StoreKey::new(ALICES_STORE_KEY))
    }

    pub(crate) fn bob(self) -> Start {
        self.config("bob", "alice").with_store(StoreKey::new(BOBS_STORE_KEY))
    }

    pub(crate) fn config(self, own: &str, peer: &str) -> Config {
        match self {
            Self::Bound(agreement) => agreement.config(own, peer),
            #[cfg(feature = "telegram")]
            Self::Telegram => {
                use secretchat::{DhGroup, PeerPolicy};
                Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Default)
            }
        }
    }
}

/// One end and its host.
pub(crate) struct End {
    pub(crate) chat: Chat,
    pub(crate) store: MemoryStore,
    pub(crate) told: Vec<Event>,
    /// Not on its way yet.
    pub(crate) outgoing: Vec<Vec<u8>>,
    /// What the newest transmission is called.
    pub(crate) newest: Option<TransmitId>,
}

pub(crate) struct Two {
    pub(crate) alice: End,
    pub(crate) bob: End,
    pub(crate) rng: Seeded,
    /// In milliseconds.
    pub(crate) now: u64,
    /// All that reached Bob.
    pub(crate) to_bob: Vec<Vec<u8>>,
}

impl End {
    fn new(chat: Chat) -> Self {
        Self { chat, store: MemoryStore::default(), told: vec![], outgoing: vec![], newest: None }
    }

    pub(crate) fn drain(&mut self) -> Vec<Output> {
        let mut others = vec![];
        while let Some(output) = self.chat.poll_output() {
            match output {
                Output::Persist(batch) => self.store.apply(&batch).unwrap(),
                Output::Event(event) => self.told.push(event),
                Output::Transmit(transmit) => match transmit.kind {
                    TransmitKind::Ciphertext { bytes, .. } => {
                        self.newest = Some(transmit.id);
                        self.outgoing.push(bytes);
                    }
                    _ => others.push(Output::Transmit(transmit)),
                },
                _ => {}
            }
        }
        others
    }

    pub(crate) fn records(&self) -> Records {
        self.store.load(self.chat.id().unwrap()).unwrap().unwrap()
    }

    /// What the current records say, opened.
    pub(crate) fn plain(&self, key: [u8; 32]) -> Vec<Vec<u8>> {
        let opened = records::open(&self.records(), &StoreKey::new(key)).unwrap();
        opened.into_iter().map(|(_, _, plain)| plain.to_vec()).collect()
    }

    pub(crate) fn texts(&mut self) -> Vec<String> {
        let told = std::mem::take(&mut self.told);
        let text = |event| match event {
            Event::Message(message) => Some(message.content.text),
            _ => None,
        };
        told.into_iter().filter_map(text).collect()
    }
}

impl Two {
    pub(crate) fn ready() -> Self {
        Self::ready_in(Profile::Bound(Agreement::X25519))
    }

    pub(crate) fn ready_in(profile: Profile) -> Self {
        Self::of(profile.alice(), profile.bob())
    }

    pub(crate) fn of(alice: Start, bob: Start) -> Self {
        let mut rng = Seeded::new(8);
        let mut alice = End::new(Chat::request(alice, &mut pair::env(&mut rng)).unwrap());
        let Some(Output::Transmit(request)) = alice.drain().into_iter().next() else { panic!("a request") };
        let TransmitKind::Request { public, .. } = request.kind else { panic!("a request") };
        let invitation = Invitation::parse(&public, bob).unwrap();
        let mut bob = End::new(invitation.accept(&mut pair::env(&mut rng)).unwrap());
        let Some(Output::Transmit(accept)) = bob.drain().into_iter().next() else { panic!("an acceptance") };
        let input = pair::input_of(&accept);
        assert_eq!(alice.chat.handle(input, &mut pair::env(&mut rng)), Ok(Handled::Applied));
        let mut two = Self { alice, bob, rng, now: 0, to_bob: vec![] };
        two.carry();
        two
    }

    /// Until nothing moves.
    pub(crate) fn carry(&mut self) {
        loop {
            self.alice.drain();
            self.bob.drain();
            let to_bob = std::mem::take(&mut self.alice.outgoing);
            let to_alice = std::mem::take(&mut self.bob.outgoing);
            if to_bob.is_empty() && to_alice.is_empty() {
                return;
            }
            let env = &mut env_at(self.now, &mut self.rng);
            for bytes in &to_bob {
                self.bob.chat.handle(ciphertext(bytes), env).unwrap();
            }
            for bytes in &to_alice {
                self.alice.chat.handle(ciphertext(bytes), env).unwrap();
            }
            self.to_bob.extend(to_bob);
        }
    }

    pub(crate) fn alice_says(&mut self, text: &str) {
        let draft = secretchat::Draft::text(text);
        self.alice.chat.send(&draft, &mut env_at(self.now, &mut self.rng)).unwrap();
        self.carry();
    }

    pub(crate) fn bob_says(&mut self, text: &str) {
        let draft = secretchat::Draft::text(text);
        self.bob.chat.send(&draft, &mut env_at(self.now, &mut self.rng)).unwrap();
        self.carry();
    }

    /// A new key, and a word each way so that the old one is wiped.
    pub(crate) fn renew(&mut self) {
        let before = self.alice.chat.rekeys();
        self.alice.chat.rekey(&mut env_at(self.now, &mut self.rng)).unwrap();
        self.carry();
        self.alice_says("under the new key");
        self.bob_says("so is this");
        self.alice_says("and this");
        assert_eq!((self.alice.chat.rekeys(), self.bob.chat.rekeys()), (before + 1, before + 1));
    }

    pub(crate) fn bob_gets(&mut self, bytes: &[u8]) -> Result<Handled, PeerFault> {
        self.bob.chat.handle(ciphertext(bytes), &mut env_at(self.now, &mut self.rng))
    }

    /// Bob's process ends, and begins again from his records.
    pub(crate) fn bob_restarts(&mut self) {
        let (records, key) = (self.bob.records(), StoreKey::new(BOBS_STORE_KEY));
        self.bob.chat = Chat::restore(&records, &key, None, &mut env_at(self.now, &mut self.rng)).unwrap();
        self.bob.drain();
        self.bob.outgoing.clear();
    }
}
