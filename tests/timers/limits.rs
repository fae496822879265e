//! What protects is not refused by a limit (SPEC LIM-6): it is done at this end, and the call says that the peer is not told.

use secretchat::hazmat::wire::{ActionDeleteMessages, ActionReadMessages, DecryptedMessageAction, Vector};
use secretchat::{
    CallError, Chat, ChatState, Draft, Event, Handled, History, Limits, Notice, Output, RandomId, Ttl, Unavailable,
};

use crate::support::forger::{Forger, service};
use crate::support::pair::{self, Pair, at, ciphertext, env_at, outputs};
use crate::support::timed::{
    SECOND, ends_at, gives, kinds, on_the_wire, opened, photo, read_by_peer, sealed_in, sends, text, ttl,
};

const DAY: u64 = 24 * 3_600 * SECOND;

/// Everything arrives.
fn settle(pair: &mut Pair, millis: u64) -> Vec<Output> {
    let mut told = Vec::new();
    loop {
        let (of_alice, of_bob) = (outputs(&mut pair.alice), outputs(&mut pair.bob));
        if of_alice.is_empty() && of_bob.is_empty() {
            return told;
        }
        for sealed in sealed_in(&of_alice) {
            pair.bob.handle(ciphertext(&sealed), &mut env_at(millis, &mut pair.rng)).unwrap();
        }
        for sealed in sealed_in(&of_bob) {
            pair.alice.handle(ciphertext(&sealed), &mut env_at(millis, &mut pair.rng)).unwrap();
        }
        told.extend(of_alice);
    }
}

#[test]
fn fa_08_reading_starts_a_timer_though_the_key_is_overdue() {
    let mut pair = Pair::ready();
    let (id, sent) = sends(&mut pair.alice, &text(ttl(3_600)), 0, &mut pair.rng);
    gives(&sent, &mut pair.bob, 0, &mut pair.rng);
    let now = 31 * DAY;
    let notice = pair.bob.mark_read(&[id], &mut env_at(now, &mut pair.rng)).unwrap();
    assert_eq!(notice, Notice::LeftOut(Unavailable::RekeyRequired));
    let ends = Some(at(now + 3_600 * SECOND));
    assert_eq!(pair.bob.deadline(id), ends);
    assert_eq!(pair.alice.deadline(id), None, "she was not told");
    // The chat has asked for a new key by itself; under it the same call tells, and starts nothing anew.
    settle(&mut pair, now);
    assert_eq!(pair.bob.rekeys(), 1);
    let notice = pair.bob.mark_read(&[id], &mut env_at(now + SECOND, &mut pair.rng)).unwrap();
    assert!(matches!(notice, Notice::Queued(_)), "{notice:?}");
    assert_eq!(pair.bob.deadline(id), ends);
    assert_eq!(read_by_peer(&settle(&mut pair, now + SECOND)), [id]);
    assert_eq!(pair.alice.deadline(id), Some(at(now + 3_601 * SECOND)));
}

/// Bob's outbox is full; `ids` are what fills it.
fn full() -> (Pair, Vec<RandomId>) {
    let mut limits = Limits::default();
    limits.outbox_messages = 3;
    let mut pair = Pair::of(Pair::alice_config(), Pair::bob_config().map(|config| config.with_limits(limits)));
    let ids = (0..3).map(|_| pair.bob.send(&Draft::text("lost"), &mut env_at(0, &mut pair.rng)).unwrap()).collect();
    outputs(&mut pair.bob);
    let more = pair.bob.send(&Draft::text("more"), &mut env_at(0, &mut pair.rng));
    assert_eq!(more, Err(Unavailable::OutboxFull.into()));
    (pair, ids)
}

const FULL: Result<Notice, CallError> = Ok(Notice::LeftOut(Unavailable::OutboxFull));

/// What Alice is told when Bob's messages come once more.
fn alice_hears(pair: &mut Pair, millis: u64) -> Vec<Output> {
    pair.bob.retransmit(&mut env_at(millis, &mut pair.rng));
    gives(&outputs(&mut pair.bob), &mut pair.alice, millis, &mut pair.rng)
}

