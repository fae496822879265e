//! Reading, deleting, flushing, screenshots, typing and albums, from one whole chat to the other (SPEC ACT-1, SEQ-8).

use secretchat::media::{MediaKey, SegmentKey};
use secretchat::{
    ApiMisuse, CallError, Document, Draft, Event, Handled, IncomingFile, Input, Limits, Media, Message, Notice, Output,
    Photo, RandomId, SeqNo, Timestamp, TransmitId, TransmitKind, Ttl, TypingAction, Unavailable, rng_from_fn,
};

use crate::support::pair::{self, Pair, env};
use crate::support::twin;

/// Gives everything that Alice wants carried to Bob, and returns what he is told, acknowledgements aside.
fn pass(pair: &mut Pair) -> Vec<Event> {
    for sealed in pair::all_sealed(&mut pair.alice) {
        assert_eq!(pair.bob_gets(&sealed), Ok(Handled::Applied));
    }
    pair::events(&mut pair.bob)
}

#[test]
fn each_action_arrives_with_its_ids() {
    let ids = [RandomId(1), RandomId(-2), RandomId(i64::MAX)];
    let mut pair = Pair::ready();
    pair.alice.mark_read(&ids, &mut env(&mut pair.rng)).unwrap();
    pair.alice.delete(&ids, &mut env(&mut pair.rng)).unwrap();
    pair.alice.report_screenshot(&ids, &mut env(&mut pair.rng)).unwrap();
    pair.alice.report_screenshot(&[], &mut env(&mut pair.rng)).unwrap();
    pair.alice.typing(TypingAction::UploadRound, &mut env(&mut pair.rng)).unwrap();
    pair.alice.flush_history(&mut env(&mut pair.rng)).unwrap();
    let told = pass(&mut pair);
    let [read, deleted, some, all, typing, flushed] = &told[..] else { panic!("{told:?}") };
    assert!(matches!(read, Event::ReadByPeer { random_ids, .. } if *random_ids == ids));
    assert!(matches!(deleted, Event::Deleted { random_ids, .. } if *random_ids == ids));
    assert!(matches!(some, Event::Screenshot { random_ids, .. } if *random_ids == ids));
    assert!(matches!(all, Event::Screenshot { random_ids, .. } if random_ids.is_empty()));
    assert!(matches!(typing, Event::Typing { action: TypingAction::UploadRound, .. }));
    assert!(matches!(flushed, Event::HistoryFlushed));
}

#[test]
fn no_ids_are_nothing_to_say() {
    twin::unchanged(|twin| {
        let mut pair = Pair::ready();
        twin.idle(&mut pair.alice, |alice, env| {
            assert_eq!(alice.mark_read(&[], env), Ok(Notice::Nothing));
            assert_eq!(alice.delete(&[], env), Ok(Notice::Nothing));
        });
        twin.bad(&mut pair.alice, |alice, env| {
            let too_many = (1..=100_000).map(RandomId).collect::<Vec<_>>();
            assert_eq!(alice.delete(&too_many, env), Err(ApiMisuse::MessageTooLong.into()));
        });
        twin.compare(&mut pair.alice);
    });
}

