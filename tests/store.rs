//! The file store over torn writes, and the driver over failing ones (SPEC DRV-1 to DRV-4).
#![cfg(feature = "std")]

#[path = "support/rng.rs"]
mod rng;

use std::fs;
use std::path::PathBuf;

use secretchat::store::{Action, Driver, DriverError, FileStore, MemoryStore, Store, Timing};
use secretchat::{
    Batch, Chat, ChatId, Checkpoint, Config, Draft, Env, Event, Handled, Input, Invitation, Output, RecordName, SeqNo,
    StoreKey, Timestamp, Transmit, TransmitId, TransmitKind,
};

struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("secretchat-test-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn log(&self, chat: ChatId) -> PathBuf {
        self.0.join(format!("{chat}.secretchat"))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn slot(number: u32) -> RecordName {
    RecordName::Outgoing(SeqNo::new(number).unwrap())
}

fn batch(chat: ChatId, generation: u64, put: &[(RecordName, &[u8])], delete: &[RecordName]) -> Batch {
    let put = put.iter().map(|(name, sealed)| (*name, sealed.to_vec())).collect();
    Batch {
        chat,
        follows: None,
        checkpoint: Checkpoint { generation, tag: [0; 16] },
        put,
        delete: delete.to_vec(),
        destroys: false,
    }
}

const CHAT: ChatId = ChatId([0xab; 16]);

fn three_batches() -> [Batch; 3] {
    [
        batch(CHAT, 1, &[(RecordName::Keys, b"keys"), (RecordName::State, b"s1")], &[]),
        batch(CHAT, 2, &[(slot(0), b"sealed zero"), (slot(1), b""), (RecordName::State, b"s2")], &[]),
        batch(CHAT, 3, &[(RecordName::State, b"s3")], &[slot(0)]),
    ]
}

#[test]
fn both_stores_hold_the_same_after_each_batch_and_after_opening_again() {
    let directory = Directory::new("same");
    let mut memory = MemoryStore::default();
    for batch in &three_batches() {
        let mut file = FileStore::open(&directory.0).unwrap();
        file.apply(batch).unwrap();
        memory.apply(batch).unwrap();
        assert_eq!(file.load(CHAT).unwrap(), memory.load(CHAT).unwrap());
        drop(file);
        let file = FileStore::open(&directory.0).unwrap();
        assert_eq!(file.load(CHAT).unwrap(), memory.load(CHAT).unwrap());
        assert_eq!(file.chats().unwrap(), [CHAT]);
    }
    let mut file = FileStore::open(&directory.0).unwrap();
    file.delete(CHAT).unwrap();
    file.delete(CHAT).unwrap();
    assert_eq!(file.load(CHAT).unwrap(), None);
    assert!(!directory.log(CHAT).exists());
}

#[test]
fn a_write_cut_off_anywhere_leaves_the_batches_before_it() {
    let directory = Directory::new("torn");
    let mut ends = vec![0];
    let mut states = vec![None];
    for batch in &three_batches() {
        let mut file = FileStore::open(&directory.0).unwrap();
        file.apply(batch).unwrap();
        ends.push(fs::metadata(directory.log(CHAT)).unwrap().len());
        states.push(file.load(CHAT).unwrap());
    }
    let whole = fs::read(directory.log(CHAT)).unwrap();
    for length in 0..=whole.len() {
        fs::write(directory.log(CHAT), &whole[..length]).unwrap();
        let batches = ends.iter().filter(|end| **end <= length as u64).count() - 1;
        let mut file = FileStore::open(&directory.0).unwrap();
        assert_eq!(file.load(CHAT).unwrap(), states[batches], "{length}");
        // It goes on from there.
        let next = batch(CHAT, 9, &[(RecordName::State, b"s9")], &[]);
        file.apply(&next).unwrap();
        drop(file);
        let rows = FileStore::open(&directory.0).unwrap().load(CHAT).unwrap().unwrap().rows;
        assert!(rows.contains(&(RecordName::State, b"s9".to_vec())));
    }
    // Damage before the end is not a torn write.
    let mut damaged = whole.clone();
    damaged[30] ^= 1;
    fs::write(directory.log(CHAT), damaged).unwrap();
    assert_eq!(FileStore::open(&directory.0).unwrap_err().kind(), std::io::ErrorKind::InvalidData);
}

#[test]
fn the_log_is_rewritten_before_it_grows_without_end_and_one_store_owns_it() {
    let directory = Directory::new("rewrite");
    let mut file = FileStore::open(&directory.0).unwrap();
    assert!(FileStore::open(&directory.0).is_err(), "a second owner");
    for generation in 1..400 {
        file.apply(&batch(CHAT, generation, &[(RecordName::State, &[7; 1000])], &[])).unwrap();
        assert!(fs::metadata(directory.log(CHAT)).unwrap().len() < 70_000);
    }
    file.apply(&batch(CHAT, 400, &[(RecordName::State, b"last")], &[])).unwrap();
    drop(file);
    let rows = FileStore::open(&directory.0).unwrap().load(CHAT).unwrap().unwrap().rows;
    assert_eq!(rows, [(RecordName::State, b"last".to_vec())]);
}

#[test]
fn an_emptied_chat_leaves_no_file() {
    let directory = Directory::new("emptied");
    let mut file = FileStore::open(&directory.0).unwrap();
    file.apply(&batch(CHAT, 1, &[(RecordName::Tombstone, b"t")], &[])).unwrap();
    file.apply(&batch(CHAT, 2, &[], &[RecordName::Tombstone])).unwrap();
    assert!(!directory.log(CHAT).exists());
    assert_eq!(file.chats().unwrap(), []);
}

/// Fails at one batch, then works again.
#[derive(Debug, Default)]
struct Failing {
    memory: MemoryStore,
    fail_at: Option<u64>,
}

impl Store for Failing {
    type Error = std::io::Error;

    fn apply(&mut self, batch: &Batch) -> Result<(), Self::Error> {
        if self.fail_at == Some(batch.checkpoint.generation) {
            self.fail_at = None;
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.memory.apply(batch).unwrap();
        Ok(())
    }

    fn load(&self, chat: ChatId) -> Result<Option<secretchat::Records>, Self::Error> {
        Ok(self.memory.load(chat).unwrap())
    }

    fn chats(&self) -> Result<Vec<ChatId>, Self::Error> {
        Ok(self.memory.chats().unwrap())
    }

    fn delete(&mut self, chat: ChatId) -> Result<(), Self::Error> {
        self.memory.delete(chat).unwrap();
        Ok(())
    }
}

const NOW: u64 = 1_700_000_000_000;
/// A week after the chat began.
const KEY_IS_DUE: Timestamp = Timestamp::from_millis(NOW + 7 * 24 * 60 * 60 * 1000);

fn at(millis: u64, rng: &mut rng::Seeded) -> Env<'_> {
    Env::new(Timestamp::from_millis(NOW + millis), rng)
}

/// All but what is to be noted.
fn actions<S: Store>(driver: &mut Driver<S>) -> Vec<Action> {
    let all = std::iter::from_fn(|| driver.next_action().unwrap());
    all.filter(|action| !matches!(action, Action::Checkpoint(_))).collect()
}

fn transmits(actions: Vec<Action>) -> Vec<Transmit> {
    actions
        .into_iter()
        .filter_map(|action| if let Action::Transmit(transmit) = action { Some(transmit) } else { None })
        .collect()
}

/// Two drivers, ready.
fn ready(rng: &mut rng::Seeded) -> (Driver<Failing>, Driver<MemoryStore>) {
    let alice = Config::x25519("alice", "bob").unwrap().with_store(StoreKey::new([1; 32]));
    let bob = Config::x25519("bob", "alice").unwrap().with_store(StoreKey::new([2; 32]));
    let mut alice = Driver::new(Chat::request(alice, &mut at(0, rng)).unwrap(), Failing::default());
    let [Transmit { kind: TransmitKind::Request { public }, .. }] = &transmits(actions(&mut alice))[..] else {
        panic!()
    };
    let bob = Invitation::parse(public, bob).unwrap().accept(&mut at(0, rng)).unwrap();
    let mut bob = Driver::new(bob, MemoryStore::default());
    let [Transmit { kind: TransmitKind::Accept { public, fingerprint }, .. }] = &transmits(actions(&mut bob))[..]
    else {
        panic!()
    };
    alice.handle(Input::Accepted { public, fingerprint: *fingerprint }, None, &mut at(0, rng)).unwrap();
    pass(&mut alice, &mut bob, 0, rng);
    (alice, bob)
}

/// Carries what one side asks for to the other and gives the receipts back. Returns the other's events.
fn pass<A: Store, B: Store>(
    from: &mut Driver<A>,
    to: &mut Driver<B>,
    millis: u64,
    rng: &mut rng::Seeded,
) -> Vec<Event> {
    let mut events = Vec::new();
    for transmit in transmits(actions(from)) {
        let TransmitKind::Ciphertext { bytes, .. } = &transmit.kind else { panic!() };
        let input = Input::Ciphertext { bytes, file: None, date: None };
        to.handle(input, Some(transmit.id), &mut at(millis, rng)).unwrap();
        for action in actions(to) {
            match action {
                Action::Receipt(id) => {
                    from.handle(Input::Carried { id, date: None }, None, &mut at(millis, rng)).map(drop).unwrap();
                }
                Action::Event(event) => events.push(event),
                other => panic!("{other:?}"),
            }
        }
    }
    actions(from);
    events
}

#[test]
fn a_failed_write_lets_nothing_out_and_the_chat_goes_on_from_its_records() {
    let mut rng = rng::Seeded::new(1);
    let (mut alice, mut bob) = ready(&mut rng);
    let store_key = StoreKey::new([1; 32]);
    let id = alice.chat().id().unwrap();

    alice.send(&Draft::text("never leaves"), &mut at(10, &mut rng)).unwrap();
    let mut store = alice_store_failing_at_next(&mut alice);
    assert!(matches!(alice.next_action(), Err(DriverError::Store(_))));
    assert!(matches!(alice.next_action(), Err(DriverError::Stopped)));
    drop(alice);

    store.fail_at = None;
    let mut alice = Driver::restore(store, id, &store_key, None, &mut at(20, &mut rng)).unwrap();
    assert_eq!(alice.poll_timeout(), Some(KEY_IS_DUE), "all that the records know was carried");
    assert_eq!(alice.checkpoint(), alice.chat().checkpoint());
    assert_eq!(pass(&mut alice, &mut bob, 30, &mut rng).len(), 0);
    let arrives = alice.send(&Draft::text("arrives"), &mut at(40, &mut rng)).unwrap();
    assert!(alice.chat().holds(arrives) && !alice.chat().holds(secretchat::RandomId(1)));
    let events = pass(&mut alice, &mut bob, 50, &mut rng);
    assert!(matches!(&events[..], [Event::Message(message)] if message.content().text == "arrives"), "{events:?}");
}

/// The driver keeps its store, so the test looks at a copy of what it holds and makes the driver's own one fail.
fn alice_store_failing_at_next(alice: &mut Driver<Failing>) -> Failing {
    let copy = Failing { memory: alice.store().memory.clone(), fail_at: None };
    let waits = alice.chat().checkpoint().unwrap().generation;
    assert_eq!(alice.checkpoint().unwrap().generation + 1, waits, "a batch waits to be written");
    alice.store_mut().fail_at = Some(waits);
    copy
}

// SPEC FRM-5, DRV-2.
#[test]
fn what_is_not_carried_is_sent_again_and_what_was_read_is_acknowledged_once() {
    let mut rng = rng::Seeded::new(2);
    let (mut alice, mut bob) = ready(&mut rng);
    assert_eq!(alice.poll_timeout(), Some(KEY_IS_DUE), "everything is carried");

    alice.send(&Draft::text("lost on the way"), &mut at(0, &mut rng)).unwrap();
    let first = transmits(actions(&mut alice));
    assert_eq!(alice.poll_timeout(), Some(Timestamp::from_millis(NOW + 5_000)));
    alice.handle_timeout(&mut at(4_999, &mut rng)).unwrap();
    assert!(actions(&mut alice).is_empty(), "early");
    alice.handle_timeout(&mut at(5_000, &mut rng)).unwrap();
    let events = {
        let mut again = transmits(actions(&mut alice));
        assert_eq!(again.pop(), first.last().cloned(), "the same bytes");
        assert_eq!(alice.poll_timeout(), Some(Timestamp::from_millis(NOW + 15_000)), "doubled");
        alice.retransmit(&mut at(6_000, &mut rng));
        pass(&mut alice, &mut bob, 6_000, &mut rng)
    };
    assert_eq!(events.iter().filter(|event| matches!(event, Event::Message(_))).count(), 1);
    assert_eq!(alice.poll_timeout(), Some(KEY_IS_DUE));

    assert_eq!(bob.poll_timeout(), Some(Timestamp::from_millis(NOW + 1_000)), "since the handshake");
    bob.handle_timeout(&mut at(7_000, &mut rng)).unwrap();
    let events = pass(&mut bob, &mut alice, 7_000, &mut rng);
    assert!(matches!(&events[..], [Event::Acknowledged { random_ids }] if random_ids.len() == 1), "{events:?}");
    for millis in (8_000..200_000).step_by(1_000) {
        alice.handle_timeout(&mut at(millis, &mut rng)).unwrap();
        bob.handle_timeout(&mut at(millis, &mut rng)).unwrap();
        assert!(actions(&mut alice).is_empty() && actions(&mut bob).is_empty(), "no endless thanks");
    }
}

#[test]
fn what_was_read_before_a_restart_is_acknowledged_after_it() {
    let mut rng = rng::Seeded::new(3);
    let (mut alice, mut bob) = ready(&mut rng);
    bob.handle_timeout(&mut at(1_000, &mut rng)).unwrap();
    pass(&mut bob, &mut alice, 1_000, &mut rng);
    let read = alice.send(&Draft::text("read"), &mut at(2_000, &mut rng)).unwrap();
    pass(&mut alice, &mut bob, 2_000, &mut rng);
    alice.retransmit(&mut at(2_000, &mut rng));
    assert!(actions(&mut alice).is_empty(), "the text was carried: it does not come again to ask");

    let (id, store) = (bob.chat().id().unwrap(), bob.store().clone());
    let mut bob = Driver::restore(store, id, &StoreKey::new([2; 32]), None, &mut at(2_500, &mut rng)).unwrap();
    assert!(actions(&mut bob).is_empty());
    assert_eq!(bob.poll_timeout(), Some(Timestamp::from_millis(NOW + 3_500)));
    bob.handle_timeout(&mut at(3_500, &mut rng)).unwrap();
    let events = pass(&mut bob, &mut alice, 3_500, &mut rng);
    assert!(matches!(&events[..], [Event::Acknowledged { random_ids }] if random_ids[..] == [read]), "{events:?}");
}

#[test]
fn other_times_hold_for_what_is_scheduled_already() {
    let mut rng = rng::Seeded::new(5);
    let (mut alice, _) = ready(&mut rng);
    alice.send(&Draft::text("x"), &mut at(0, &mut rng)).unwrap();
    let alice = alice.with_timing(Timing { retransmit_after: 70, ..Timing::default() });
    assert_eq!(alice.poll_timeout(), Some(Timestamp::from_millis(NOW + 70)));
}

#[test]
fn an_early_message_is_kept_and_gets_a_receipt_like_a_duplicate() {
    let mut rng = rng::Seeded::new(3);
    let (mut alice, mut bob) = ready(&mut rng);
    for text in ["first", "second"] {
        alice.send(&Draft::text(text), &mut at(0, &mut rng)).unwrap();
    }
    let sent = transmits(actions(&mut alice));
    let mut give = |index: usize| {
        let TransmitKind::Ciphertext { bytes, .. } = &sent[index].kind else { panic!() };
        let input = Input::Ciphertext { bytes, file: None, date: None };
        let handled = bob.handle(input, Some(sent[index].id), &mut at(0, &mut rng)).unwrap();
        let receipts: Vec<TransmitId> = actions(&mut bob)
            .into_iter()
            .filter_map(|action| if let Action::Receipt(id) = action { Some(id) } else { None })
            .collect();
        (handled, receipts)
    };
    let (first, second) = (sent[0].id, sent[1].id);
    assert_eq!(give(1), (Handled::Waiting, vec![second]));
    assert_eq!(give(1), (Handled::Duplicate, vec![second]));
    assert_eq!(give(0), (Handled::Applied, vec![first]));
    assert_eq!(give(0), (Handled::Duplicate, vec![first]));
    assert_eq!(give(1), (Handled::Duplicate, vec![second]));
}

#[test]
fn outputs_of_a_chat_are_taken_one_by_one() {
    let mut rng = rng::Seeded::new(4);
    let config = Config::x25519("alice", "bob").unwrap().with_store(StoreKey::new([1; 32]));
    let mut chat = Chat::request(config, &mut at(0, &mut rng)).unwrap();
    assert!(matches!(chat.poll_output(), Some(Output::Persist(_))));
    assert!(matches!(chat.poll_output(), Some(Output::Transmit(_))));
    assert!(chat.poll_output().is_none());
}

#[cfg(feature = "telegram")]
#[test]
fn an_acceptance_that_was_lost_is_sent_again_although_the_responder_is_ready() {
    use secretchat::frame::Frame;
    use secretchat::{DhGroup, PeerPolicy};

    let mut rng = rng::Seeded::new(6);
    let config = |key| {
        let group = DhGroup::published(3).unwrap();
        Config::telegram(group, PeerPolicy::Default).with_store(StoreKey::new([key; 32]))
    };
    let mut alice = Driver::new(Chat::request(config(1), &mut at(0, &mut rng)).unwrap(), MemoryStore::default());
    let [Transmit { kind: TransmitKind::Request { public }, .. }] = &transmits(actions(&mut alice))[..] else {
        panic!()
    };
    let bob = Invitation::parse(public, config(2)).unwrap().accept(&mut at(0, &mut rng)).unwrap();
    let mut bob = Driver::new(bob, MemoryStore::default());
    // The acceptance is lost; the notice of the layer arrives and waits for the key.
    for transmit in transmits(actions(&mut bob)).iter().skip(1) {
        let handled = alice.handle_frame(&Frame::of(transmit).unwrap(), &mut at(1, &mut rng));
        assert_eq!(handled, Ok(Handled::Waiting));
        let receipt = Frame::Receipt { transmit_id: transmit.id };
        bob.handle_frame(&receipt, &mut at(2, &mut rng)).unwrap();
    }
    actions(&mut bob);
    assert!(bob.poll_timeout().is_some(), "there is something to wait for");
    assert_eq!(bob.handle_frame(&Frame::Request { public }, &mut at(3, &mut rng)), Ok(Handled::Ignored));
    let again = transmits(actions(&mut bob));
    assert!(matches!(again[0].kind, TransmitKind::Accept { .. }));
    for transmit in &again {
        alice.handle_frame(&Frame::of(transmit).unwrap(), &mut at(4, &mut rng)).unwrap();
    }
    assert_eq!(alice.chat().state(), secretchat::ChatState::Ready);
    assert_eq!(alice.chat().counters().received, 1);
}
