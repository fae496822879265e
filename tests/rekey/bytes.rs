//! A key is due by the bytes under it, too, where the host sets a bound (SPEC REKEY-5).

use secretchat::hazmat::records;
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, Config, Draft, Env, Handled, Input, Invitation, Output, RecordName, RekeyPolicy, RekeyState, Start, StoreKey,
    Timestamp, TransmitKind,
};

use crate::support::pair::{self, NOW, Pair, ciphertext, env};
use crate::support::rng::Seeded;

const ALICES_STORE_KEY: [u8; 32] = [1; 32];

fn of(start: Start, bytes: impl Into<Option<u64>>) -> Start {
    let bytes = bytes.into();
    start.map(|config: Config| config.with_rekey(RekeyPolicy::x25519().with_bytes(bytes)))
}

/// Alice's host, which counts beside her what is sealed under the current key, by hand.
struct Alice {
    chat: Chat,
    store: MemoryStore,
    rng: Seeded,
    bytes: usize,
    messages: usize,
}

impl Alice {
    /// Takes the outputs, and returns what is to be carried.
    fn drain(&mut self) -> Vec<Vec<u8>> {
        let mut sealed = Vec::new();
        while let Some(output) = self.chat.poll_output() {
            match output {
                Output::Persist(batch) => self.store.apply(&batch).unwrap(),
                Output::Transmit(transmit) => {
                    if let TransmitKind::Ciphertext { bytes, .. } = transmit.kind {
                        self.bytes += bytes.len();
                        self.messages += 1;
                        sealed.push(bytes);
                    }
                }
                _ => {}
            }
        }
        sealed
    }

    fn gets(&mut self, sealed: &[u8]) -> Handled {
        let handled = self.chat.handle(ciphertext(sealed), &mut env(&mut self.rng)).unwrap();
        if matches!(handled, Handled::Applied | Handled::Waiting) {
            self.bytes += sealed.len();
            self.messages += 1;
        }
        handled
    }

    /// The options of a state end its record: number 3 and what it holds (SPEC REC-9).
    fn stored_bytes(&self) -> Option<u64> {
        let records = self.store.load(self.chat.id().unwrap()).unwrap().unwrap();
        let opened = records::open(&records, &StoreKey::new(ALICES_STORE_KEY)).unwrap();
        let state = opened.into_iter().find(|(name, _, _)| *name == RecordName::State).unwrap().2;
        let (rest, value) = state.split_last_chunk::<8>().unwrap();
        rest.ends_with(&[3, 8, 0, 0, 0]).then(|| u64::from_le_bytes(*value))
    }

    /// A new process.
    fn restart(&mut self) {
        let records = self.store.load(self.chat.id().unwrap()).unwrap().unwrap();
        let env = &mut Env::new(Timestamp::from_millis(NOW), &mut self.rng);
        self.chat = Chat::restore(&records, &StoreKey::new(ALICES_STORE_KEY), None, env).unwrap();
    }
}

/// Both are ready; Alice counts from the start of her key.
fn ready(bytes: impl Into<Option<u64>> + Copy) -> (Alice, Chat) {
    let mut rng = Seeded::new(5);
    let mut store = MemoryStore::default();
    let mut chat = Chat::request(of(Pair::alice_config(), bytes), &mut env(&mut rng)).unwrap();
    let mut request = None;
    while let Some(output) = chat.poll_output() {
        match output {
            Output::Persist(batch) => store.apply(&batch).unwrap(),
            Output::Transmit(transmit) => request = Some(transmit.kind),
            _ => {}
        }
    }
    let Some(TransmitKind::Request { public, .. }) = request else { panic!("a request") };
    let invitation = Invitation::parse(&public, Pair::bob_config()).unwrap();
    let mut bob = invitation.accept(&mut env(&mut rng)).unwrap();
    let (public, fingerprint) = pair::accept_of(&mut bob);
    let mut alice = Alice { chat, store, rng, bytes: 0, messages: 0 };
    alice.chat.handle(Input::accepted(&public, fingerprint), &mut env(&mut alice.rng)).unwrap();
    let [notice] = &alice.drain()[..] else { panic!("NotifyLayer") };
    bob.handle(ciphertext(notice), &mut env(&mut alice.rng)).unwrap();
    pair::outputs(&mut bob);
    (alice, bob)
}

