//! Messages that come too early wait, what is missing is asked for once, and nothing is handed out of turn
//! (SPEC SEQ-3, SEQ-7, SEQ-9, SEQ-11).

use secretchat::hazmat::wire::{ActionResend, DecryptedMessageAction};
use secretchat::store::{MemoryStore, Store};
use secretchat::{Chat, ChatState, CloseReason, Event, Handled, Limits, Output, StoreKey, TransmitKind, Violation};

use crate::support::forger::{self, Around, Forger, service};
use crate::support::orders::orders;
use crate::support::pair::{self, env};

fn text(number: i32) -> Vec<u8> {
    forger::text(i64::from(number) + 1, &number.to_string())
}

fn resend(start_seq_no: i32, end_seq_no: i32) -> Vec<u8> {
    service(DecryptedMessageAction::Resend(ActionResend { start_seq_no, end_seq_no }))
}

/// Gives Bob the forger's message of a slot.
fn give(forger: &mut Forger, bob: &mut Chat, slot: i32, message: &[u8]) -> Handled {
    let around = Around { out_seq_no: 2 * slot + 1, ..forger.around() };
    let sealed = forger.say(around, message);
    bob.handle(pair::ciphertext(&sealed), &mut env(&mut forger.rng)).unwrap()
}

/// The texts that Bob has handed out, and the slots that he has asked for.
fn taken(forger: &mut Forger, bob: &mut Chat) -> (Vec<String>, Vec<(i32, i32)>) {
    let (mut texts, mut asked) = (Vec::new(), Vec::new());
    for output in pair::outputs(bob) {
        match output {
            Output::Event(Event::Message(message)) => texts.push(message.content.text),
            Output::Transmit(transmit) => {
                let TransmitKind::Ciphertext { bytes, service: true, .. } = transmit.kind else { continue };
                let DecryptedMessageAction::Resend(resend) = forger.read_service(&bytes) else { continue };
                asked.push(((resend.start_seq_no - 1) / 2, (resend.end_seq_no - 1) / 2));
            }
            _ => {}
        }
    }
    (texts, asked)
}

// BR-14: one hole makes the receiver deaf for ever.
#[test]
fn br_14_a_hole_is_asked_for_once_and_everything_behind_it_follows_in_order() {
    let (mut forger, mut bob) = Forger::meet();
    assert_eq!(give(&mut forger, &mut bob, 0, &text(0)), Handled::Applied);
    assert_eq!(taken(&mut forger, &mut bob).0, ["0"]);
    assert_eq!(give(&mut forger, &mut bob, 2, &text(2)), Handled::Waiting);
    assert_eq!(taken(&mut forger, &mut bob), (vec![], vec![(1, 1)]));
    for slot in [3, 4] {
        assert_eq!(give(&mut forger, &mut bob, slot, &text(slot)), Handled::Waiting);
        assert_eq!(give(&mut forger, &mut bob, slot, &text(slot)), Handled::Duplicate);
        assert_eq!(taken(&mut forger, &mut bob), (vec![], vec![]));
    }
    assert_eq!(bob.counters().received, 1, "in_seq_no is not raised by what waits");
    assert_eq!(give(&mut forger, &mut bob, 1, &text(1)), Handled::Applied);
    assert_eq!(taken(&mut forger, &mut bob), (["1", "2", "3", "4"].map(str::to_owned).to_vec(), vec![]));
    assert_eq!(bob.counters().received, 5);
}

#[test]
fn at_04_any_order_of_five_gives_the_same_and_no_slot_is_asked_for_twice() {
    let orders = orders(5);
    assert_eq!(orders.len(), 120);
    for order in orders {
        let order: Vec<i32> = order.iter().map(|slot| i32::try_from(*slot).unwrap()).collect();
        let (mut forger, mut bob) = Forger::meet();
        let (mut texts, mut asked) = (vec![], vec![]);
        for slot in &order {
            give(&mut forger, &mut bob, *slot, &text(*slot));
            let more = taken(&mut forger, &mut bob);
            texts.extend(more.0);
            asked.extend(more.1.into_iter().flat_map(|(start, end)| start..=end));
        }
        assert_eq!(texts, ["0", "1", "2", "3", "4"], "{order:?}");
        let mut once = asked.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), asked.len(), "{order:?}");
        // Exactly those were asked for that were missing when a later one came.
        let missing = |slot: &i32| order.iter().take_while(|other| *other != slot).any(|other| other > slot);
        assert_eq!(once, (0..5).filter(missing).collect::<Vec<_>>(), "{order:?}");
    }
}

