//! What has no room yet has to come again, and what never fits need not: a host tells one from the other, and so does
//! the driver (SPEC OUT-3, DRV-3, LIM-2).

use secretchat::frame::Frame;
use secretchat::store::{Action, Driver, MemoryStore};
use secretchat::{Chat, ChatState, Config, Draft, Event, Handled, History, Input, Limits, TransmitId};

use crate::support::forger::{Forger, text};
use crate::support::pair::{self, Pair, ciphertext, env};
use crate::support::rng::Seeded;

/// Gives a message to a driver as its transport does; the receipts that come back.
fn gives(driver: &mut Driver<MemoryStore>, id: u64, bytes: &[u8]) -> (Handled, Vec<TransmitId>) {
    let frame = Frame::Ciphertext { transmit_id: TransmitId(id), file: None, bytes };
    let handled = driver.handle_frame(&frame, &mut env(&mut Seeded::new(id))).unwrap();
    let mut receipts = vec![];
    while let Some(action) = driver.next_action().unwrap() {
        if let Action::Receipt { id, .. } = action {
            receipts.push(id);
        }
    }
    (handled, receipts)
}

/// Bob, whose queue holds one early message, and four messages of Alice's.
fn narrow() -> (Chat, [Vec<u8>; 4]) {
    let mut limits = Limits::default();
    limits.waiting_messages = 1;
    // No records: a driver takes them over in the midst of their talk.
    let [alice, bob] = [("alice", "bob"), ("bob", "alice")].map(|(local, peer)| Config::x25519(local, peer).unwrap());
    let mut pair = Pair::of(alice, bob.with_limits(limits));
    let sealed = [(); 4].map(|()| pair.alice_sends("x"));
    (pair.bob, sealed)
}

#[test]
fn fa_36_what_has_no_room_is_told_apart_from_what_never_fits() {
    let (mut bob, sealed) = narrow();
    let mut takes = |bytes: &[u8]| bob.handle(ciphertext(bytes), &mut env(&mut Seeded::new(1)));
    assert_eq!(takes(&sealed[1]), Ok(Handled::Waiting));
    assert_eq!(takes(&sealed[2]), Ok(Handled::NoRoom), "the queue is full");
    assert_eq!(takes(&sealed[0]), Ok(Handled::Applied));
    assert_eq!(takes(&sealed[2]), Ok(Handled::Applied), "it came again");
    assert_eq!(takes(&sealed[1]), Ok(Handled::Duplicate));
    bob.close(History::Keep, &mut env(&mut Seeded::new(1)));
    let late = bob.handle(ciphertext(&sealed[3]), &mut env(&mut Seeded::new(1)));
    assert_eq!(late, Ok(Handled::Ignored), "nothing will ever come of it");
}

#[test]
fn fa_36_a_message_that_overtakes_the_acceptance_has_to_come_again() {
    let (mut pair, public, fingerprint) = Pair::accepted();
    // Whatever it is: there is no key to tell.
    let early = vec![7; 64];
    assert_eq!(pair.alice.handle(ciphertext(&early), &mut env(&mut pair.rng)), Ok(Handled::NoRoom));
    assert_eq!(pair.alice.state(), ChatState::Requested);
    let accepted = Input::accepted(&public, fingerprint);
    assert_eq!(pair.alice.handle(accepted, &mut env(&mut pair.rng)), Ok(Handled::Applied));
}

#[test]
fn fa_36_a_driver_gives_a_receipt_for_all_but_what_has_no_room() {
    let (bob, sealed) = narrow();
    let mut bob = Driver::new(bob, MemoryStore::default());
    assert_eq!(gives(&mut bob, 31, &sealed[1]), (Handled::Waiting, vec![TransmitId(31)]));
    assert_eq!(gives(&mut bob, 32, &sealed[2]), (Handled::NoRoom, vec![]));
    assert_eq!(gives(&mut bob, 30, &sealed[0]), (Handled::Applied, vec![TransmitId(30)]));
    assert_eq!(gives(&mut bob, 30, &sealed[0]), (Handled::Duplicate, vec![TransmitId(30)]));
    assert_eq!(gives(&mut bob, 32, &sealed[2]), (Handled::Applied, vec![TransmitId(32)]));
    bob.close(History::Keep, &mut env(&mut Seeded::new(1)));
    assert_eq!(gives(&mut bob, 33, &sealed[3]), (Handled::Ignored, vec![TransmitId(33)]));
    // And one whose chat has no key yet.
    let (pair, ..) = Pair::accepted();
    let mut alice = Driver::new(pair.alice, MemoryStore::default());
    assert_eq!(gives(&mut alice, 34, &sealed[3]), (Handled::NoRoom, vec![]));
    assert!(alice.send(&Draft::text("early"), &mut env(&mut Seeded::new(1))).is_err());
}

// SPEC X25-5: whatever is authentic proves that the initiator has the key.
#[test]
fn what_has_no_room_makes_a_responder_ready_all_the_same() {
    let mut limits = Limits::default();
    limits.waiting_messages = 0;
    let (mut forger, mut bob) = Forger::meet_with(limits);
    assert_eq!(bob.state(), ChatState::Accepted);
    let around = forger.around_slot(1);
    assert_eq!(forger.give(&mut bob, around, &text(1, "early")), Handled::NoRoom);
    assert_eq!(bob.state(), ChatState::Ready);
    assert!(matches!(pair::events(&mut bob)[..], [Event::Ready { .. }]));
}
