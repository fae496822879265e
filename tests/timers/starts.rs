//! Public bug reports about self-destruct timers, one test each (SPEC DES-1 to DES-9): when a clock starts, and which
//! timer a message has. Their ends stand in `endings.rs`, extremes and view once in
//! `view_once.rs`.

use secretchat::{
    ChatState, Document, DocumentKind, Draft, Event, Media, Output, PeerPolicy, RandomId, Timestamp, Ttl, Unavailable,
};

use crate::support::pair::{self, Pair, at, env_at, outputs};
use crate::support::rng::Seeded;
use crate::support::telegram::{self, STORE_KEY, config};
use crate::support::timed::{
    self, Kept, SECOND, carried, ends_at, expired, gives, kinds, message_in, on_the_wire, opened, photo, read_by_peer,
    read_date, sends, telegram, telegram_photo, text, ttl,
};

const DAY: u64 = 24 * 3_600 * SECOND;

#[test]
fn br_31_a_text_starts_when_it_is_read() {
    // The dates of the exchange of keys, in a chat where nothing has a timer.
    let mut plain = Pair::ready();
    let (_, sent) = sends(&mut plain.alice, &text(Ttl::OFF), 0, &mut plain.rng);
    gives(&sent, &mut plain.bob, 0, &mut plain.rng);
    let of_keys = plain.bob.poll_timeout();
    assert!(of_keys.is_none_or(|date| date > at(DAY)));

    let Pair { mut alice, mut bob, mut rng } = Pair::ready();
    let rng = &mut rng;
    let (id, sent) = sends(&mut alice, &text(ttl(5)), 0, rng);
    let told = gives(&sent, &mut bob, 0, rng);
    assert_eq!((message_in(&told).ttl, &*message_in(&told).content.text), (ttl(5), "look"));
    assert_eq!(ends_at(&mut bob, 60 * SECOND, rng), []);
    assert_eq!((bob.poll_timeout(), bob.deadline(id)), (of_keys, None), "it has not started");
    bob.mark_read(&[id], &mut env_at(60 * SECOND, rng)).unwrap();
    for read_again in [false, true] {
        if read_again {
            bob.mark_read(&[id], &mut env_at(64 * SECOND, rng)).unwrap();
        }
        // The records are told the time a second after the last batch (DES-12).
        let asked = at(if read_again { 65 * SECOND } else { 61 * SECOND });
        assert_eq!((bob.poll_timeout(), bob.deadline(id)), (Some(asked), Some(at(65 * SECOND))));
    }
    outputs(&mut bob);
    assert_eq!(ends_at(&mut bob, 65 * SECOND - 1, rng), []);
    assert_eq!(ends_at(&mut bob, 65 * SECOND, rng), [id]);
    assert_eq!(bob.deadline(id), None);
    assert_eq!(ends_at(&mut bob, 66 * SECOND, rng), [], "once");
    assert!(bob.poll_timeout().is_none_or(|date| date > at(DAY)));
}

// SPEC DES-4, ACT-3: the user has read what came until then, and nothing that came later.
#[test]
fn a_date_that_was_read_starts_what_came_until_then() {
    let Pair { mut alice, mut bob, mut rng } = telegram();
    let rng = &mut rng;
    let ids = [SECOND, 2 * SECOND, 3 * SECOND].map(|millis| {
        let (id, sent) = sends(&mut alice, &text(ttl(100)), millis, rng);
        gives(&sent, &mut bob, millis, rng);
        id
    });
    let (own, _) = sends(&mut bob, &text(ttl(100)), SECOND, rng);
    bob.mark_read_up_to(at(2 * SECOND), &mut env_at(10 * SECOND, rng)).unwrap();
    assert_eq!(kinds(&outputs(&mut bob)), ["Persist", "Transmit"]);
    let ends = Some(at(110 * SECOND));
    assert_eq!(ids.map(|id| bob.deadline(id)), [ends, ends, None]);
    assert_eq!(bob.deadline(own), None);
}

