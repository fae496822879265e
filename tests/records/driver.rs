//! The driver over failing and superseded writes, lost transmissions and restarts (SPEC DRV-1 to DRV-3, DRV-6, REC-7).

use std::time::Duration;

use secretchat::store::{Action, ApplyError, Driver, DriverError, MemoryStore, Store, Timing};
use secretchat::{
    Batch, Chat, ChatId, Config, Draft, Env, Event, Handled, History, Input, Invitation, Limits, Output, RekeyPolicy,
    StoreError, StoreKey, Timestamp, Transmit, TransmitId, TransmitKind, Ttl,
};

use crate::support::pair::Pair;
use crate::support::rng;

/// Fails at one batch, then works again.
#[derive(Debug, Default)]
struct Failing {
    memory: MemoryStore,
    fail_at: Option<u64>,
    /// How often it was told to destroy old copies, and how often it takes until it can.
    scrubs: u32,
    readers_leave: u32,
}

impl Store for Failing {
    type Error = std::io::Error;

    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<Self::Error>> {
        if self.fail_at == Some(batch.checkpoint.generation) {
            self.fail_at = None;
            return Err(std::io::Error::from(std::io::ErrorKind::StorageFull).into());
        }
        self.memory.apply(batch).map_err(|_| ApplyError::Superseded)
    }

