//! Public bug reports about the end of messages and chats with timers: closing, secrets in logs, screenshots (BR-37,
//! BR-39, BR-40), and what else ends, replaces or bounds a timer (SPEC DES-8, SEQ-8, LIM-3).

use std::io::Read;

use secretchat::hazmat::wire::{ActionDeleteMessages, ActionReadMessages, DecryptedMessageAction, Vector};
use secretchat::media::{Padding, SegmentEncryptReader};
use secretchat::store::Store;
use secretchat::{
    ApiMisuse, ChatState, Draft, Event, Handled, History, Limits, Media, Output, PeerPolicy, RandomId, RecordName, Ttl,
    Unavailable,
};

use crate::support::forger::{Forger, service};
use crate::support::pair::{Pair, at, ciphertext, env, env_at, outputs};
use crate::support::rng::Seeded;
use crate::support::telegram::{self, STORE_KEY, config};
use crate::support::timed::{
    self, FILE_IV, FILE_KEY, Kept, PREVIEW, SECOND, ends_at, expired, gives, kinds, message_in, on_the_wire, opened,
    read_by_peer, sends, telegram, telegram_photo, text, ttl,
};
use crate::support::twin;

const YEAR: u64 = 365 * 24 * 3_600 * SECOND;

fn deletes(ids: &[i64]) -> Vec<u8> {
    let random_ids = Vector::new(ids).unwrap();
    service(DecryptedMessageAction::DeleteMessages(ActionDeleteMessages { random_ids }))
}

/// A chat that keeps records, and the peer that may say anything.
fn kept() -> (Forger, Kept) {
    let (forger, bob, batches) = telegram::meet_as(config(PeerPolicy::Default));
    (forger, Kept::new(bob, &batches, STORE_KEY))
}

// SPEC CLOSE-1.
#[test]
fn br_37_closing_is_final() {
    let (mut forger, mut bob) = kept();
    let rng = &mut Seeded::new(3);
    for id in 1..=3 {
        forger.give_next(&mut bob.chat, &on_the_wire(id, 30, None));
    }
    bob.chat.send(&telegram_photo(ttl(30)), &mut env(rng)).unwrap();
    bob.chat.mark_read(&[RandomId(1)], &mut env(rng)).unwrap();
    bob.outputs();
    assert_eq!(bob.timed().len(), 4);
    bob.chat.close(History::Delete, &mut env_at(SECOND, rng));
    assert_eq!(kinds(&bob.outputs()), ["Closed", "Persist", "Transmit"]);
    for restart in [false, true] {
        if restart {
            bob.restart(2 * SECOND, rng);
        }
        let records = bob.store.load(bob.chat.id().unwrap()).unwrap().unwrap();
        let names: Vec<_> = records.rows.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [RecordName::Tombstone]);
        assert!(matches!(bob.chat.state(), ChatState::Closed(_)));
        assert_eq!((bob.chat.poll_timeout(), bob.chat.deadline(RandomId(1))), (None, None));
        assert_eq!(bob.chat.open_view(RandomId(2), &mut env_at(3 * SECOND, rng)), Err(Unavailable::ChatClosed.into()));
        assert_eq!(bob.chat.close_view(RandomId(2), &mut env_at(3 * SECOND, rng)), Err(Unavailable::ChatClosed));
        assert_eq!(
            bob.chat.mark_read(&[RandomId(2)], &mut env_at(3 * SECOND, rng)),
            Err(Unavailable::ChatClosed.into())
        );
        bob.chat.close(History::Delete, &mut env_at(3 * SECOND, rng));
        assert_eq!(ends_at(&mut bob.chat, YEAR, rng), [], "the host was told to forget the chat");
        assert_eq!(forger.give_next(&mut bob.chat, &on_the_wire(9, 30, None)), Handled::Ignored);
        assert!(bob.outputs().is_empty());
    }
}

