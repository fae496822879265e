//! Public bug reports about self-destruct timers: extreme values, view once, long timers on media (BR-35; SPEC DES-3 to
//! DES-7, TIME-2).

use secretchat::hazmat::wire::{
    ActionSetMessageTTL, Bytes, DecryptedMessage, DecryptedMessageAction, DecryptedMessageMedia, MediaPhoto45,
};
use secretchat::store::Store;
use secretchat::{ApiMisuse, Config, Event, Media, Output, PeerPolicy, RandomId, RecordName, Ttl, Unavailable};

use crate::support::forger::{Forger, service};
use crate::support::pair::{Pair, at, env, env_at, events, outputs};
use crate::support::rng::Seeded;
use crate::support::telegram::{self, STORE_KEY, config};
use crate::support::timed::{
    self, Kept, SECOND, ends_at, expired, gives, kinds, message_in, on_the_wire, opened, photo, sends, telegram_photo,
    text, ttl,
};
use crate::support::twin;

const YEAR: u64 = 365 * 24 * 3_600 * SECOND;
const ID: RandomId = RandomId(7);

/// A message of the peer as it lies on the wire, with any timer.
fn says(ttl: i32, with_photo: bool) -> Vec<u8> {
    let photo = MediaPhoto45 {
        thumb: Bytes::new(&timed::PREVIEW).unwrap(),
        thumb_w: 9,
        thumb_h: 6,
        w: 90,
        h: 60,
        size: 1000,
        key: Bytes::new(&timed::FILE_KEY).unwrap(),
        iv: Bytes::new(&timed::FILE_IV).unwrap(),
        caption: Bytes::new(b"").unwrap(),
    };
    on_the_wire(ID.0, ttl, with_photo.then_some(DecryptedMessageMedia::Photo45(photo)))
}

fn sets(ttl_seconds: i32) -> Vec<u8> {
    service(DecryptedMessageAction::SetMessageTTL(ActionSetMessageTTL { ttl_seconds }))
}

/// A chat that keeps records, and the peer that may say anything.
fn kept() -> (Forger, Kept) {
    let (forger, bob, batches) = telegram::meet_as(config(PeerPolicy::Default));
    (forger, Kept::new(bob, &batches, STORE_KEY))
}

#[test]
fn br_35_extreme_timers_have_a_meaning() {
    for (wire, life, hidden) in [
        (i32::MIN, None, false),
        (-1, None, false),
        (0, None, false),
        (1, Some(SECOND), true),
        (60, Some(60 * SECOND), true),
        (61, Some(61 * SECOND), false),
        (604_800, Some(604_800 * SECOND), false),
        (31_536_000, Some(YEAR), false),
        (31_536_001, Some(YEAR), false),
        (i32::MAX - 1, Some(YEAR), false),
        // View once: the limit of a view, by default.
        (i32::MAX, Some(300 * SECOND), true),
    ] {
        for with_photo in [false, true] {
            let (mut forger, mut bob) = telegram::meet(PeerPolicy::Default);
            let rng = &mut Seeded::new(3);
            forger.give_next(&mut bob, &says(wire, with_photo));
            let told = outputs(&mut bob);
            let message = message_in(&told);
            let is_hidden = hidden && (with_photo || wire == i32::MAX);
            assert_eq!(message.content.rights.is_hidden_until_opened(), is_hidden, "{wire} {with_photo}");
            if let Some(Media::Photo(photo)) = &message.content.media {
                assert_eq!((photo.key.is_some(), photo.thumbnail.is_some()), (life.is_none(), !is_hidden), "{wire}");
            }
            let view = bob.open_view(ID, &mut env_at(SECOND, rng));
            let Some(life) = life else {
                assert_eq!(view, Err(Unavailable::NotTimed.into()), "{wire}");
                assert_eq!(ends_at(&mut bob, 9 * YEAR, rng), []);
                continue;
            };
            assert_eq!(opened(&outputs(&mut bob)), (ID, with_photo, at(SECOND + life)), "{wire}");
            assert_eq!(ends_at(&mut bob, SECOND + life - 1, rng), [], "{wire}");
            assert_eq!(ends_at(&mut bob, SECOND + life, rng), [ID], "{wire}");
        }
        let (mut forger, mut bob) = telegram::meet(PeerPolicy::Default);
        forger.give_next(&mut bob, &sets(wire));
        let told = events(&mut bob);
        let seconds = match wire {
            ..=0 => 0,
            // Its host has not chosen view once: the shortest timer that every app honours (SPEC DES-1).
            i32::MAX => 1,
            seconds => seconds.min(31_536_000),
        };
        assert!(
            matches!(told[..], [Event::TtlChanged { ttl, crossed: false, .. }] if ttl.to_wire() == seconds),
            "{told:?}"
        );
        assert_eq!(bob.counters().received, 1, "its slot is used");
    }
}