#[test]
fn br_17_several_gaps_are_open_at_once() {
    let (mut forger, mut bob) = Forger::meet();
    for (slot, asks) in [(2, vec![(0, 1)]), (5, vec![(3, 4)]), (6, vec![]), (9, vec![(7, 8)])] {
        assert_eq!(give(&mut forger, &mut bob, slot, &text(slot)), Handled::Waiting);
        assert_eq!(taken(&mut forger, &mut bob).1, asks, "{slot}");
    }
    for slot in [8, 4, 1, 0, 3, 7] {
        give(&mut forger, &mut bob, slot, &text(slot));
    }
    let (texts, asked) = taken(&mut forger, &mut bob);
    assert_eq!(texts, (0..10).map(|slot| slot.to_string()).collect::<Vec<_>>());
    assert_eq!(asked, []);
}

#[test]
fn a_wide_gap_is_asked_for_a_thousand_slots_at_a_time() {
    let (mut forger, mut bob) = Forger::meet();
    assert_eq!(give(&mut forger, &mut bob, 2_500, &text(0)), Handled::Waiting);
    assert_eq!(taken(&mut forger, &mut bob).1, [(0, 999)]);
    // More from behind it, also another gap, do not ask for the rest of the first.
    assert_eq!(give(&mut forger, &mut bob, 2_501, &text(0)), Handled::Waiting);
    assert_eq!(give(&mut forger, &mut bob, 2_503, &text(0)), Handled::Waiting);
    assert_eq!(taken(&mut forger, &mut bob).1, []);
    let mut asked = vec![];
    for slot in (0..2_500).chain([2_502]) {
        assert_eq!(give(&mut forger, &mut bob, slot, &text(slot)), Handled::Applied);
        asked.extend(taken(&mut forger, &mut bob).1.into_iter().map(|range| (slot, range)));
    }
    assert_eq!(asked, [(999, (1_000, 1_999)), (1_999, (2_000, 2_499)), (2_000, (2_502, 2_502))]);
    assert_eq!(bob.counters().received, 2_504);
}

/// A chat in which the forger's slot 0 came, and a message of Bob's got lost.
fn meet_and_lose_one() -> (Forger, Chat, Vec<u8>) {
    let (mut forger, mut bob) = Forger::meet();
    give(&mut forger, &mut bob, 0, &text(0));
    bob.send(&secretchat::Draft::text("lost"), &mut env(&mut forger.rng)).unwrap();
    let lost = pair::sealed(&mut bob);
    (forger, bob, lost)
}

#[test]
fn br_15_a_request_from_behind_a_gap_is_answered_at_once_and_only_once() {
    let (mut forger, mut bob, original) = meet_and_lose_one();
    // Slot 1 of the forger is missing; slot 2 asks for Bob's slot 0.
    assert_eq!(give(&mut forger, &mut bob, 2, &resend(0, 0)), Handled::Waiting);
    let sent = pair::all_sealed(&mut bob);
    assert_eq!(sent[0], original, "before the own request");
    assert_eq!(sent.len(), 2);
    assert_eq!(give(&mut forger, &mut bob, 2, &resend(0, 0)), Handled::Duplicate);
    assert!(pair::all_sealed(&mut bob).is_empty());
    assert_eq!(give(&mut forger, &mut bob, 1, &text(1)), Handled::Applied);
    assert!(pair::all_sealed(&mut bob).is_empty(), "not again in its turn");
    assert_eq!(bob.counters().received, 3);
}

// SPEC SEQ-7: too few random bytes.
#[test]
fn an_early_request_that_drops_its_content_is_not_answered() {
    let (mut forger, mut bob, original) = meet_and_lose_one();
    let around = Around { out_seq_no: 5, random_bytes: 14, ..forger.around() };
    let sealed = forger.say(around, &resend(0, 0));
    assert_eq!(bob.handle(pair::ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::Waiting));
    assert!(!pair::all_sealed(&mut bob).contains(&original), "only what asks for the gap leaves");
    assert_eq!(give(&mut forger, &mut bob, 1, &text(1)), Handled::Applied);
    assert!(!pair::all_sealed(&mut bob).contains(&original), "nor in its turn");
    assert_eq!(bob.counters().received, 3);
}

// SEQ-7: a strict end judges a range that is not whole in its turn, and answers none of it before.
#[test]
fn an_early_request_beyond_what_was_sent_is_not_answered_and_ends_the_chat_in_its_turn() {
    let (mut forger, mut bob, original) = meet_and_lose_one();
    assert_eq!(give(&mut forger, &mut bob, 2, &resend(0, 2 * 7)), Handled::Waiting);
    assert!(!pair::all_sealed(&mut bob).contains(&original), "only what asks for the gap leaves");
    assert_eq!(give(&mut forger, &mut bob, 1, &text(1)), Handled::ChatClosed);
    assert_eq!(bob.state(), ChatState::Closed(CloseReason::Violation(Violation::ResendRange)));
}