#[test]
fn br_39_nothing_shows_secrets() {
    let Pair { mut alice, mut bob, mut rng } = telegram();
    let rng = &mut rng;
    let (id, sent) = sends(&mut alice, &telegram_photo(ttl(30)), 0, rng);
    let (text_id, texts) = sends(&mut alice, &text(ttl(5)), 0, rng);
    let mut told = gives(&sent, &mut bob, 0, rng);
    told.extend(gives(&texts, &mut bob, 0, rng));
    bob.open_view(id, &mut env(rng)).unwrap();
    bob.open_view(text_id, &mut env(rng)).unwrap();
    told.extend(outputs(&mut bob));
    // Sealed bytes may be anything.
    told.retain(|output| matches!(output, Output::Event(_)));
    let shown = format!("{told:?}\n{told:#?}\n{bob:?}\n{alice:#?}\n{:?}", telegram_photo(ttl(30)));
    assert!(shown.contains("Opened") && shown.contains("MediaLease { held: Held { size: "));
    assert!(!shown.contains("look"));
    for byte in [FILE_KEY[0], FILE_IV[0], PREVIEW[0]] {
        let (hex, upper) = (format!("{byte:02x}").repeat(2), format!("{byte:02X}").repeat(2));
        let squeezed: String = shown.split_whitespace().collect();
        for leak in [hex, upper, format!("{byte},{byte}"), format!("0x{byte:02x},0x{byte:02x}")] {
            assert!(!squeezed.contains(&leak), "{leak}");
        }
    }
}

#[test]
fn br_40_screenshots_are_told_in_slot_order() {
    for count in [0, 1, 100] {
        let ids: Vec<_> = (1..=count).map(RandomId).collect();
        let Pair { mut alice, mut bob, mut rng } = Pair::ready();
        let rng = &mut rng;
        let (_, first) = sends(&mut alice, &text(Ttl::OFF), 0, rng);
        alice.report_screenshot(&ids, &mut env(rng)).unwrap();
        let report = timed::sealed_in(&outputs(&mut alice));
        let received = bob.counters().received;
        assert_eq!(bob.handle(ciphertext(&report[0]), &mut env(rng)), Ok(Handled::Waiting));
        assert!(!kinds(&outputs(&mut bob)).contains(&"Screenshot"));
        let told = gives(&first, &mut bob, 0, rng);
        assert_eq!(kinds(&told)[..2], ["Message", "Screenshot"]);
        let Output::Event(Event::Screenshot { random_ids, .. }) = &told[1] else { panic!("{told:?}") };
        assert_eq!((random_ids, bob.counters().received), (&ids, received + 2));
    }
}

#[test]
fn br_40_hidden_bytes_only_by_a_view() {
    let Pair { mut alice, mut bob, mut rng } = Pair::ready();
    let rng = &mut rng;
    let plain: Vec<u8> = (0..1000_u32).map(|i| i.to_le_bytes()[0]).collect();
    let mut file = vec![];
    let mut reader = SegmentEncryptReader::new(&plain[..], 1000, Padding::None, rng).unwrap();
    reader.read_to_end(&mut file).unwrap();

    let photo = timed::photo_under(reader.key().duplicate().into(), ttl(30));
    let (id, sent) = sends(&mut alice, &photo, 0, rng);
    let told = gives(&sent, &mut bob, 0, rng);
    let Some(Media::Photo(shown)) = &message_in(&told).content.media else { panic!("{told:?}") };
    assert!(shown.key.is_none() && shown.thumbnail.is_none());
    bob.open_view(id, &mut env_at(SECOND, rng)).unwrap();
    let view = outputs(&mut bob);
    let lease = view.iter().find_map(|output| match output {
        Output::Event(Event::Opened { lease, .. }) => lease.as_ref(),
        _ => None,
    });
    let lease = lease.unwrap();
    assert_eq!((lease.size(), lease.thumbnail()), (1000, Some(&timed::preview())));
    let mut seen = vec![];
    lease.reader(&file[..]).unwrap().read_to_end(&mut seen).unwrap();
    assert_eq!(seen, plain);
    assert_eq!(opened(&view).2, at(31 * SECOND), "and its time runs");
}