#[test]
fn fa_08_a_full_outbox_keeps_nothing_from_being_read_or_opened() {
    let (mut pair, _) = full();
    let (words, sent) = sends(&mut pair.alice, &text(ttl(5)), 0, &mut pair.rng);
    // She acknowledges nothing of Bob's, since nothing has arrived.
    gives(&sent, &mut pair.bob, 0, &mut pair.rng);
    let (look, sent) = sends(&mut pair.alice, &photo(ttl(30)), 0, &mut pair.rng);
    gives(&sent, &mut pair.bob, 0, &mut pair.rng);
    let (once, sent) = sends(&mut pair.alice, &photo(Ttl::VIEW_ONCE), 0, &mut pair.rng);
    gives(&sent, &mut pair.bob, 0, &mut pair.rng);
    let env = &mut env_at(0, &mut pair.rng);
    assert_eq!(pair.bob.mark_read(&[look, once], env), Ok(Notice::Nothing), "only opening starts these");
    assert_eq!(pair.bob.mark_read(&[words, look], env), FULL);
    assert_eq!((pair.bob.deadline(words), pair.bob.deadline(look)), (Some(at(5 * SECOND)), None));
    outputs(&mut pair.bob);
    assert_eq!(pair.bob.open_view(look, &mut env_at(0, &mut pair.rng)), FULL);
    assert_eq!(opened(&outputs(&mut pair.bob)), (look, true, at(30 * SECOND)));
    let env = &mut env_at(0, &mut pair.rng);
    assert_eq!(pair.bob.open_view(once, env), Ok(Notice::Nothing), "of a view once nobody is told");
    assert_eq!(pair.bob.close_view(once, env), Ok(()));
    outputs(&mut pair.bob);
    assert_eq!(ends_at(&mut pair.bob, 5 * SECOND, &mut pair.rng), [words]);

    // Once there is room the opened one is told of, too, though opening starts it.
    alice_hears(&mut pair, 6 * SECOND);
    let (_, sent) = sends(&mut pair.alice, &Draft::text("heard"), 0, &mut pair.rng);
    gives(&sent, &mut pair.bob, 6 * SECOND, &mut pair.rng);
    let told = pair.bob.mark_read(&[words, look, once], &mut env_at(6 * SECOND, &mut pair.rng)).unwrap();
    assert!(matches!(told, Notice::Queued(_)), "{told:?}");
    let word = outputs(&mut pair.bob);
    // What is not there any more cannot be told from what never had a timer.
    assert_eq!(read_by_peer(&gives(&word, &mut pair.alice, 6 * SECOND, &mut pair.rng)), [words, look, once]);
    assert_eq!(pair.bob.deadline(look), Some(at(30 * SECOND)), "no second start");
}

#[test]
fn fa_08_a_full_outbox_keeps_nothing_from_being_destroyed() {
    for flush in [false, true] {
        let (mut pair, ids) = full();
        let (look, sent) = sends(&mut pair.alice, &photo(ttl(30)), 0, &mut pair.rng);
        gives(&sent, &mut pair.bob, 0, &mut pair.rng);
        let env = &mut env_at(0, &mut pair.rng);
        let notice = if flush { pair.bob.flush_history(env) } else { pair.bob.delete(&[ids[1], look], env) };
        assert_eq!(notice, FULL);
        assert_eq!(kinds(&outputs(&mut pair.bob)), ["Persist"], "nothing leaves but on request");
        assert_eq!(pair.bob.open_view(look, &mut env_at(0, &mut pair.rng)), Err(Unavailable::NotTimed.into()));
        let heard = alice_hears(&mut pair, 0);
        let texts = kinds(&heard).iter().filter(|kind| **kind == "Message").count();
        let deleted: Vec<_> = heard
            .iter()
            .filter_map(|output| match output {
                Output::Event(Event::Deleted { random_ids, .. }) => Some(random_ids.clone()),
                _ => None,
            })
            .collect();
        let expected = if flush { ids.iter().map(|id| vec![*id]).collect() } else { vec![vec![ids[1]]] };
        assert_eq!((texts, deleted), (3 - expected.len(), expected));
        // Said again where there is room: now the peer is asked, too.
        let (_, sent) = sends(&mut pair.alice, &Draft::text("heard"), 0, &mut pair.rng);
        gives(&sent, &mut pair.bob, 0, &mut pair.rng);
        assert!(matches!(pair.bob.delete(&[look], &mut env_at(0, &mut pair.rng)), Ok(Notice::Queued(_))));
    }
}