    fn scrub(&mut self) -> Result<bool, Self::Error> {
        self.scrubs += 1;
        Ok(self.scrubs >= self.readers_leave)
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
    let [Transmit { kind: TransmitKind::Request { public, .. }, .. }] = &transmits(actions(&mut alice))[..] else {
        panic!()
    };
    let bob = Invitation::parse(public, bob).unwrap().accept(&mut at(0, rng)).unwrap();
    let mut bob = Driver::new(bob, MemoryStore::default());
    let [Transmit { kind: TransmitKind::Accept { public, fingerprint, .. }, .. }] = &transmits(actions(&mut bob))[..]
    else {
        panic!()
    };
    alice.handle(Input::accepted(public, *fingerprint), None, &mut at(0, rng)).unwrap();
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
        let input = Input::ciphertext(bytes, None, None);
        to.handle(input, Some(transmit.id), &mut at(millis, rng)).unwrap();
        for action in actions(to) {
            match action {
                Action::Receipt { id, .. } => {
                    from.handle(Input::carried(id, None), None, &mut at(millis, rng)).map(drop).unwrap();
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
    assert!(alice.into_parts().0.is_none(), "the chat is ahead of its records");

    store.fail_at = None;
    let mut alice = Driver::restore(store, id, &store_key, None, &mut at(20, &mut rng)).unwrap();
    let repeats = Some(Timestamp::from_millis(NOW + 5_020));
    assert_eq!(alice.poll_timeout(), repeats, "what was carried and is not acknowledged");
    assert_eq!(alice.checkpoint(), alice.chat().checkpoint());
    assert_eq!(pass(&mut alice, &mut bob, 30, &mut rng).len(), 0);
    let arrives = alice.send(&Draft::text("arrives"), &mut at(40, &mut rng)).unwrap();
    assert!(alice.chat().holds(arrives) && !alice.chat().holds(secretchat::RandomId(1)));
    let events = pass(&mut alice, &mut bob, 50, &mut rng);
    assert!(matches!(&events[..], [Event::Message(message)] if message.content.text == "arrives"), "{events:?}");
}

/// The driver keeps its store, so the test looks at a copy of what it holds and makes the driver's own one fail.
fn alice_store_failing_at_next(alice: &mut Driver<Failing>) -> Failing {
    let copy = Failing { memory: alice.store().memory.clone(), ..Failing::default() };
    let waits = alice.chat().checkpoint().unwrap().generation;
    assert_eq!(alice.checkpoint().unwrap().generation + 1, waits, "a batch waits to be written");
    alice.store_mut().fail_at = Some(waits);
    copy
}

/// Two drivers of one chat, each in good faith (SPEC REC-7).
#[test]
fn fa_21_the_driver_whose_batch_comes_second_lets_nothing_out() {
    let mut rng = rng::Seeded::new(1);
    let (mut alice, mut bob) = ready(&mut rng);
    let store_key = StoreKey::new([1; 32]);
    let id = alice.chat().id().unwrap();
    // Both from the same records, over one store.
    let noted = alice.checkpoint();
    let mut store = Failing { memory: alice.store().memory.clone(), ..Failing::default() };
    let mut first = Driver::restore(&mut store, id, &store_key, noted, &mut at(10, &mut rng)).unwrap();
    first.send(&Draft::text("first"), &mut at(20, &mut rng)).unwrap();
    // And what the transport took over, which no batch has said yet (SPEC DRV-9).
    let left = transmits(actions(&mut first));
    assert_eq!(left.iter().map(|transmit| transmit.id.0).collect::<Vec<_>>(), [16, 17]);
    alice.store_mut().memory = store.memory;
    alice.send(&Draft::text("second"), &mut at(30, &mut rng)).unwrap();
    assert!(matches!(alice.next_action(), Err(DriverError::Superseded)));
    assert!(matches!(alice.next_action(), Err(DriverError::Stopped)));
    assert_eq!(alice.checkpoint(), noted);
    // What the other end then gets is the first one's.
    let (store, noted) = (alice.store().memory.clone(), alice.store().memory.load(id).unwrap().unwrap().checkpoint());
    let store = Failing { memory: store, ..Failing::default() };
    let mut alice = Driver::restore(store, id, &store_key, noted, &mut at(40, &mut rng)).unwrap();
    let events = pass(&mut alice, &mut bob, 50, &mut rng);
    assert!(matches!(&events[..], [Event::Message(message)] if message.content.text == "first"), "{events:?}");
}

// SPEC REC-6, DRV-1.
#[test]
fn fa_46_a_driver_tells_each_checkpoint_before_what_depends_on_it_and_a_missed_one_first() {
    let mut rng = rng::Seeded::new(1);
    let (mut alice, _) = ready(&mut rng);
    let noted = alice.checkpoint();
    for text in ["one", "two"] {
        alice.send(&Draft::text(text), &mut at(10, &mut rng)).unwrap();
    }
    let mut kinds = Vec::new();
    while let Some(action) = alice.next_action().unwrap() {
        kinds.push(match action {
            Action::Checkpoint(checkpoint) => {
                assert_eq!(Some(checkpoint), alice.checkpoint());
                let stored = alice.store().memory.load(alice.chat().id().unwrap()).unwrap().unwrap();
                assert_eq!(stored.checkpoint(), Some(checkpoint), "durable");
                "checkpoint"
            }
            Action::Transmit(_) => "transmit",
            _ => "other",
        });
    }
    assert_eq!(kinds, ["checkpoint", "transmit", "checkpoint", "transmit"]);
    let (newest, id) = (alice.checkpoint(), alice.chat().id().unwrap());
    let restore = |expected, rng: &mut rng::Seeded| {
        let store = alice.store().memory.clone();
        let mut driver = Driver::restore(store, id, &StoreKey::new([1; 32]), expected, &mut at(20, rng))?;
        Ok::<_, DriverError<_>>(match driver.next_action()? {
            Some(Action::Checkpoint(checkpoint)) => Some(checkpoint),
            _ => None,
        })
    };
    assert_eq!(restore(newest, &mut rng).unwrap(), None, "the host has noted it");
    assert_eq!(restore(None, &mut rng).unwrap(), newest);
    // Two batches on: not one crash between a batch and its note.
    let refused = restore(noted, &mut rng).unwrap_err();
    assert!(matches!(refused, DriverError::Records(StoreError::Branched)));
}

// SPEC DRV-6.
#[test]
fn fa_20_the_driver_has_old_copies_destroyed_and_again_while_somebody_reads() {
    let mut rng = rng::Seeded::new(1);
    let (mut alice, mut bob) = ready(&mut rng);
    let scrubs = |alice: &Driver<Failing>| alice.store().scrubs;
    let before = scrubs(&alice);
    assert!(before > 0, "the acceptance replaced the secret of the request");
    alice.send(&Draft::text("kept"), &mut at(0, &mut rng)).unwrap();
    actions(&mut alice);
    assert_eq!(scrubs(&alice), before);
    alice.store_mut().readers_leave = before + 3;
    let text = Draft::text("soon gone").with_ttl(Ttl::from_seconds(5).unwrap());
    let random_id = bob.send(&text, &mut at(0, &mut rng)).unwrap();
    pass(&mut bob, &mut alice, 0, &mut rng);
    assert_eq!(scrubs(&alice), before, "a new record replaces nothing");
    alice.act(&mut at(0, &mut rng), |alice, env| alice.mark_read(&[random_id], env)).unwrap();
    actions(&mut alice);
    assert_eq!(scrubs(&alice), before + 1);
    // A reader is there: after a second, and a second after that.
    assert_eq!(alice.poll_timeout(), Some(Timestamp::from_millis(NOW + 1_000)));
    for (millis, times) in [(999, 1), (1_000, 2), (1_999, 2), (2_000, 3), (4_000, 3)] {
        alice.handle_timeout(&mut at(millis, &mut rng)).unwrap();
        actions(&mut alice);
        assert_eq!(scrubs(&alice), before + times, "{millis}");
    }
    alice.handle_timeout(&mut at(5_000, &mut rng)).unwrap();
    let expired = actions(&mut alice);
    assert!(matches!(expired.first(), Some(Action::Event(Event::Expired { .. }))), "{expired:?}");
    assert_eq!(scrubs(&alice), before + 4);
}

// SPEC DRV-2.
#[test]
fn a_request_and_an_acceptance_that_are_lost_are_sent_again() {
    let mut rng = rng::Seeded::new(2);
    let sends_again = |driver: &mut Driver<MemoryStore>, rng: &mut rng::Seeded| {
        let first = transmits(actions(driver));
        assert_eq!(driver.poll_timeout(), Some(Timestamp::from_millis(NOW + 5_000)));
        driver.handle_timeout(&mut at(5_000, rng)).unwrap();
        assert_eq!(transmits(actions(driver)), first);
        first
    };
    let alice = Chat::request(Config::x25519("alice", "bob").unwrap(), &mut at(0, &mut rng)).unwrap();
    let first = sends_again(&mut Driver::new(alice, MemoryStore::default()), &mut rng);
    let [Transmit { kind: TransmitKind::Request { public, .. }, .. }] = &first[..] else { panic!() };
    let invitation = Invitation::parse(public, Config::x25519("bob", "alice").unwrap()).unwrap();
    let bob = invitation.accept(&mut at(0, &mut rng)).unwrap();
    let first = sends_again(&mut Driver::new(bob, MemoryStore::default()), &mut rng);
    assert!(matches!(&first[..], [Transmit { kind: TransmitKind::Accept { .. }, .. }]));
}

// SPEC FRM-5, DRV-2.
#[test]
fn what_is_not_carried_is_sent_again_and_what_was_read_is_acknowledged_once() {
    let mut rng = rng::Seeded::new(2);
    let (mut alice, mut bob) = ready(&mut rng);
    let first_round = Some(Timestamp::from_millis(NOW + 5_000));
    assert_eq!(alice.poll_timeout(), first_round, "everything is carried, and nothing acknowledged");

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
    assert_eq!(alice.poll_timeout(), Some(Timestamp::from_millis(NOW + 16_000)), "carried, and not acknowledged");

    assert_eq!(bob.poll_timeout(), Some(Timestamp::from_millis(NOW + 1_000)), "since the handshake");
    bob.handle_timeout(&mut at(7_000, &mut rng)).unwrap();
    let events = pass(&mut bob, &mut alice, 7_000, &mut rng);
    assert!(matches!(&events[..], [Event::Acknowledged { random_ids, .. }] if random_ids.len() == 1), "{events:?}");
    assert_eq!(alice.poll_timeout(), Some(KEY_IS_DUE));
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
    assert!(matches!(&events[..], [Event::Acknowledged { random_ids, .. }] if random_ids[..] == [read]), "{events:?}");
}

// SPEC DRV-2: the peer hears this end, so what is left has not been tried for long.
#[test]
fn an_acknowledgement_begins_the_pauses_of_the_rest_anew() {
    let mut rng = rng::Seeded::new(7);
    let (mut alice, mut bob) = ready(&mut rng);
    for text in ["first", "second"] {
        alice.send(&Draft::text(text), &mut at(0, &mut rng)).unwrap();
    }
    let sent = transmits(actions(&mut alice));
    alice.handle_timeout(&mut at(5_000, &mut rng)).unwrap();
    actions(&mut alice);
    assert_eq!(alice.poll_timeout(), Some(Timestamp::from_millis(NOW + 15_000)), "doubled");
    let TransmitKind::Ciphertext { bytes, .. } = &sent[0].kind else { panic!() };
    bob.handle(Input::ciphertext(bytes, None, None), None, &mut at(6_000, &mut rng)).unwrap();
    bob.send(&Draft::text("thanks"), &mut at(6_000, &mut rng)).unwrap();
    pass(&mut bob, &mut alice, 6_000, &mut rng);
    assert_eq!(alice.chat().counters().sent - alice.chat().counters().acknowledged, 1);
    assert_eq!(alice.poll_timeout(), Some(Timestamp::from_millis(NOW + 7_000)), "the acknowledgement that it owes");
    alice.handle_timeout(&mut at(7_000, &mut rng)).unwrap();
    actions(&mut alice);
    assert_eq!(alice.poll_timeout(), Some(Timestamp::from_millis(NOW + 11_000)), "a first pause");
}

// SPEC DRV-2.
#[test]
fn a_message_of_its_own_takes_back_the_plan_to_acknowledge() {
    let mut rng = rng::Seeded::new(8);
    let (mut alice, mut bob) = ready(&mut rng);
    alice.send(&Draft::text("a question"), &mut at(0, &mut rng)).unwrap();
    pass(&mut alice, &mut bob, 0, &mut rng);
    assert_eq!(bob.poll_timeout(), Some(Timestamp::from_millis(NOW + 1_000)));
    bob.send(&Draft::text("the answer"), &mut at(500, &mut rng)).unwrap();
    assert_eq!(bob.poll_timeout(), Some(Timestamp::from_millis(NOW + 5_500)), "nothing but the answer itself");
}

// SPEC DRV-2, LIM-1.
#[test]
fn an_acknowledgement_without_room_is_planned_again() {
    let mut rng = rng::Seeded::new(9);
    // No new key comes between.
    let config = |local, peer| {
        Config::x25519(local, peer).unwrap().with_rekey(RekeyPolicy::x25519().with_messages(1_000, 1_000))
    };
    // Nothing but the 64 service messages that may exceed the bound.
    let narrow = Limits::default().with_outbox(0, 1 << 24);
    let Pair { alice, bob, .. } = Pair::of(config("alice", "bob"), config("bob", "alice").with_limits(narrow));
    let [mut alice, mut bob] = [alice, bob].map(|chat| Driver::new(chat, MemoryStore::default()));
    let mut now = 0;
    for round in 0..65 {
        now += 1_000;
        alice.send(&Draft::text("text"), &mut at(now, &mut rng)).unwrap();
        pass(&mut alice, &mut bob, now, &mut rng);
        now += 1_000;
        bob.handle_timeout(&mut at(now, &mut rng)).unwrap();
        let noops = transmits(actions(&mut bob));
        assert_eq!(noops.len(), usize::from(round < 64), "{round}");
        // The transport has them, and Alice does not hear of them.
        for noop in noops {
            bob.handle(Input::carried(noop.id, None), None, &mut at(now, &mut rng)).unwrap();
        }
    }
    assert!(bob.chat().owes_acknowledgement());
    assert_eq!(bob.poll_timeout(), Some(Timestamp::from_millis(NOW + now + 1_000)));
}

#[test]
fn other_times_hold_for_what_is_scheduled_already() {
    let mut rng = rng::Seeded::new(5);
    let (mut alice, _) = ready(&mut rng);
    alice.send(&Draft::text("x"), &mut at(0, &mut rng)).unwrap();
    let mut timing = Timing::default();
    timing.retransmit_after = Duration::from_millis(70);
    let alice = alice.with_timing(timing);
    assert_eq!(alice.poll_timeout(), Some(Timestamp::from_millis(NOW + 70)));
}

// SPEC X25-11: a host with a transport of its own answers with what a frame would carry.
#[test]
fn the_receipt_of_a_discard_proves_the_end_without_frames_too() {
    let mut rng = rng::Seeded::new(5);
    let (mut alice, mut bob) = ready(&mut rng);
    assert!(!alice.is_over());
    alice.close(History::Keep, &mut at(0, &mut rng));
    assert!(!alice.is_over(), "the peer does not know yet");
    let sent = transmits(actions(&mut alice));
    let TransmitKind::Discard { history, proof, .. } = sent[0].kind else { panic!("{sent:?}") };
    let input = Input::discarded(history, proof);
    assert_eq!(bob.handle(input, Some(TransmitId::DISCARD), &mut at(0, &mut rng)), Ok(Handled::ChatClosed));
    let receipt = actions(&mut bob).into_iter().find_map(|action| match action {
        Action::Receipt { id: TransmitId::DISCARD, proof } => proof,
        _ => None,
    });
    let receipt = receipt.expect("a proof");
    let answered = alice.handle(Input::discard_receipt(Some(&receipt)), None, &mut at(0, &mut rng));
    assert_eq!(answered, Ok(Handled::Applied));
    assert!(!alice.chat().awaits_transport());
    assert!(alice.is_over());
}

// SPEC CLOSE-1, DRV-9.
#[test]
fn nothing_is_repeated_of_a_chat_that_the_peer_ended_before_it_acknowledged() {
    let mut rng = rng::Seeded::new(5);
    let (mut alice, mut bob) = ready(&mut rng);
    alice.send(&Draft::text("carried, but no batch says so"), &mut at(0, &mut rng)).unwrap();
    pass(&mut alice, &mut bob, 0, &mut rng);
    bob.close(History::Keep, &mut at(0, &mut rng));
    let sent = transmits(actions(&mut bob));
    let TransmitKind::Discard { history, proof, .. } = sent[0].kind else { panic!("{sent:?}") };
    let ended = alice.handle(Input::discarded(history, proof), Some(TransmitId::DISCARD), &mut at(0, &mut rng));
    assert_eq!(ended, Ok(Handled::ChatClosed));
    actions(&mut alice);
    assert!(alice.is_over());
    assert_eq!(alice.poll_timeout(), None);
    assert_eq!(alice.chat().unacknowledged_files().count(), 0);
}

#[test]
fn a_driver_comes_apart_and_goes_on_with_a_store_in_a_box() {
    let mut rng = rng::Seeded::new(5);
    let (mut alice, mut bob) = ready(&mut rng);
    alice.send(&Draft::text("not taken"), &mut at(0, &mut rng)).unwrap();
    let (chat, store) = alice.into_parts();
    let mut chat = chat.expect("its store has not failed");
    let mut store: Box<dyn Store<Error = std::io::Error>> = Box::new(store);
    while let Some(output) = chat.poll_output() {
        if let Output::Persist(batch) = output {
            store.apply(&batch).unwrap();
        }
    }
    let (id, noted, key) = (chat.id().unwrap(), chat.checkpoint(), StoreKey::new([1; 32]));
    assert_eq!(store.chats().unwrap(), [id]);

    let mut alice = Driver::restore(store, id, &key, noted, &mut at(0, &mut rng)).unwrap();
    assert_eq!(alice.chat().counters(), chat.counters());
    let events = pass(&mut alice, &mut bob, 0, &mut rng);
    assert!(matches!(&events[..], [Event::Message(message)] if message.content.text == "not taken"), "{events:?}");
    let (_, mut store) = alice.into_parts();
    assert!(store.scrub().unwrap());
    store.delete(id).unwrap();
    assert_eq!(store.load(id).unwrap(), None);
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
        let input = Input::ciphertext(bytes, None, None);
        let handled = bob.handle(input, Some(sent[index].id), &mut at(0, &mut rng)).unwrap();
        let receipts: Vec<TransmitId> = actions(&mut bob)
            .into_iter()
            .filter_map(|action| if let Action::Receipt { id, .. } = action { Some(id) } else { None })
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
    let [Transmit { kind: TransmitKind::Request { public, .. }, .. }] = &transmits(actions(&mut alice))[..] else {
        panic!()
    };
    let bob = Invitation::parse(public, config(2)).unwrap().accept(&mut at(0, &mut rng)).unwrap();
    let mut bob = Driver::new(bob, MemoryStore::default());
    // The acceptance is lost; the notice of the layer arrives and waits for the key.
    for transmit in transmits(actions(&mut bob)).iter().skip(1) {
        let handled = alice.handle_frame(&Frame::of(transmit).unwrap(), &mut at(1, &mut rng));
        assert_eq!(handled, Ok(Handled::Waiting));
        let receipt = Frame::Receipt { transmit_id: transmit.id, proof: None };
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