#[test]
fn the_initiator_asks_with_the_first_message_beyond_the_bound() {
    const BOUND: u64 = 6_000;
    let (mut alice, mut bob) = ready(BOUND);
    let text = "a text of some length ".repeat(20);
    for round in 0.. {
        let before = alice.bytes;
        if round % 2 == 0 {
            alice.chat.send(&Draft::text(text.clone()), &mut env(&mut alice.rng)).unwrap();
        } else {
            bob.send(&Draft::text(text.clone()), &mut env(&mut alice.rng)).unwrap();
            let sealed = pair::sealed(&mut bob);
            assert_eq!(alice.gets(&sealed), Handled::Applied);
            // A repeat counts for nothing.
            assert_eq!(alice.gets(&sealed), Handled::Duplicate);
        }
        let asked = matches!(alice.chat.rekey_state(), RekeyState::Requested { .. });
        let sealed = alice.drain();
        // The request itself is the last of what was sealed.
        let without_request = alice.bytes - if asked { sealed.last().unwrap().len() } else { 0 };
        assert_eq!(alice.stored_bytes(), Some(u64::try_from(alice.bytes).unwrap()));
        assert_eq!(asked, without_request >= usize::try_from(BOUND).unwrap(), "{before} {}", alice.bytes);
        for sealed in sealed {
            bob.handle(ciphertext(&sealed), &mut env(&mut alice.rng)).unwrap();
        }
        if asked {
            break;
        }
        alice.restart();
    }
    assert!(alice.messages < 100, "long before its use is due");

    // The exchange ends in a new key, and the count begins anew.
    for _ in 0..3 {
        for sealed in pair::all_sealed(&mut bob) {
            alice.gets(&sealed);
        }
        for sealed in alice.drain() {
            bob.handle(ciphertext(&sealed), &mut env(&mut alice.rng)).unwrap();
        }
    }
    assert_eq!((alice.chat.rekeys(), bob.rekeys()), (1, 1));
    let bytes = alice.stored_bytes().unwrap();
    assert!(bytes < 1_000, "{bytes}: what confirmed the switch");
}

#[test]
fn early_messages_count_when_they_come_and_once() {
    let (mut alice, mut bob) = ready(1_u64 << 40);
    let [first, second] = ["first", "second"].map(|text| {
        bob.send(&Draft::text(text), &mut env(&mut alice.rng)).unwrap();
        pair::sealed(&mut bob)
    });
    let before = alice.bytes;
    assert_eq!(alice.gets(&second), Handled::Waiting);
    // Alice asks for what is missing.
    alice.drain();
    assert_eq!(alice.stored_bytes(), Some(u64::try_from(alice.bytes).unwrap()));
    assert_eq!(alice.gets(&first), Handled::Applied);
    alice.drain();
    assert_eq!(alice.stored_bytes(), Some(u64::try_from(alice.bytes).unwrap()));
    assert!(alice.bytes >= before + first.len() + second.len());
}

#[test]
fn a_bound_of_no_bytes_makes_no_endless_exchange() {
    let pair = Pair::of(of(Pair::alice_config(), 0), of(Pair::bob_config(), 0));
    let Pair { mut alice, mut bob, mut rng } = pair;
    alice.send(&Draft::text("a"), &mut env(&mut rng)).unwrap();
    let mut carried = 0;
    loop {
        let [to_bob, to_alice] = [pair::all_sealed(&mut alice), pair::all_sealed(&mut bob)];
        if to_bob.is_empty() && to_alice.is_empty() {
            break;
        }
        for sealed in to_bob {
            bob.handle(ciphertext(&sealed), &mut env(&mut rng)).unwrap();
            carried += 1;
        }
        for sealed in to_alice {
            alice.handle(ciphertext(&sealed), &mut env(&mut rng)).unwrap();
            carried += 1;
        }
        assert!(carried < 100, "it comes to rest");
    }
    assert_eq!(alice.rekeys(), bob.rekeys());
}

#[test]
fn a_chat_without_a_bound_counts_nothing() {
    let (mut alice, _bob) = ready(None);
    alice.chat.send(&Draft::text("a"), &mut env(&mut alice.rng)).unwrap();
    alice.drain();
    assert_eq!(alice.stored_bytes(), None);
}