#[test]
fn br_31_a_photo_starts_when_it_is_opened() {
    let Pair { mut alice, mut bob, mut rng } = Pair::ready();
    let rng = &mut rng;
    let (id, sent) = sends(&mut alice, &photo(ttl(30)), 0, rng);
    let told = gives(&sent, &mut bob, 0, rng);
    let Some(Media::Photo(shown)) = &message_in(&told).content.media else { panic!("{told:?}") };
    assert!(shown.key.is_none() && shown.thumbnail.is_none());
    assert_eq!((shown.width, shown.height, shown.size), (90, 60, 1000));

    let before = bob.poll_timeout();
    bob.mark_read(&[id], &mut env_at(SECOND, rng)).unwrap();
    assert!(outputs(&mut bob).is_empty(), "looking at a preview is not opening");
    assert_eq!((bob.poll_timeout(), bob.deadline(id)), (before, None));

    bob.open_view(id, &mut env_at(10 * SECOND, rng)).unwrap();
    let group = outputs(&mut bob);
    assert_eq!(kinds(&group), ["Persist", "Opened", "Transmit"]);
    assert_eq!(opened(&group), (id, true, at(40 * SECOND)));
    assert_eq!(read_by_peer(&gives(&group, &mut alice, 10 * SECOND, rng)), [id]);

    bob.open_view(id, &mut env_at(20 * SECOND, rng)).unwrap();
    let again = outputs(&mut bob);
    assert_eq!(opened(&again), (id, true, at(40 * SECOND)));
    assert!(!kinds(&again).contains(&"Transmit"), "the peer was told: {again:?}");
    assert_eq!(
        bob.open_view(id, &mut env_at(40 * SECOND, rng)),
        Err(Unavailable::Expired.into()),
        "before it is polled"
    );
    assert!(outputs(&mut bob).is_empty());
    assert_eq!(ends_at(&mut bob, 40 * SECOND, rng), [id]);
    assert_eq!(bob.open_view(id, &mut env_at(40 * SECOND, rng)), Err(Unavailable::NotTimed.into()));
}

#[test]
fn br_31_what_plays_plays_to_its_end() {
    let Pair { mut alice, mut bob, mut rng } = Pair::ready();
    let rng = &mut rng;
    let kind = DocumentKind::video(20, 90, 60);
    let key = timed::file_key();
    let video = Document::new("video/mp4", 1000, key).with_kind(kind);
    let draft = Draft::media(Media::Document(video), "").with_ttl(ttl(5));
    let (id, sent) = sends(&mut alice, &draft, 0, rng);
    gives(&sent, &mut bob, 0, rng);
    bob.open_view(id, &mut env_at(SECOND, rng)).unwrap();
    let view = outputs(&mut bob);
    assert_eq!(opened(&view), (id, true, at(22 * SECOND)));
    gives(&view, &mut alice, 3 * SECOND, rng);
    assert_eq!(alice.deadline(id), Some(at(24 * SECOND)), "the sender's copy, too");
    assert_eq!(ends_at(&mut bob, 22 * SECOND - 1, rng), []);
    assert_eq!(ends_at(&mut bob, 22 * SECOND, rng), [id]);
}

#[test]
fn br_31_the_senders_copy_by_the_peers_word() {
    let Pair { mut alice, mut bob, mut rng } = Pair::ready();
    let rng = &mut rng;
    let (id, sent) = sends(&mut alice, &text(ttl(30)), 0, rng);
    gives(&sent, &mut bob, 0, rng);
    bob.mark_read(&[id], &mut env_at(45 * SECOND, rng)).unwrap();
    let word = outputs(&mut bob);
    assert_eq!(alice.deadline(id), None);
    gives(&word, &mut alice, 50 * SECOND, rng);
    assert_eq!(ends_at(&mut alice, 80 * SECOND - 1, rng), []);
    assert_eq!(ends_at(&mut alice, 80 * SECOND, rng), [id]);
    assert_eq!(ends_at(&mut alice, 81 * SECOND, rng), []);
}