/// Alice's messages by slot, as she would send them again.
fn outbox(pair: &mut Pair) -> Vec<(RandomId, Vec<u8>, bool)> {
    pair.alice.retransmit(&mut env(&mut pair.rng));
    pair::outputs(&mut pair.alice)
        .into_iter()
        .filter_map(|output| match output {
            Output::Transmit(transmit) => match transmit.kind {
                TransmitKind::Ciphertext { random_id, bytes, silent, .. } => Some((random_id, bytes, silent)),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

#[test]
fn what_is_deleted_before_it_was_acknowledged_is_replaced_once_by_an_empty_message() {
    let mut pair = Pair::ready();
    let one = pair.alice.send(&Draft::text("one"), &mut env(&mut pair.rng)).unwrap();
    pair.alice.send(&Draft::text("two"), &mut env(&mut pair.rng)).unwrap();
    pair::outputs(&mut pair.alice);
    let before = outbox(&mut pair);
    pair.alice.delete(&[one, RandomId(99)], &mut env(&mut pair.rng)).unwrap();
    pair::outputs(&mut pair.alice);
    let after = outbox(&mut pair);
    assert_eq!(after[2], before[2], "two is as it was");
    let (id, replaced, silent) = &after[1];
    assert_eq!((*id, *silent), (one, true));
    assert_ne!(*replaced, before[1].1);
    assert_eq!(after.len(), before.len() + 1, "and the deletion itself");

    pair.alice.delete(&[one], &mut env(&mut pair.rng)).unwrap();
    pair::outputs(&mut pair.alice);
    assert_eq!(outbox(&mut pair)[1], after[1], "not a third ciphertext");

    // Whichever of the two reaches Bob first takes the slot; here it is the empty one.
    for (_, sealed, _) in outbox(&mut pair).into_iter().skip(1) {
        pair.bob_gets(&sealed).unwrap();
    }
    assert_eq!(pair.bob_gets(&before[1].1), Ok(Handled::Duplicate));
    let told = pair::outputs(&mut pair.bob);
    let texts: Vec<&str> = told
        .iter()
        .filter_map(|output| {
            if let Output::Event(Event::Message(message)) = output { Some(&*message.content.text) } else { None }
        })
        .collect();
    assert_eq!(texts, ["two"]);
    assert!(matches!(&told[0], Output::Event(Event::Deleted { random_ids, .. }) if *random_ids == [one]));
}

/// The slots of what Alice sends again now.
fn repeated(pair: &mut Pair) -> Vec<u32> {
    pair.alice.retransmit(&mut env(&mut pair.rng));
    let outputs = pair::outputs(&mut pair.alice).into_iter();
    let transmits = outputs.filter_map(|output| if let Output::Transmit(it) = output { it.id.slot() } else { None });
    transmits.map(SeqNo::get).collect()
}

// SPEC SEQ-8, OUT-4: who forges its receipt does not leave a gap at the peer.
#[test]
fn an_empty_message_in_place_of_a_text_comes_again_until_the_peer_acknowledges_it() {
    let mut pair = Pair::ready();
    let slot = pair.alice.counters().sent;
    let one = pair.alice.send(&Draft::text("one"), &mut env(&mut pair.rng)).unwrap();
    pair.alice.delete(&[one], &mut env(&mut pair.rng)).unwrap();
    for id in (0..=slot + 1).map(|slot| TransmitId(16 + u64::from(slot))) {
        pair.alice.handle(Input::carried(id, None), &mut env(&mut pair.rng)).unwrap();
    }
    pair::outputs(&mut pair.alice);
    assert_eq!(repeated(&mut pair), [0; 0], "all rest for a round");
    assert!(repeated(&mut pair).contains(&slot));
}

// SPEC SEQ-8, OUT-4: a Noop says nothing that the peer has to have.
#[test]
fn an_empty_message_in_place_of_an_action_does_not_come_again() {
    let mut pair = Pair::ready();
    let (slot, env) = (pair.alice.counters().sent, &mut env(&mut pair.rng));
    pair.alice.typing(TypingAction::UploadRound, env).unwrap();
    let id = TransmitId(16 + u64::from(slot));
    assert_eq!(pair.alice.handle(Input::refused_for_good(id), env), Ok(Handled::Applied));
    pair.alice.handle(Input::carried(id, None), env).unwrap();
    pair::outputs(&mut pair.alice);
    for _ in 0..4 {
        assert!(!repeated(&mut pair).contains(&slot));
    }
}

#[test]
fn a_peer_that_deletes_or_flushes_destroys_what_it_has_not_acknowledged() {
    for flush in [false, true] {
        let mut pair = Pair::ready();
        let one = pair.alice.send(&Draft::text("one"), &mut env(&mut pair.rng)).unwrap();
        pair.alice.send(&Draft::text("two"), &mut env(&mut pair.rng)).unwrap();
        pair::outputs(&mut pair.alice);
        let before = outbox(&mut pair);
        if flush {
            pair.bob.flush_history(&mut env(&mut pair.rng)).unwrap();
        } else {
            pair.bob.delete(&[one], &mut env(&mut pair.rng)).unwrap();
        }
        let sealed = pair::sealed(&mut pair.bob);
        assert_eq!(pair.alice.handle(pair::ciphertext(&sealed), &mut env(&mut pair.rng)), Ok(Handled::Applied));
        pair::outputs(&mut pair.alice);
        let after = outbox(&mut pair);
        // Bob has acknowledged the notice of the layer, so Alice's texts come first now.
        assert_eq!(after.len(), 2);
        assert_ne!(after[0], before[1]);
        assert_eq!(after[1] == before[2], !flush);
        for (_, sealed, _) in after {
            assert_eq!(pair.bob_gets(&sealed), Ok(Handled::Applied));
        }
    }
}

fn album(items: usize) -> Vec<Draft> {
    let key = || SegmentKey::from_parts([1; 32], [2; 32]);
    (0..items)
        .map(|item| {
            let media = if item % 2 == 0 {
                Media::Photo(Photo::new(1, 1, 9, key()))
            } else {
                Media::Document(Document::new("image/png", 9, key()))
            };
            Draft::media(media, format!("item {item}"))
        })
        .collect()
}

#[test]
fn an_album_arrives_in_order_under_one_id() {
    let mut pair = Pair::ready();
    let random_ids = pair.alice.send_album(&album(10), &mut env(&mut pair.rng)).unwrap();
    let messages: Vec<Box<Message>> = pass(&mut pair)
        .into_iter()
        .filter_map(|event| if let Event::Message(message) = event { Some(message) } else { None })
        .collect();
    assert_eq!(messages.iter().map(|message| message.random_id).collect::<Vec<_>>(), random_ids);
    assert_eq!(messages[3].content.text, "item 3");
    let id = messages[0].grouped_id.unwrap();
    assert!(id.0 > 0 && messages.iter().all(|message| message.grouped_id == Some(id)));
    assert!(random_ids.windows(2).all(|two| two[0] != two[1]));
}

// SPEC MSG-7, RNG-4: positive and of all drawn bits, so that no two albums have the same.
#[test]
fn the_id_of_an_album_is_what_was_drawn_without_its_sign() {
    for (drawn, id) in [(5_i64, 5), (-5, i64::MAX - 4), (i64::MIN, 1)] {
        let mut pair = Pair::ready();
        // All draws of eight bytes: two ids of messages, which the drafts have already, and that of the album.
        let drafts: Vec<Draft> =
            album(2).into_iter().zip(1..).map(|(draft, id)| draft.with_random_id(RandomId(id))).collect();
        let mut rng = rng_from_fn(|to: &mut [u8]| match to.first_chunk_mut() {
            Some(to) => *to = drawn.to_le_bytes(),
            None => to.fill(1),
        });
        pair.alice.send_album(&drafts, &mut env(&mut rng)).unwrap();
        let told = pass(&mut pair);
        let ids: Vec<_> = told
            .iter()
            .map(|event| if let Event::Message(message) = event { message.grouped_id.unwrap().0 } else { 0 })
            .collect();
        assert_eq!(ids, [id, id], "{drawn}");
    }
}

// SPEC MSG-7.
#[test]
fn an_album_is_sent_as_a_whole_or_not_at_all() {
    let mut limits = Limits::default();
    limits.outbox_messages = 6;
    let mut one_wrong = album(3);
    one_wrong[2] = Draft::text("no medium");
    let mut twice = album(3);
    twice[0].random_id = Some(RandomId(5));
    twice[2].random_id = Some(RandomId(5));
    for (drafts, error) in [
        (album(0), CallError::from(ApiMisuse::AlbumSize)),
        (album(1), ApiMisuse::AlbumSize.into()),
        (album(11), ApiMisuse::AlbumSize.into()),
        (one_wrong, ApiMisuse::AlbumMedia.into()),
        (twice, ApiMisuse::RandomId.into()),
        // The notice of the layer and six more are one too many.
        (album(6), Unavailable::OutboxFull.into()),
    ] {
        twin::unchanged(|twin| {
            let mut pair = Pair::ready_with_limits(limits);
            twin.bad(&mut pair.alice, |alice, env| assert_eq!(alice.send_album(&drafts, env), Err(error)));
            assert!(pair.alice.send_album(&album(5), &mut env(&mut pair.rng)).is_ok());
            twin.compare(&mut pair.alice);
        });
    }
}

#[test]
fn a_timer_is_announced_and_carried_by_what_is_sent_from_then_on() {
    let mut pair = Pair::ready();
    pair.alice.send(&Draft::text("before"), &mut env(&mut pair.rng)).unwrap();
    pair.alice.set_ttl(Ttl::from_seconds(30).unwrap(), &mut env(&mut pair.rng)).unwrap();
    pair.alice.send(&Draft::text("after"), &mut env(&mut pair.rng)).unwrap();
    let told = pass(&mut pair);
    let [Event::Message(before), Event::TtlChanged { ttl, crossed: false, .. }, Event::Message(after)] = &told[..]
    else {
        panic!("{told:?}")
    };
    assert_eq!((before.ttl.to_wire(), ttl.to_wire(), after.ttl.to_wire()), (0, 30, 30));
    assert_eq!((pair.alice.ttl(), pair.bob.ttl()), (*ttl, *ttl));
}

#[test]
fn reading_by_date_is_not_in_this_profile() {
    let mut pair = Pair::ready();
    let date = Timestamp::from_millis(1);
    assert_eq!(pair.alice.mark_read_up_to(date, &mut env(&mut pair.rng)), Err(ApiMisuse::NotInProfile.into()));
    let read = Input::read(date, None);
    assert_eq!(pair.alice.handle(read, &mut env(&mut pair.rng)), Ok(Handled::Ignored));
}

// MED-3: 40 + 100,000 + 2 x 32 bytes, or with Padmé (SEG-6, 100,000 up to a multiple of 2^11) 40 + 100,352 + 2 x 32.
#[test]
fn a_file_of_another_length_than_its_segments_comes_without_a_key() {
    for (size, fits) in [
        (None, true),
        (Some(100_104), true),
        (Some(100_456), true),
        (Some(100_000), false),
        (Some(100_103), false),
        (Some(100_105), false),
        (Some(100_455), false),
        (Some(100_457), false),
    ] {
        let mut pair = Pair::ready();
        let key = SegmentKey::from_parts([1; 32], [2; 32]);
        let photo = Photo::new(1, 1, 100_000, key);
        let draft = Draft::media(Media::Photo(photo), "look").with_file(b"file".to_vec());
        pair.alice.send(&draft, &mut env(&mut pair.rng)).unwrap();
        let sealed = pair::sealed(&mut pair.alice);
        // A fingerprint is one of chains.
        let file = Some(IncomingFile::new(b"file").with_size(size).with_fingerprint(0));
        let input = Input::ciphertext(&sealed, file, None);
        assert_eq!(pair.bob.handle(input, &mut env(&mut pair.rng)), Ok(Handled::Applied));
        let outputs = pair::outputs(&mut pair.bob);
        let received = outputs.iter().find_map(|output| match output {
            Output::Event(Event::Message(message)) => message.content.media.as_ref(),
            _ => None,
        });
        let Some(Media::Photo(photo)) = received else { panic!("{outputs:?}") };
        match &photo.key {
            Some(MediaKey::Segments(key)) => assert!(fits && key.parts() == (&[1; 32], &[2; 32])),
            key => assert!(!fits && key.is_none(), "{size:?}: {key:?}"),
        }
    }
}

#[cfg(feature = "telegram")]
mod telegram {
    use secretchat::media::ChainKey;
    use secretchat::{Config, DhGroup, Layer, PeerPolicy};

    use super::*;

    fn ready() -> Pair {
        let config = || Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Default);
        Pair::of(config(), config())
    }

    // SPEC TIME-3.
    // SPEC ACT-3.
    #[test]
    fn reading_goes_by_date_and_outside_of_the_encryption() {
        let mut pair = ready();
        let date = Timestamp::from_millis(pair::NOW - 5_000);
        pair.alice.mark_read_up_to(date, &mut env(&mut pair.rng)).unwrap();
        let outputs = pair::outputs(&mut pair.alice);
        let [Output::Transmit(transmit)] = &outputs[..] else { panic!("{outputs:?}") };
        assert!(matches!(transmit.kind, TransmitKind::Read { max_date, .. } if max_date == date));
        let later = Timestamp::from_millis(pair::NOW + 99_000);
        let read = Input::read(date, Some(later));
        assert_eq!(pair.bob.handle(read, &mut env(&mut pair.rng)), Ok(Handled::Applied));
        let told = pair::outputs(&mut pair.bob);
        let now = Timestamp::from_millis(pair::NOW);
        assert!(
            matches!(told[..], [Output::Event(Event::ReadUpTo { max_date, date: at, .. })] if (max_date, at) == (date, now)),
            "a date of the transport is not later than the call: {told:?}"
        );
    }

    #[test]
    fn an_updated_program_announces_its_layer_and_writes_in_it() {
        let group = || DhGroup::published(3).unwrap();
        let old = Config::telegram(group(), PeerPolicy::Strict).with_layer(Layer(73)).unwrap();
        let mut pair = Pair::of(old, Config::telegram(group(), PeerPolicy::Strict));
        assert_eq!((pair.alice.peer_layer(), pair.bob.peer_layer()), (Layer::L144, Layer::L73));
        pair.alice.announce_layer(Layer::L73, &mut env(&mut pair.rng)).unwrap();
        assert!(pair::outputs(&mut pair.alice).is_empty(), "nothing new to tell");
        pair.alice.announce_layer(Layer(9999), &mut env(&mut pair.rng)).unwrap();
        let told = pass(&mut pair);
        assert!(matches!(told[..], [Event::PeerLayer { layer: Layer::L144, .. }]), "{told:?}");
        pair.alice.send(&Draft::text("in the new layer"), &mut env(&mut pair.rng)).unwrap();
        let told = pass(&mut pair);
        assert!(matches!(&told[..], [Event::Message(message)] if message.layer == Layer::L144), "{told:?}");
    }

    // MED-3, with the fingerprint that Telegram's formula gives for key 00..1f and iv 20..3f.
    #[test]
    fn at_49_a_file_that_contradicts_its_message_comes_without_a_key() {
        let key = || {
            let bytes: [u8; 64] = core::array::from_fn(|i| u8::try_from(i).unwrap());
            ChainKey::from_parts(*bytes.first_chunk().unwrap(), *bytes.last_chunk().unwrap())
        };
        assert_eq!(key().fingerprint(), -217_561_997);
        for (size, fingerprint, fits) in [
            (None, None, true),
            (Some(1008), Some(-217_561_997), true),
            (Some(1000), None, true),
            (Some(1015), None, true),
            (Some(999), None, false),
            // MadelineProto stores 512 KiB for any file up to that size.
            (Some(524_288), None, true),
            (Some(524_289), None, false),
            (Some(1008), Some(-217_561_996), false),
        ] {
            let mut pair = ready();
            let photo = Photo::new(1, 1, 1000, key());
            let draft = Draft::media(Media::Photo(photo), "look").with_file(b"file".to_vec());
            pair.alice.send(&draft, &mut env(&mut pair.rng)).unwrap();
            let sealed = pair::sealed(&mut pair.alice);
            let file = Some(IncomingFile::new(b"file").with_size(size).with_fingerprint(fingerprint));
            let input = Input::ciphertext(&sealed, file, None);
            assert_eq!(pair.bob.handle(input, &mut env(&mut pair.rng)), Ok(Handled::Applied));
            let outputs = pair::outputs(&mut pair.bob);
            let message = outputs.iter().find_map(|output| match output {
                Output::Event(Event::Message(message)) => Some(message),
                _ => None,
            });
            let Some(Media::Photo(photo)) = &message.unwrap().content.media else { panic!() };
            assert_eq!(photo.key.is_some(), fits, "{size:?} {fingerprint:?}");
        }
    }
}
