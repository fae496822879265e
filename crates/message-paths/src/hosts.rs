//! Two hosts: drivers, stores, and frames between them.

use secretchat::frame::{ChatTag, decode_one, encode};
use secretchat::store::{Action, Driver, MemoryStore, Store};
use secretchat::{Draft, Transmit, TransmitKind};

use crate::counter::Counter;
use crate::ends::{Settings, draft, env};

const TAG: ChatTag = ChatTag([7; 16]);

/// Two drivers with a store each.
#[derive(Debug)]
pub struct Hosts<S: Store = MemoryStore> {
    drivers: [Driver<S>; 2],
    draft: Draft,
    rng: Counter,
}

impl Hosts {
    /// Returns two hosts whose chats are ready and whose outputs are taken.
    #[must_use]
    pub fn ready(settings: Settings) -> Self {
        Self::on(settings, [MemoryStore::default(), MemoryStore::default()])
    }
}

impl<S: Store> Hosts<S> {
    /// Returns two hosts on these stores, whose chats are ready and whose outputs are taken.
    ///
    /// # Panics
    /// If the chats do not agree on a key.
    pub fn on(settings: Settings, [store, other]: [S; 2]) -> Self {
        let mut rng = Counter::default();
        let mut alice = Driver::new(settings.request(&mut rng), store);
        let mut public = None;
        while let Some(action) = alice.next_action().unwrap() {
            if let Action::Transmit(Transmit { kind: TransmitKind::Request { public: value, .. }, .. }) = action {
                public = Some(value);
            }
        }
        let bob = Driver::new(settings.accept(&public.unwrap(), &mut rng), other);
        let mut hosts = Self { drivers: [alice, bob], draft: draft(), rng };
        hosts.carry(1);
        hosts
    }

    /// A message in each direction, each with its receipt.
    pub fn say_both(&mut self) {
        self.say(0);
        self.say(1);
    }

    /// A message and its receipt.
    ///
    /// # Panics
    /// If it is not taken.
    pub fn say(&mut self, from: usize) {
        let Self { drivers, draft, rng } = self;
        drivers[from].send(draft, &mut env(rng)).unwrap();
        self.carry(from);
    }

    /// Carries what a host has to send, then the answers, until neither has anything to send.
    fn carry(&mut self, mut from: usize) {
        while deliver(&mut self.drivers, from, &mut self.rng) {
            from = 1 - from;
        }
    }

    /// Returns the store of an end.
    pub fn store_mut(&mut self, end: usize) -> &mut S {
        self.drivers[end].store_mut()
    }
}

/// Takes all actions of a host, and passes its frames to the other one. Returns whether there was one.
fn deliver<S: Store>(drivers: &mut [Driver<S>; 2], from: usize, rng: &mut Counter) -> bool {
    let [alice, bob] = drivers;
    let (from, to) = if from == 0 { (alice, bob) } else { (bob, alice) };
    let mut has_sent = false;
    while let Some(action) = from.next_action().unwrap() {
        if let Some(bytes) = framed(&action) {
            let (_, frame) = decode_one(&bytes).unwrap();
            to.handle_frame(&frame, &mut env(rng)).unwrap();
            has_sent = true;
        }
    }
    has_sent
}

fn framed(action: &Action) -> Option<Vec<u8>> {
    action.frame().unwrap().map(|frame| encode(TAG, &frame).unwrap())
}
