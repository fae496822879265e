//! Defences that a change could take away unnoticed: each test here fails when its one is gone
//! (SPEC DES-11, DRV-3, REC-2).

use std::collections::BTreeSet;
use std::io;

use secretchat::frame::Frame;
use secretchat::hazmat::wire::{ActionReadMessages, DecryptedMessageAction, Vector};
use secretchat::hazmat::{envelope, kdf, records};
use secretchat::store::{Action, ApplyError, Driver, MemoryStore, Store};
use secretchat::{
    Batch, ChatId, Draft, Event, Handled, Output, RandomId, RecordName, Records, Role, StoreKey, TransmitId,
    TransmitKind, Ttl,
};

use crate::support::forger::{self, Forger};
use crate::support::pair::{self, BOBS_STORE_KEY, Pair, ciphertext, env, env_at, outputs};

const TEXT: &str = "seen once, and then by nobody";

fn service(forger: &mut Forger, action: DecryptedMessageAction<'_>) -> Vec<u8> {
    // It never counts anything of Bob's: nothing is acknowledged.
    forger.say(forger.around(), &forger::service(action))
}

fn holds(bytes: &[u8]) -> bool {
    bytes.windows(TEXT.len()).any(|window| window == TEXT.as_bytes())
}

/// The peer says that it has read what it does not acknowledge. At the deadline the own copy is emptied, in memory and in
/// its record.
#[test]
fn fa_44_own_content_is_emptied_at_its_deadline_though_it_was_not_acknowledged() {
    let (mut forger, mut bob, first) = Forger::meet_and_keep();
    let mut store = MemoryStore::default();
    first.iter().for_each(|batch| store.apply(batch).unwrap());
    let sealed = service(&mut forger, DecryptedMessageAction::Noop);
    bob.handle(ciphertext(&sealed), &mut env(&mut forger.rng)).unwrap();
    let draft = Draft::text(TEXT).with_ttl(Ttl::from_seconds(5).unwrap());
    let random_id = bob.send(&draft, &mut env(&mut forger.rng)).unwrap();
    let ids = [random_id.0];
    let read = ActionReadMessages { random_ids: Vector::new(&ids).unwrap() };
    let sealed = service(&mut forger, DecryptedMessageAction::ReadMessages(read));
    bob.handle(ciphertext(&sealed), &mut env(&mut forger.rng)).unwrap();
    let mut keep = |bob: &mut secretchat::Chat| {
        let all = outputs(bob);
        for output in &all {
            if let Output::Persist(batch) = output {
                store.apply(batch).unwrap();
            }
        }
        let records = store.load(bob.id().unwrap()).unwrap().unwrap();
        (all, records)
    };
    let (before, _) = keep(&mut bob);
    let slot = before.iter().find_map(|output| match output {
        Output::Transmit(transmit) if transmit.id.slot().is_some() => transmit.id.slot(),
        _ => None,
    });
    assert!(bob.deadline(random_id).is_some(), "it was read");
    bob.handle_timeout(&mut env_at(5_000, &mut forger.rng));
    let (told, records) = keep(&mut bob);
    assert!(told.iter().any(|output| matches!(output, Output::Event(Event::Expired { .. }))));
    let outgoing = |records: &Records| {
        let opened = records::open(records, &StoreKey::new(BOBS_STORE_KEY)).unwrap();
        let of_slot = |name: &RecordName| matches!(name, RecordName::Outgoing(of) if Some(*of) == slot);
        opened.into_iter().filter(|(name, ..)| of_slot(name)).map(|(_, _, plain)| plain.to_vec()).collect::<Vec<_>>()
    };
    // The slot is kept, with another content.
    assert_eq!(outgoing(&records).len(), 1);
    let contents = outgoing(&records).concat();
    let x = kdf::Offset::x25519(Role::Responder);
    let open = |bytes: &[u8]| {
        let key = envelope::DirectionKey { chat_key: &forger.chat_key, fingerprint: forger.fingerprint, x };
        let mut bytes = bytes.to_vec();
        envelope::open(&key, &mut bytes).map(|body| body.to_vec())
    };
    let name = forger.fingerprint.to_bytes();
    let places = contents.windows(8).enumerate().filter(|(_, window)| *window == name).map(|(place, _)| place);
    for place in places {
        for len in (0..=contents.len() - place).filter(|len| len % 16 == 8) {
            assert!(!open(&contents[place..place + len]).is_ok_and(|body: Vec<u8>| holds(&body)), "kept in the record");
        }
    }
    bob.retransmit(&mut env_at(5_000, &mut forger.rng));
    let sent = pair::all_sealed(&mut bob);
    assert!(!sent.is_empty() && sent.iter().all(|sealed| !holds(&open(sealed).unwrap())));
}

