//! What a peer can delete (SPEC ACT-1, ACT-2): messages of this chat, and what it says is told, not done elsewhere.

use secretchat::hazmat::wire::{ActionDeleteMessages, ActionScreenshotMessages, DecryptedMessageAction, Vector};
use secretchat::{Chat, Draft, Event, Handled, Output, RandomId, RecordName, Ttl};

use crate::honest::Two;
use crate::support::forger::{Forger, service};
use crate::support::pair::{ciphertext, env, env_at, outputs};

fn says(forger: &mut Forger, bob: &mut Chat, action: DecryptedMessageAction<'_>) -> Vec<Output> {
    let sealed = forger.say(forger.around(), &service(action));
    assert_eq!(bob.handle(ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::Applied));
    outputs(bob)
}

/// An id that another chat of the same user knows is unknown here: nothing of the other chat moves.
#[test]
fn at_59_a_peer_deletes_in_its_own_chat_only() {
    let mut two = Two::ready();
    let draft = Draft::text("timed").with_random_id(RandomId(59)).with_ttl(Ttl::from_seconds(60).unwrap());
    two.alice.chat.send(&draft, &mut env_at(0, &mut two.rng)).unwrap();
    two.carry();
    two.bob.chat.mark_read(&[RandomId(59)], &mut env_at(0, &mut two.rng)).unwrap();
    two.carry();
    let (before, deadline) = (two.bob.records(), two.bob.chat.deadline(RandomId(59)));
    assert!(deadline.is_some());

    let (mut forger, mut other) = Forger::meet();
    let ids = Vector::new(&[59_i64]).unwrap();
    let told =
        says(&mut forger, &mut other, DecryptedMessageAction::DeleteMessages(ActionDeleteMessages { random_ids: ids }));
    let names = told.iter().filter_map(|output| match output {
        Output::Persist(batch) => Some(batch.put.iter().map(|(name, _)| *name).chain(batch.delete.iter().copied())),
        _ => None,
    });
    assert!(names.flatten().all(|name| !matches!(name, RecordName::Timed(_))));
    says(&mut forger, &mut other, DecryptedMessageAction::FlushHistory);
    assert!(before == two.bob.records());
    assert_eq!(two.bob.chat.deadline(RandomId(59)), deadline);
}

/// A flush is told; what the host shows is the host's. The chat lives, keeps its numbers and its key, and goes on.
#[test]
fn at_59_a_flush_is_told_and_ends_no_chat() {
    let mut two = Two::ready();
    two.alice_says("first");
    let fingerprint = two.bob.chat.key_fingerprint();
    let received = two.bob.chat.counters().received;
    two.alice.chat.flush_history(&mut env_at(0, &mut two.rng)).unwrap();
    two.carry();
    let flushed = two.bob.told.iter().filter(|event| matches!(event, Event::HistoryFlushed));
    assert_eq!(flushed.count(), 1);
    assert_eq!((two.bob.chat.key_fingerprint(), two.bob.chat.counters().received), (fingerprint, received + 1));
    two.bob.texts();
    two.alice_says("second");
    assert_eq!(two.bob.texts(), ["second"]);
}

/// A screenshot is a report: it moves no timer and deletes nothing.
#[test]
fn at_59_a_screenshot_is_a_report_and_nothing_else() {
    let (mut forger, mut bob) = Forger::meet();
    let draft = Draft::text("timed").with_ttl(Ttl::from_seconds(60).unwrap());
    says(&mut forger, &mut bob, DecryptedMessageAction::Noop);
    let random_id = bob.send(&draft, &mut env(&mut forger.rng)).unwrap();
    outputs(&mut bob);
    let ids = [random_id.0, 1, -1];
    let action = ActionScreenshotMessages { random_ids: Vector::new(&ids).unwrap() };
    let told = says(&mut forger, &mut bob, DecryptedMessageAction::ScreenshotMessages(action));
    let events: Vec<_> = told.iter().filter(|output| matches!(output, Output::Event(_))).collect();
    assert!(
        matches!(&events[..], [Output::Event(Event::Screenshot { random_ids, .. })] if random_ids.len() == 3),
        "{events:?}"
    );
    assert!(bob.holds(random_id));
    assert_eq!(bob.deadline(random_id), None);
}

/// As many ids as a message has room for: each is told, and no record or timer is made of them.
#[test]
fn at_59_as_many_ids_as_fit_leave_nothing_behind() {
    let (mut forger, mut bob) = Forger::meet();
    let ids: Vec<i64> = (1..=65_500).collect();
    let action = ActionDeleteMessages { random_ids: Vector::new(&ids).unwrap() };
    let told = says(&mut forger, &mut bob, DecryptedMessageAction::DeleteMessages(action));
    let deleted = told.iter().find_map(|output| match output {
        Output::Event(Event::Deleted { random_ids, .. }) => Some(random_ids.len()),
        _ => None,
    });
    assert_eq!(deleted, Some(65_500));
    let rows = told.iter().filter_map(|output| match output {
        Output::Persist(batch) => Some(batch.put.len() + batch.delete.len()),
        _ => None,
    });
    assert!(rows.sum::<usize>() <= 2);
    assert_eq!(bob.poll_timeout(), timeout_of_nothing());
}

/// A chat without timers waits for nothing but the age of its key.
fn timeout_of_nothing() -> Option<secretchat::Timestamp> {
    let (mut forger, mut bob) = Forger::meet();
    says(&mut forger, &mut bob, DecryptedMessageAction::Noop);
    bob.poll_timeout()
}
