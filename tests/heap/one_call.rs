//! What one call costs is bounded by what the chat keeps and what the call brings (SPEC LIM-5, ACT-2).

use secretchat::hazmat::wire::{
    ActionDeleteMessages, Bytes, DecryptedMessage, DecryptedMessage73, DecryptedMessageAction, Flags, Service17, Vector,
};
use secretchat::{Chat, Event, Handled, Output, RandomId, RecordName};

use crate::allocator::{Taken, in_use, taken};
use crate::support::forger::{Around, Forger, encoded};
use crate::support::pair::{self, ciphertext, env, outputs};

/// As many ids as fit into one message.
const IDS: i64 = 65_500;
/// As many such messages as may wait at once: 16 MiB.
const DELETES: usize = 31;
/// With them, as many messages as may wait.
const FLUSHES: usize = 968;

fn service(action: DecryptedMessageAction<'_>) -> Vec<u8> {
    encoded(&DecryptedMessage::Service17(Service17 { random_id: 5, action }))
}

fn noop() -> Vec<u8> {
    service(DecryptedMessageAction::Noop)
}

fn deletes(ids: std::ops::Range<i64>) -> Vec<u8> {
    let ids: Vec<i64> = ids.collect();
    service(DecryptedMessageAction::DeleteMessages(ActionDeleteMessages { random_ids: Vector::new(&ids).unwrap() }))
}

fn timed_text(random_id: i64) -> Vec<u8> {
    encoded(&DecryptedMessage::Message73(DecryptedMessage73 {
        flags: Flags::NONE,
        random_id,
        ttl: 60,
        message: Bytes::new(b"for a while").unwrap(),
        media: None,
        entities: None,
        via_bot_name: None,
        reply_to_random_id: None,
        grouped_id: None,
    }))
}

/// Lets the messages wait behind one that is missing, then gives that one: what the last call took of the heap.
fn in_one_call(forger: &mut Forger, bob: &mut Chat, messages: &[Vec<u8>]) -> Taken {
    let first = forger.say(forger.around(), &noop());
    for message in messages {
        let sealed = forger.say(forger.around(), message);
        assert_eq!(bob.handle(ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::Waiting));
        outputs(bob);
    }
    let (handled, taken) = taken(|| bob.handle(ciphertext(&first), &mut env(&mut forger.rng)));
    assert_eq!(handled, Ok(Handled::Applied));
    assert_eq!(bob.counters().received, u32::try_from(forger.sent).unwrap(), "all of them had their turn");
    taken
}

fn names_of_timed(outputs: &[Output]) -> (Vec<RecordName>, Vec<RecordName>) {
    let is_timed = |name: &RecordName| matches!(name, RecordName::Timed(_));
    let batches = || {
        outputs.iter().filter_map(|output| match output {
            Output::Persist(batch) => Some(batch),
            _ => None,
        })
    };
    (
        batches().flat_map(|batch| batch.put.iter().map(|(name, _)| *name)).filter(is_timed).collect(),
        batches().flat_map(|batch| batch.delete.iter().copied()).filter(is_timed).collect(),
    )
}

#[test]
fn fa_04_what_one_call_costs_is_bounded_by_what_is_kept_and_what_it_brings() {
    // Ids that nobody has: each is told to the host, and nothing else is taken for it.
    let (mut forger, mut bob) = Forger::meet();
    let ranges = (0..DELETES).map(|n| i64::try_from(n).unwrap() * IDS + 1);
    let mut messages: Vec<_> = ranges.map(|first| deletes(first..first + IDS)).collect();
    let brought: usize = messages.iter().map(Vec::len).sum();
    messages.extend(std::iter::repeat_n(service(DecryptedMessageAction::FlushHistory), FLUSHES));
    let taken = in_one_call(&mut forger, &mut bob, &messages);
    assert!(taken.bytes < 3 * brought, "{taken:?} of {brought}");
    assert!(taken.calls < 8 * messages.len(), "{taken:?}");
    let outputs = outputs(&mut bob);
    let deleted = outputs.iter().filter(|output| matches!(output, Output::Event(Event::Deleted { .. })));
    assert_eq!(deleted.count(), DELETES);
    assert_eq!(names_of_timed(&outputs), (vec![], vec![]), "no record is named that nobody has");

    // Many timers, and a history that is flushed again and again between new ones.
    let (mut forger, mut bob) = Forger::meet();
    let kept = 4_000;
    for id in 1..=kept {
        let sealed = forger.say(forger.around(), &timed_text(id));
        assert_eq!(bob.handle(ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::Applied));
        pair::outputs(&mut bob);
    }
    let flush = service(DecryptedMessageAction::FlushHistory);
    let mut messages: Vec<_> = (1..=480).flat_map(|id| [flush.clone(), timed_text(kept + id)]).collect();
    // Of a new one, of one that was flushed, and of one that nobody has.
    messages.push(deletes(kept + 480..kept + 481));
    messages.push(timed_text(1));
    messages.push(deletes(2..3));
    messages.push(timed_text(kept + 481));
    messages.push(deletes(-7..-6));
    let taken = in_one_call(&mut forger, &mut bob, &messages);
    assert!(taken.calls < 64 * messages.len(), "{taken:?}");
    assert!(taken.bytes < 1 << 22, "{taken:?}");
    let (put, deleted) = names_of_timed(&pair::outputs(&mut bob));
    let timed = |id: i64| RecordName::Timed(RandomId(id));
    assert_eq!(put, [timed(1), timed(kept + 481)]);
    assert!(deleted.into_iter().eq((2..=kept).map(timed)));
}

/// The bound of what waits counts the messages themselves (SPEC LIM-2), so a peer cannot add to them what nobody counts.
#[test]
fn what_stands_around_a_waiting_message_takes_no_memory() {
    let (mut forger, mut bob) = Forger::meet();
    forger.sent += 1;
    let before = in_use();
    for _ in 0..100 {
        let around = Around { random_bytes: 100_000, ..forger.around() };
        let sealed = forger.say(around, &noop());
        assert_eq!(bob.handle(ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::Waiting));
        outputs(&mut bob);
    }
    let taken = in_use() - before;
    assert!(taken < 100 * 1_000, "{taken} bytes for a hundred messages of {}", noop().len());
}