// SPEC LIM-2.
#[test]
fn at_41_what_waits_has_bounds() {
    let mut limits = Limits::default();
    (limits.waiting_messages, limits.waiting_bytes, limits.waiting_span) = (3, 500, 50);
    let (mut forger, mut bob) = Forger::meet_with(limits);
    assert_eq!(give(&mut forger, &mut bob, 51, &text(0)), Handled::NoRoom, "the span");
    assert_eq!(give(&mut forger, &mut bob, 50, &text(0)), Handled::Waiting);
    assert_eq!(give(&mut forger, &mut bob, 10, &vec![0; 600]), Handled::NoRoom, "the bytes");
    for slot in [2, 3] {
        assert_eq!(give(&mut forger, &mut bob, slot, &text(slot)), Handled::Waiting);
    }
    assert_eq!(give(&mut forger, &mut bob, 4, &text(4)), Handled::NoRoom, "the count");
    for slot in [0, 1, 4] {
        assert_eq!(give(&mut forger, &mut bob, slot, &text(slot)), Handled::Applied);
    }
    assert_eq!(bob.counters().received, 5);
}

// SPEC LIM-2: the span counts from the next slot.
#[test]
fn what_was_processed_moves_the_span() {
    let mut limits = Limits::default();
    limits.waiting_span = 50;
    let (mut forger, mut bob) = Forger::meet_with(limits);
    for slot in 0..40 {
        assert_eq!(give(&mut forger, &mut bob, slot, &text(slot)), Handled::Applied);
    }
    assert_eq!(give(&mut forger, &mut bob, 91, &text(91)), Handled::NoRoom);
    assert_eq!(give(&mut forger, &mut bob, 90, &text(90)), Handled::Waiting);
}

// SPEC LIM-2.
#[test]
fn what_no_longer_waits_makes_room() {
    let mut limits = Limits::default();
    (limits.waiting_messages, limits.waiting_bytes, limits.waiting_span) = (3, 500, 50);
    let (mut forger, mut bob) = Forger::meet_with(limits);
    assert_eq!(give(&mut forger, &mut bob, 45, &text(45)), Handled::Waiting);
    for slot in (0..40).step_by(2) {
        assert_eq!(give(&mut forger, &mut bob, slot + 1, &text(slot + 1)), Handled::Waiting);
        assert_eq!(give(&mut forger, &mut bob, slot, &text(slot)), Handled::Applied);
    }
}

// SPEC LIM-2.
#[test]
fn what_still_waits_goes_on_counting() {
    let mut limits = Limits::default();
    limits.waiting_bytes = 600;
    let (mut forger, mut bob) = Forger::meet_with(limits);
    let long = forger::text(1, &"x".repeat(200));
    assert!((200..300).contains(&long.len()), "two have room, and three have not");
    for (slot, expected) in [
        (1, Handled::Waiting),
        (3, Handled::Waiting),
        (5, Handled::NoRoom),
        (0, Handled::Applied),
        (5, Handled::Waiting),
        (7, Handled::NoRoom),
    ] {
        assert_eq!(give(&mut forger, &mut bob, slot, &long), expected, "{slot}");
    }
}

#[test]
fn what_waits_survives_a_restart_and_is_not_asked_for_again() {
    let (mut forger, mut bob, first) = Forger::meet_and_keep();
    let mut store = MemoryStore::default();
    first.iter().for_each(|batch| store.apply(batch).unwrap());
    let mut keep = |bob: &mut Chat| {
        for output in pair::outputs(bob) {
            if let Output::Persist(batch) = output {
                store.apply(&batch).unwrap();
            }
        }
        store.load(bob.id().unwrap()).unwrap()
    };
    give(&mut forger, &mut bob, 2, &text(2));
    give(&mut forger, &mut bob, 4, &text(4));
    let records = keep(&mut bob).unwrap();
    let names: Vec<String> = records.rows.iter().map(|(name, _)| name.to_string()).collect();
    assert!(names.contains(&"waiting/2".to_owned()) && names.contains(&"waiting/4".to_owned()), "{names:?}");

    let store_key = StoreKey::new([2; 32]);
    let checkpoint = bob.checkpoint();
    let mut bob = Chat::restore(&records, &store_key, checkpoint, &mut env(&mut forger.rng)).unwrap();
    assert_eq!(give(&mut forger, &mut bob, 4, &text(4)), Handled::Duplicate);
    assert_eq!(give(&mut forger, &mut bob, 5, &text(5)), Handled::Waiting);
    assert_eq!(taken(&mut forger, &mut bob).1, []);
    for slot in [3, 0, 1] {
        give(&mut forger, &mut bob, slot, &text(slot));
    }
    assert_eq!(taken(&mut forger, &mut bob).0, ["0", "1", "2", "3", "4", "5"]);
}