// SPEC DES-11.
#[test]
fn deletes_take_timers_with_them() {
    let (one, two) = (RandomId(1), RandomId(2));
    for (by_peer, flush) in [(false, false), (false, true), (true, false), (true, true)] {
        let (mut forger, mut bob) = kept();
        let rng = &mut Seeded::new(3);
        for id in 1..=2 {
            forger.give_next(&mut bob.chat, &on_the_wire(id, 30, None));
        }
        let own = telegram_photo(ttl(30)).with_random_id(RandomId(5));
        bob.chat.send(&own, &mut env(rng)).unwrap();
        bob.chat.mark_read(&[one, two], &mut env(rng)).unwrap();
        bob.outputs();
        assert_eq!(bob.timed().len(), 3);
        match (by_peer, flush) {
            (false, false) => drop(bob.chat.delete(&[one, RandomId(5), RandomId(77)], &mut env(rng)).unwrap()),
            (false, true) => drop(bob.chat.flush_history(&mut env(rng)).unwrap()),
            (true, false) => drop(forger.give_next(&mut bob.chat, &deletes(&[1, 5, 77]))),
            (true, true) => drop(forger.give_next(&mut bob.chat, &service(DecryptedMessageAction::FlushHistory))),
        }
        bob.outputs();
        let left = if flush { vec![] } else { vec![two] };
        assert_eq!(bob.timed(), left, "{by_peer} {flush}");
        bob.restart(SECOND, rng);
        assert_eq!(bob.chat.open_view(one, &mut env_at(SECOND, rng)), Err(Unavailable::NotTimed.into()));
        let ids = [5];
        let read = ActionReadMessages { random_ids: Vector::new(&ids).unwrap() };
        forger.give_next(&mut bob.chat, &service(DecryptedMessageAction::ReadMessages(read)));
        bob.outputs();
        assert_eq!(ends_at(&mut bob.chat, YEAR, rng), left, "{by_peer} {flush}");
    }
}

#[test]
fn a_deleted_id_that_comes_again_starts_anew() {
    let (mut forger, mut bob) = telegram::meet(PeerPolicy::Default);
    let rng = &mut Seeded::new(3);
    forger.give_next(&mut bob, &on_the_wire(7, 30, None));
    bob.mark_read(&[RandomId(7)], &mut env(rng)).unwrap();
    let gap = forger.say_next(&service(DecryptedMessageAction::Noop));
    // Both wait, and are taken in one call.
    for message in [deletes(&[7]), on_the_wire(7, 30, None)] {
        let sealed = forger.say_next(&message);
        assert_eq!(bob.handle(ciphertext(&sealed), &mut env(rng)), Ok(Handled::Waiting));
    }
    bob.handle(ciphertext(&gap), &mut env(rng)).unwrap();
    outputs(&mut bob);
    assert_eq!(bob.deadline(RandomId(7)), None);
    assert_eq!(ends_at(&mut bob, 31 * SECOND, rng), [], "it has not been read");
    bob.mark_read(&[RandomId(7)], &mut env_at(40 * SECOND, rng)).unwrap();
    outputs(&mut bob);
    assert_eq!(ends_at(&mut bob, 70 * SECOND, rng), [RandomId(7)]);
}

#[test]
fn more_timers_than_the_limit() {
    let mut limits = Limits::default();
    limits.timed_messages = 3;
    let full = || {
        let (mut forger, mut bob) = telegram::meet_with(PeerPolicy::Default, limits);
        for id in 1..=2 {
            forger.give_next(&mut bob, &on_the_wire(id, 30, None));
        }
        bob.send(&text(ttl(30)), &mut env(&mut Seeded::new(3))).unwrap();
        outputs(&mut bob);
        (forger, bob)
    };
    twin::unchanged(|twin| {
        let (_, mut bob) = full();
        twin.bad(&mut bob, |bob, env| {
            assert_eq!(bob.send(&text(ttl(30)), env), Err(Unavailable::TooManyTimers.into()));
        });
        twin.compare(&mut bob);
    });
    let (mut forger, mut bob) = full();
    let rng = &mut Seeded::new(4);
    bob.send(&text(Ttl::OFF), &mut env(rng)).unwrap();
    outputs(&mut bob);
    forger.give_next(&mut bob, &on_the_wire(3, 30, None));
    let told = outputs(&mut bob);
    assert_eq!(kinds(&told)[..2], ["Message", "KeyRefused"]);
    assert_eq!(message_in(&told).ttl, ttl(30), "the host sees to it");
    assert_eq!(bob.open_view(RandomId(3), &mut env(rng)), Err(Unavailable::NotTimed.into()));
    // What has ended leaves room.
    bob.mark_read(&[RandomId(1)], &mut env(rng)).unwrap();
    outputs(&mut bob);
    assert_eq!(ends_at(&mut bob, 30 * SECOND, rng), [RandomId(1)]);
    assert!(bob.send(&text(ttl(30)), &mut env_at(30 * SECOND, rng)).is_ok());
}