#[test]
fn br_35_view_once_is_one_view() {
    for is_closed in [false, true] {
        let Pair { mut alice, mut bob, mut rng } = Pair::ready();
        let rng = &mut rng;
        let (id, sent) = sends(&mut alice, &photo(Ttl::VIEW_ONCE), 0, rng);
        gives(&sent, &mut bob, 0, rng);
        bob.close_view(id, &mut env(rng)).unwrap();
        bob.mark_read(&[id], &mut env(rng)).unwrap();
        assert!(outputs(&mut bob).is_empty(), "nothing was open");
        bob.open_view(id, &mut env(rng)).unwrap();
        let view = outputs(&mut bob);
        assert_eq!(kinds(&view), ["Persist", "Opened"], "the peer is not told");
        assert_eq!(opened(&view), (id, true, at(300 * SECOND)));
        assert_eq!(bob.open_view(id, &mut env_at(SECOND, rng)), Err(Unavailable::Expired.into()));
        bob.mark_read(&[id], &mut env_at(SECOND, rng)).unwrap();
        assert!(outputs(&mut bob).is_empty(), "nor when it is named");
        if is_closed {
            bob.close_view(id, &mut env_at(2 * SECOND, rng)).unwrap();
            assert_eq!(expired(&outputs(&mut bob)), [id]);
            assert_eq!(bob.close_view(id, &mut env_at(2 * SECOND, rng)), Err(Unavailable::NotTimed));
        } else {
            assert_eq!(ends_at(&mut bob, 300 * SECOND - 1, rng), []);
            assert_eq!(ends_at(&mut bob, 300 * SECOND, rng), [id]);
        }
        assert_eq!(ends_at(&mut bob, YEAR, rng), []);
    }
}

#[test]
fn br_35_view_once_fails_closed() {
    let (mut forger, mut bob) = kept();
    let rng = &mut Seeded::new(3);
    forger.give_next(&mut bob.chat, &says(i32::MAX, true));
    let length_in = |outputs: &[Output]| {
        let put = outputs.iter().find_map(|output| match output {
            Output::Persist(batch) => batch.put.iter().find(|(name, _)| *name == RecordName::Timed(ID)),
            _ => None,
        });
        put.unwrap().1.len()
    };
    let with_key = length_in(&bob.outputs());
    // A restart before the view loses nothing.
    bob.restart(0, rng);
    bob.chat.open_view(ID, &mut env_at(SECOND, rng)).unwrap();
    let Some(Output::Persist(batch)) = bob.chat.poll_output() else { panic!("the batch comes first") };
    bob.store.apply(&batch).unwrap();
    let without = length_in(&[Output::Persist(batch)]);
    assert!(without + 64 + timed::PREVIEW.len() <= with_key, "key, iv and preview have left the record: {without}");
    // The process dies before it has the lease.
    bob.restart(2 * SECOND, rng);
    assert_eq!(bob.chat.open_view(ID, &mut env_at(2 * SECOND, rng)), Err(Unavailable::Expired.into()));
    assert!(bob.outputs().is_empty());
    assert_eq!(bob.timed(), [ID]);
    // It would end 300 s after it was opened. The restart came one second later and counts for the lag, an eighth of what
    // remained: 37.5 s (SPEC DES-12).
    let end = 301 * SECOND - (37_500 - SECOND);
    bob.chat.handle_timeout(&mut env_at(end - 1, rng));
    assert_eq!(expired(&bob.outputs()), []);
    bob.chat.handle_timeout(&mut env_at(end, rng));
    assert_eq!(expired(&bob.outputs()), [ID]);
    assert_eq!(bob.timed(), []);
}