#[test]
fn br_31_the_senders_copy_by_the_servers_word() {
    for (date, end) in [
        (Some(at(40 * SECOND)), 70),
        // Not before it was sealed, not after the call.
        (Some(Timestamp::from_millis(0)), 40),
        (Some(at(9_000 * SECOND)), 80),
        (None, 80),
    ] {
        let Pair { mut alice, mut rng, .. } = telegram();
        let rng = &mut rng;
        let (id, sent) = sends(&mut alice, &text(ttl(30)), 10 * SECOND, rng);
        read_date(&mut alice, 40 * SECOND, date, 11 * SECOND, rng);
        assert_eq!(alice.deadline(id), None, "nobody has it yet");
        carried(&mut alice, &sent, 10 * SECOND, 12 * SECOND, rng);
        outputs(&mut alice);
        read_date(&mut alice, 9 * SECOND, date, 13 * SECOND, rng);
        assert_eq!(alice.deadline(id), None, "what was sent before it");
        let told = read_date(&mut alice, 40 * SECOND, date, 50 * SECOND, rng);
        let over_at_once = end * SECOND <= 50 * SECOND;
        assert_eq!(expired(&told), if over_at_once { vec![id] } else { vec![] });
        if !over_at_once {
            assert_eq!(alice.deadline(id), Some(at(end * SECOND)), "{date:?}");
            assert_eq!(ends_at(&mut alice, end * SECOND - 1, rng), []);
            assert_eq!(ends_at(&mut alice, end * SECOND, rng), [id]);
        }
    }
}

// A read date says nothing about what is hidden until it is opened.
#[test]
fn br_31_a_hidden_photo_of_ours_waits_for_the_peers_word() {
    let Pair { mut alice, mut bob, mut rng } = telegram();
    let rng = &mut rng;
    let (id, sent) = sends(&mut alice, &telegram_photo(ttl(30)), 0, rng);
    carried(&mut alice, &sent, 0, 0, rng);
    outputs(&mut alice);
    gives(&sent, &mut bob, 0, rng);
    read_date(&mut alice, 20 * SECOND, None, 20 * SECOND, rng);
    assert_eq!(alice.deadline(id), None);
    bob.open_view(id, &mut env_at(25 * SECOND, rng)).unwrap();
    gives(&outputs(&mut bob), &mut alice, 26 * SECOND, rng);
    assert_eq!(alice.deadline(id), Some(at(56 * SECOND)));
}

// The server's answer to a message may come after the peer's, and then tells nothing new.
#[test]
fn br_31_an_answer_that_overtakes_the_servers() {
    let Pair { mut alice, mut bob, mut rng } = telegram();
    let rng = &mut rng;
    let (id, sent) = sends(&mut alice, &text(ttl(30)), 10 * SECOND, rng);
    gives(&sent, &mut bob, 11 * SECOND, rng);
    let (_, answer) = sends(&mut bob, &text(Ttl::OFF), 12 * SECOND, rng);
    gives(&answer, &mut alice, 12 * SECOND, rng);
    read_date(&mut alice, 40 * SECOND, Some(at(40 * SECOND)), 50 * SECOND, rng);
    assert_eq!(alice.deadline(id), Some(at(70 * SECOND)));
}

#[test]
fn br_31_restarts_and_steps_of_the_clock() {
    let (mut forger, bob, batches) = telegram::meet_as(config(PeerPolicy::Default));
    let mut bob = Kept::new(bob, &batches, STORE_KEY);
    let rng = &mut Seeded::new(8);
    forger.give_next(&mut bob.chat, &on_the_wire(7, 30, None));
    bob.outputs();
    bob.restart(5 * SECOND, rng);
    bob.chat.mark_read(&[RandomId(7)], &mut env_at(10 * SECOND, rng)).unwrap();
    bob.outputs();
    // Ten seconds off count.
    bob.restart(20 * SECOND, rng);
    assert_eq!(bob.chat.deadline(RandomId(7)), Some(at(40 * SECOND)));
    // The clock is set back: what has passed has passed, the rest is still to come.
    bob.chat.handle_timeout(&mut env_at(4 * SECOND, rng));
    assert_eq!(bob.chat.deadline(RandomId(7)), Some(at(24 * SECOND)));
    bob.chat.mark_read(&[RandomId(7)], &mut env_at(14 * SECOND, rng)).unwrap();
    bob.outputs();
    assert_eq!(bob.chat.deadline(RandomId(7)), Some(at(24 * SECOND)), "read twice");
    assert_eq!(ends_at(&mut bob.chat, 24 * SECOND - 1, rng), []);
    // It falls due while the host is off, and is told once the host asks.
    bob.restart(9_000 * SECOND, rng);
    assert_eq!(bob.chat.deadline(RandomId(7)), None, "over, polled or not");
    assert!(bob.chat.poll_timeout().is_some_and(|date| date <= at(9_000 * SECOND)));
    bob.chat.handle_timeout(&mut env_at(9_000 * SECOND, rng));
    assert_eq!(expired(&bob.outputs()), [RandomId(7)]);
    assert_eq!(bob.timed(), []);
    bob.restart(9_001 * SECOND, rng);
    assert_eq!(ends_at(&mut bob.chat, 9_999 * SECOND, rng), [], "not again");
}