#[test]
fn fa_08_a_full_outbox_keeps_nothing_from_ending() {
    let (mut pair, _) = full();
    pair.bob.close(History::Delete, &mut env_at(0, &mut pair.rng));
    assert!(matches!(pair.bob.state(), ChatState::Closed(_)));
    let (history, proof) = pair::discard_in(&outputs(&mut pair.bob));
    let discard = secretchat::Input::discarded(history, Some(proof));
    pair.alice.handle(discard, &mut env_at(0, &mut pair.rng)).unwrap();
    assert!(matches!(pair.alice.state(), ChatState::Closed(_)));
}

// What is nothing but a message is refused.
#[test]
fn fa_08_what_is_only_told_is_refused() {
    let (mut pair, _) = full();
    let env = &mut env_at(0, &mut pair.rng);
    assert_eq!(pair.bob.report_screenshot(&[], env), Err(Unavailable::OutboxFull.into()));
    assert_eq!(pair.bob.set_ttl(ttl(5), env), Err(Unavailable::OutboxFull.into()));
    assert_eq!(pair.bob.ttl(), Ttl::OFF, "both ends know it");
}

/// Gives the forger's messages so that one call takes them all in: the first one comes last.
fn all_at_once(forger: &mut Forger, bob: &mut Chat, messages: &[Vec<u8>]) -> Vec<Output> {
    let first = forger.sent;
    outputs(bob);
    for (slot, message) in (first..).zip(messages).skip(1) {
        let around = forger.around_slot(slot);
        assert_eq!(forger.give(bob, around, message), Handled::Waiting);
        outputs(bob);
    }
    assert_eq!(forger.give(bob, forger.around_slot(first), &messages[0]), Handled::Applied);
    outputs(bob)
}

fn noop() -> Vec<u8> {
    service(DecryptedMessageAction::Noop)
}

// SPEC LIM-3: a timer that only changes is no second one.
#[test]
fn a_timer_that_starts_in_a_call_counts_once_in_it() {
    let (mut forger, mut bob) = Forger::meet_with(Limits::default().with_timed_messages(2));
    // Bob writes once he is ready.
    forger.give_next(&mut bob, &noop());
    let own = bob.send(&text(ttl(60)), &mut env_at(0, &mut forger.rng)).unwrap();
    let ids = [own.0];
    let read = ActionReadMessages { random_ids: Vector::new(&ids).unwrap() };
    let messages = [noop(), service(DecryptedMessageAction::ReadMessages(read)), on_the_wire(7, 60, None)];
    let told = all_at_once(&mut forger, &mut bob, &messages);
    assert!(!kinds(&told).contains(&"KeyRefused"), "{told:?}");
}

// SPEC LIM-3.
#[test]
fn what_comes_and_goes_in_a_call_makes_room_in_it() {
    let (mut forger, mut bob) = Forger::meet_with(Limits::default().with_timed_messages(1));
    let ids = [7];
    let delete = ActionDeleteMessages { random_ids: Vector::new(&ids).unwrap() };
    let messages = [
        noop(),
        on_the_wire(7, 60, None),
        service(DecryptedMessageAction::DeleteMessages(delete)),
        on_the_wire(8, 60, None),
        on_the_wire(9, 60, None),
    ];
    let told = all_at_once(&mut forger, &mut bob, &messages);
    let refused = told.iter().filter_map(|output| match output {
        Output::Event(Event::KeyRefused { random_id, .. }) => Some(random_id.0),
        _ => None,
    });
    assert_eq!(refused.collect::<Vec<_>>(), [9]);
}
