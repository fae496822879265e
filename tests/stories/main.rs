//! Whole lives of a chat and of a file, small enough for an interpreter and for programs with sanitizers: `.ci/slow` runs them
//! under Miri, `AddressSanitizer` and `MemorySanitizer`.
//!
//! What they assert is little. The other tests say what is right; these let what is wrong in memory show itself.
#![cfg(feature = "alloc")]

mod media;
#[path = "../support/mod.rs"]
mod support;

use core::time::Duration;

use secretchat::store::MemoryStore;
use secretchat::{
    Chat, ChatState, Config, Draft, Event, Handled, History, Invitation, Output, RandomId, StoreKey, Transmit,
    TransmitKind, Ttl,
};
use support::pair::{env_at, input_of};
use support::rng::Seeded;
use support::stored;

#[test]
fn x25519() {
    tell(|local, peer| Config::x25519(local, peer).unwrap());
}

#[cfg(feature = "hybrid")]
#[test]
fn hybrid() {
    tell(|local, peer| Config::hybrid(local, peer).unwrap());
}

#[cfg(feature = "telegram")]
#[test]
fn telegram() {
    tell(|_, _| Config::telegram(support::telegram::group(), secretchat::PeerPolicy::Strict));
}

/// Texts, one that ends, a restart, new keys and the end of the chat.
fn tell(config: impl Fn(&str, &str) -> Config) {
    let rng = &mut Seeded::new(1);
    let [mut alice, mut bob] = meet(config, rng);
    let (alice, bob) = (&mut alice, &mut bob);
    for text in ["one", "two"] {
        alice.say(&Draft::text(text), 0, rng);
        assert_eq!(talk(alice, bob, 0, rng), [text]);
        bob.say(&Draft::text(text), 0, rng);
        assert_eq!(talk(bob, alice, 0, rng), [text]);
    }

    let draft = Draft::text("for a second").with_ttl(Ttl::new(Duration::from_secs(1)).unwrap());
    let id = alice.say(&draft, 0, rng);
    assert_eq!(talk(alice, bob, 0, rng), ["for a second"]);
    bob.chat.mark_read(&[id], &mut env_at(0, rng)).unwrap();
    assert!(talk(bob, alice, 0, rng).is_empty());
    bob.chat.handle_timeout(&mut env_at(1_000, rng));
    assert!(bob.take().iter().any(|event| matches!(event, Event::Expired { random_id, .. } if *random_id == id)));

    alice.restart();
    bob.restart();
    let old = alice.chat.key_fingerprint();
    alice.chat.rekey(&mut env_at(2_000, rng)).unwrap();
    // Request, answer, commit and what confirms it.
    for _ in 0..2 {
        talk(alice, bob, 2_000, rng);
        talk(bob, alice, 2_000, rng);
    }
    alice.say(&Draft::text("under the new key"), 2_000, rng);
    assert_eq!(talk(alice, bob, 2_000, rng), ["under the new key"]);
    assert_ne!(alice.chat.key_fingerprint(), old);
    assert_eq!(alice.chat.key_fingerprint(), bob.chat.key_fingerprint());

    alice.chat.close(History::Delete, &mut env_at(3_000, rng));
    talk(alice, bob, 3_000, rng);
    for end in [alice, bob] {
        assert!(matches!(end.chat.state(), ChatState::Closed(_)));
    }
}

/// One end, with its records.
struct End {
    chat: Chat,
    store: MemoryStore,
    key: [u8; 32],
    leaving: Vec<Transmit>,
}

impl End {
    fn new(chat: Chat, key: [u8; 32]) -> Self {
        Self { chat, store: MemoryStore::default(), key, leaving: Vec::new() }
    }

    /// Keeps the records and what is to be carried. Returns what has happened.
    fn take(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        for output in stored::keep(&mut self.chat, &mut self.store) {
            match output {
                Output::Event(event) => events.push(event),
                Output::Transmit(transmit) => self.leaving.push(transmit),
                other => panic!("{other:?}"),
            }
        }
        events
    }

    fn say(&mut self, draft: &Draft, millis: u64, rng: &mut Seeded) -> RandomId {
        self.chat.send(draft, &mut env_at(millis, rng)).unwrap()
    }

    fn restart(&mut self) {
        self.take();
        let records = stored::records(&self.chat, &self.store);
        self.chat = stored::restore(&records, self.key, None).unwrap();
    }
}

/// The handshake.
fn meet(config: impl Fn(&str, &str) -> Config, rng: &mut Seeded) -> [End; 2] {
    let start = |local, peer, key| config(local, peer).with_store(StoreKey::new(key));
    let keys = [[1; 32], [2; 32]];
    let mut alice = End::new(Chat::request(start("alice", "bob", keys[0]), &mut env_at(0, rng)).unwrap(), keys[0]);
    alice.take();
    let Transmit { kind: TransmitKind::Request { public, .. }, .. } = alice.leaving.remove(0) else {
        panic!("no request")
    };
    let invitation = Invitation::parse(&public, start("bob", "alice", keys[1])).unwrap();
    let mut bob = End::new(invitation.accept(&mut env_at(0, rng)).unwrap(), keys[1]);
    for _ in 0..2 {
        talk(&mut bob, &mut alice, 0, rng);
        talk(&mut alice, &mut bob, 0, rng);
    }
    [alice, bob]
}

/// Carries what one end has to say to the other one. Returns the texts that come out there.
fn talk(from: &mut End, to: &mut End, millis: u64, rng: &mut Seeded) -> Vec<String> {
    from.take();
    for transmit in from.leaving.drain(..) {
        let handled = to.chat.handle(input_of(&transmit), &mut env_at(millis, rng));
        // What comes behind the end of the chat is without effect.
        assert!(matches!(handled, Ok(Handled::Applied | Handled::ChatClosed)), "{handled:?}");
    }
    let texts = to.take().into_iter().filter_map(|event| match event {
        Event::Message(message) => Some(message.content.text),
        _ => None,
    });
    texts.collect()
}