/// Writes nothing any more once it is told so.
#[derive(Default)]
struct Failing {
    memory: MemoryStore,
    fails: bool,
}

impl Store for Failing {
    type Error = io::Error;

    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<io::Error>> {
        if self.fails {
            return Err(io::Error::other("no room on the disk").into());
        }
        self.memory.apply(batch).map_err(|_| ApplyError::Superseded)
    }

    fn scrub(&mut self) -> Result<bool, io::Error> {
        self.memory.scrub().map_err(|error| match error {})
    }

    fn load(&self, chat: ChatId) -> Result<Option<Records>, io::Error> {
        self.memory.load(chat).map_err(|error| match error {})
    }

    fn chats(&self) -> Result<Vec<ChatId>, io::Error> {
        self.memory.chats().map_err(|error| match error {})
    }

    fn delete(&mut self, chat: ChatId) -> Result<(), io::Error> {
        self.memory.delete(chat).map_err(|error| match error {})
    }
}

/// The receipt of a message follows its batch; if that cannot be written there is none.
#[test]
fn fa_44_no_receipt_leaves_before_what_it_is_for_is_durable() {
    for fails in [false, true] {
        let (mut forger, bob, first) = Forger::meet_and_keep();
        let mut store = Failing::default();
        first.iter().for_each(|batch| store.apply(batch).unwrap());
        let mut driver = Driver::new(bob, store);
        while driver.next_action().unwrap().is_some() {}
        let received = driver.chat().counters().received;
        let sealed = service(&mut forger, DecryptedMessageAction::Noop);
        let frame = Frame::Ciphertext { transmit_id: TransmitId(1), file: None, bytes: &sealed };
        driver.handle_frame(&frame, &mut env(&mut forger.rng)).unwrap();
        assert!(driver.chat().counters().received > received);
        let before = driver.checkpoint();
        driver.store_mut().fails = fails;
        let mut receipts = 0;
        loop {
            match driver.next_action() {
                Ok(Some(Action::Receipt { id, .. })) => {
                    assert_eq!(id, TransmitId(1));
                    assert!(driver.checkpoint() != before, "its batch is written");
                    receipts += 1;
                }
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) => {
                    assert!(fails);
                    break;
                }
            }
        }
        assert_eq!(receipts, u32::from(!fails));
    }
}

/// Equal records are sealed to other bytes each time: the nonce is a draw of its own.
#[test]
fn fa_44_every_record_has_a_nonce_of_its_own() {
    let mut pair = Pair::ready();
    let mut nonces = BTreeSet::new();
    let mut rows = 0;
    for n in 0..20 {
        pair.alice_sends_and_keeps(n, |row: &[u8]| {
            // version u8, generation u64, nonce[12]
            nonces.insert(row[9..21].to_vec());
            rows += 1;
        });
    }
    assert!(rows >= 40 && nonces.len() == rows, "{} nonces of {rows} records", nonces.len());
}

impl Pair {
    fn alice_sends_and_keeps(&mut self, n: i64, mut row: impl FnMut(&[u8])) {
        let draft = Draft::text("the same text each time").with_random_id(RandomId(n + 1));
        self.alice.send(&draft, &mut env(&mut self.rng)).unwrap();
        let (mut batches, mut sealed) = (0, vec![]);
        for output in outputs(&mut self.alice) {
            match output {
                Output::Persist(batch) => {
                    batches += 1;
                    batch.put.iter().for_each(|(_, bytes)| row(bytes));
                }
                Output::Transmit(transmit) => {
                    if let TransmitKind::Ciphertext { bytes, .. } = transmit.kind {
                        sealed.push(bytes);
                    }
                }
                _ => {}
            }
        }
        assert_eq!((batches, sealed.len()), (1, 1));
        assert_eq!(self.bob_gets(&sealed[0]), Ok(Handled::Applied));
    }
}