#[test]
fn br_35_view_once_in_telegram_is_an_explicit_choice() {
    let rng = &mut Seeded::new(3);
    twin::unchanged(|twin| {
        let (_, mut bob) = telegram::meet(PeerPolicy::Default);
        twin.bad(&mut bob, |bob, env| {
            assert_eq!(bob.set_ttl(Ttl::VIEW_ONCE, env), Err(ApiMisuse::ViewOnce.into()));
            assert_eq!(bob.send(&telegram_photo(Ttl::VIEW_ONCE), env), Err(ApiMisuse::ViewOnce.into()));
            let album = [telegram_photo(ttl(1)), telegram_photo(Ttl::VIEW_ONCE)];
            assert_eq!(bob.send_album(&album, env), Err(ApiMisuse::ViewOnce.into()));
        });
        twin.compare(&mut bob);
    });

    let (mut forger, bob, batches) = telegram::meet_as(config(PeerPolicy::Default).map(Config::with_view_once));
    let mut bob = Kept::new(bob, &batches, STORE_KEY);
    bob.restart(0, rng);
    let (_, sent) = sends(&mut bob.chat, &telegram_photo(Ttl::VIEW_ONCE), 0, rng);
    let sealed = timed::sealed_in(&sent).pop().unwrap();
    let DecryptedMessage::Message73(message) = forger.read(&sealed).message else { panic!("a message") };
    assert_eq!(message.ttl, i32::MAX);
    assert_eq!(bob.chat.set_ttl(Ttl::VIEW_ONCE, &mut env(rng)), Ok(()));
}

#[test]
fn br_35_a_peer_that_sets_view_once_silences_nobody() {
    let (mut forger, mut bob) = telegram::meet(PeerPolicy::Default);
    forger.give_next(&mut bob, &sets(i32::MAX));
    // Not view once, which this host has not chosen (SPEC DES-1).
    assert_eq!(bob.ttl(), Ttl::from_seconds(1).unwrap());
    outputs(&mut bob);
    let sealed = forger.lets_send(&mut bob, "still here");
    let DecryptedMessage::Message73(message) = forger.read(&sealed).message else { panic!("a message") };
    assert_eq!((message.ttl, message.message.as_slice()), (1, &b"still here"[..]));
}

#[test]
fn br_35_long_timers_still_end() {
    for seconds in [61, 604_800] {
        let Pair { mut alice, mut bob, mut rng } = Pair::ready();
        let rng = &mut rng;
        let end = u64::from(seconds) * SECOND;
        let (id, sent) = sends(&mut alice, &photo(ttl(seconds)), 0, rng);
        let told = gives(&sent, &mut bob, 0, rng);
        let Some(Media::Photo(shown)) = &message_in(&told).content.media else { panic!("{told:?}") };
        assert!(shown.key.is_none() && shown.thumbnail.is_some(), "not hidden, and still the chat's to open");
        bob.mark_read(&[id], &mut env(rng)).unwrap();
        let group = outputs(&mut bob);
        assert_eq!(kinds(&group), ["Persist", "Transmit"]);
        gives(&group, &mut alice, 0, rng);
        assert_eq!((bob.deadline(id), alice.deadline(id)), (Some(at(end)), Some(at(end))));
        for millis in [SECOND, end - 1] {
            bob.open_view(id, &mut env_at(millis, rng)).unwrap();
            assert_eq!(opened(&outputs(&mut bob)), (id, true, at(end)));
            bob.close_view(id, &mut env_at(millis, rng)).unwrap();
        }
        assert_eq!(bob.open_view(id, &mut env_at(end, rng)), Err(Unavailable::Expired.into()));
        assert_eq!((ends_at(&mut bob, end, rng), ends_at(&mut alice, end, rng)), (vec![id], vec![id]));
    }
    // A text has nothing to lend.
    let Pair { mut alice, mut bob, mut rng } = Pair::ready();
    let (id, sent) = sends(&mut alice, &text(ttl(61)), 0, &mut rng);
    gives(&sent, &mut bob, 0, &mut rng);
    bob.open_view(id, &mut env_at(SECOND, &mut rng)).unwrap();
    assert_eq!(opened(&outputs(&mut bob)), (id, false, at(62 * SECOND)));
}