#[test]
fn br_33_each_message_keeps_its_timer() {
    let Pair { mut alice, mut bob, mut rng } = Pair::ready();
    let rng = &mut rng;
    // Bob's text without a timer crosses Alice's timer.
    let (crossing, on_its_way) = sends(&mut bob, &Draft::text("crossing"), 0, rng);
    let (mut ids, mut sealed) = (vec![], vec![]);
    for seconds in [30, 0, 10] {
        alice.set_ttl(ttl(seconds), &mut env_at(0, rng)).unwrap();
        sealed.extend(timed::sealed_in(&outputs(&mut alice)));
        let (id, sent) = sends(&mut alice, &Draft::text("between"), 0, rng);
        ids.push(id);
        sealed.extend(timed::sealed_in(&sent));
    }
    let told = gives(&on_its_way, &mut alice, SECOND, rng);
    assert_eq!((message_in(&told).random_id, message_in(&told).ttl), (crossing, Ttl::OFF));
    // The first comes last.
    for bytes in sealed[1..].iter().chain(&sealed[..1]) {
        bob.handle(pair::ciphertext(bytes), &mut env_at(SECOND, rng)).unwrap();
    }
    let told = outputs(&mut bob);
    let timers: Vec<i32> = told
        .iter()
        .filter_map(|output| match output {
            Output::Event(Event::Message(message)) => Some(message.ttl.to_wire()),
            Output::Event(Event::TtlChanged { ttl, .. }) => Some(-ttl.to_wire()),
            _ => None,
        })
        .collect();
    assert_eq!(timers, [-30, 30, 0, 0, -10, 10], "each setting as its negative, then the text under it");
    bob.mark_read(&ids, &mut env_at(2 * SECOND, rng)).unwrap();
    outputs(&mut bob);
    assert_eq!(ends_at(&mut bob, 12 * SECOND, rng), [ids[2]]);
    assert_eq!(ends_at(&mut bob, 32 * SECOND, rng), [ids[0]]);
    assert_eq!(ends_at(&mut bob, DAY, rng), []);
}

#[test]
fn br_33_timers_that_cross() {
    let crossed = |told: &[Output]| {
        told.iter().find_map(|output| match output {
            Output::Event(Event::TtlChanged { ttl, crossed, .. }) => Some((ttl.to_wire(), *crossed)),
            _ => None,
        })
    };
    for in_telegram in [false, true] {
        let Pair { mut alice, mut bob, mut rng } = if in_telegram { telegram() } else { Pair::ready() };
        let rng = &mut rng;
        alice.set_ttl(ttl(30), &mut env_at(0, rng)).unwrap();
        bob.set_ttl(ttl(10), &mut env_at(0, rng)).unwrap();
        let (of_alice, of_bob) = (outputs(&mut alice), outputs(&mut bob));
        let at_bob = crossed(&gives(&of_alice, &mut bob, SECOND, rng));
        let at_alice = crossed(&gives(&of_bob, &mut alice, SECOND, rng));
        // Telegram's apps take what they hear last; here the initiator's holds.
        let at_alices_end = if in_telegram { 10 } else { 30 };
        assert_eq!((at_alice, at_bob), (Some((at_alices_end, true)), Some((30, true))));
        assert_eq!((alice.ttl(), bob.ttl()), (ttl(at_alices_end.unsigned_abs()), ttl(30)));
        // What follows has been heard of.
        bob.set_ttl(ttl(20), &mut env_at(2 * SECOND, rng)).unwrap();
        assert_eq!(crossed(&gives(&outputs(&mut bob), &mut alice, 2 * SECOND, rng)), Some((20, false)));
        assert_eq!((alice.ttl(), bob.ttl(), alice.state()), (ttl(20), ttl(20), ChatState::Ready));
    }
}