#[test]
fn an_id_that_is_repeated_moves_no_timer() {
    let (mut forger, mut bob) = telegram::meet(PeerPolicy::Default);
    let rng = &mut Seeded::new(3);
    forger.give_next(&mut bob, &on_the_wire(7, 30, None));
    bob.mark_read(&[RandomId(7)], &mut env(rng)).unwrap();
    outputs(&mut bob);
    for other in [3_600, i32::MAX, 1] {
        let sealed = forger.say_next(&on_the_wire(7, other, None));
        bob.handle(ciphertext(&sealed), &mut env_at(SECOND, rng)).unwrap();
        assert_eq!(kinds(&outputs(&mut bob))[..2], ["Message", "KeyRefused"]);
        assert_eq!(bob.deadline(RandomId(7)), Some(at(30 * SECOND)), "{other}");
    }
    let again = text(ttl(5)).with_random_id(RandomId(7));
    assert_eq!(bob.send(&again, &mut env_at(SECOND, rng)), Err(ApiMisuse::RandomId.into()));
    assert_eq!(ends_at(&mut bob, 30 * SECOND, rng), [RandomId(7)]);
    assert_eq!(ends_at(&mut bob, YEAR, rng), []);
}

#[test]
fn a_draft_may_have_a_timer_of_its_own() {
    let Pair { mut alice, mut bob, mut rng } = Pair::ready();
    let rng = &mut rng;
    alice.set_ttl(ttl(30), &mut env(rng)).unwrap();
    gives(&outputs(&mut alice), &mut bob, 0, rng);
    for (own, carried) in [(Some(ttl(5)), 5), (None, 30), (Some(Ttl::OFF), 0), (None, 30)] {
        let (_, sent) = sends(&mut alice, &Draft::text("look").with_ttl(own), 0, rng);
        assert_eq!(message_in(&gives(&sent, &mut bob, 0, rng)).ttl, ttl(carried));
        assert_eq!((alice.ttl(), bob.ttl()), (ttl(30), ttl(30)));
    }
}

#[test]
fn br_32_thousands_that_end_at_once() {
    let (mut forger, mut bob) = telegram::meet(PeerPolicy::Default);
    let rng = &mut Seeded::new(3);
    let id = |i: i64| RandomId(i.wrapping_mul(0x1E37_79B9_7F4A_7C15) | 1);
    let timer = |i: i64| 5 + i32::try_from(i % 3).unwrap();
    for i in 0..4_096 {
        forger.give_next(&mut bob, &on_the_wire(id(i).0, timer(i), None));
        outputs(&mut bob);
    }
    forger.give_next(&mut bob, &on_the_wire(2, 5, None));
    assert!(kinds(&outputs(&mut bob)).contains(&"KeyRefused"), "one too many");
    let ids: Vec<_> = (0..4_096).map(id).collect();
    bob.mark_read(&ids, &mut env(rng)).unwrap();
    outputs(&mut bob);
    assert_eq!(bob.poll_timeout(), Some(at(SECOND)), "to tell the records the time (DES-12)");
    let mut due: Vec<_> = (0..4_096).map(|i| (timer(i), id(i).0)).collect();
    due.sort_unstable();
    due.dedup();
    assert_eq!(due.len(), 4_096);
    let due: Vec<_> = due.into_iter().map(|(_, id)| RandomId(id)).collect();
    assert_eq!(ends_at(&mut bob, YEAR, rng), due);
    assert_eq!(ends_at(&mut bob, 2 * YEAR, rng), []);
}

// SPEC ACT-2.
#[test]
fn ids_that_nobody_knows_have_no_timer() {
    let Pair { mut alice, mut bob, mut rng } = Pair::ready();
    let rng = &mut rng;
    let (own, sent) = sends(&mut alice, &text(ttl(30)), 0, rng);
    let (plain, more) = sends(&mut alice, &text(Ttl::OFF), 0, rng);
    gives(&sent, &mut bob, 0, rng);
    gives(&more, &mut bob, 0, rng);
    for id in [own, plain, RandomId(99)] {
        assert_eq!(alice.open_view(id, &mut env(rng)), Err(Unavailable::NotTimed.into()), "{id:?}");
        assert_eq!(alice.close_view(id, &mut env(rng)), Err(Unavailable::NotTimed), "{id:?}");
    }
    assert_eq!(bob.open_view(plain, &mut env(rng)), Err(Unavailable::NotTimed.into()));
    bob.mark_read(&[plain, RandomId(99)], &mut env(rng)).unwrap();
    let told = gives(&outputs(&mut bob), &mut alice, 0, rng);
    assert_eq!(read_by_peer(&told), [plain, RandomId(99)]);
    assert_eq!((expired(&told), ends_at(&mut alice, YEAR, rng)), (vec![], vec![]));
    assert_eq!(ends_at(&mut bob, YEAR, rng), []);
}
