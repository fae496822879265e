//! Calls that are wrong are refused by name and change nothing (SPEC MSG-1 to MSG-5, LIM-1, X25-1).

use secretchat::media::{ChainKey, MediaKey, SegmentKey};
use secretchat::{
    ApiMisuse, Config, Document, Draft, Entity, EntityKind, Env, Handled, History, Input, Limits, Media, Photo,
    RandomId, Thumbnail, TransmitId, Unavailable,
};

use crate::support::pair::{self, Pair, env};
use crate::support::rng::Constant;
use crate::support::twin;

fn key() -> Option<MediaKey> {
    Some(SegmentKey::from_parts([1; 32], [2; 32]).into())
}

/// Of the other profile.
fn chain_key() -> Option<MediaKey> {
    Some(ChainKey::from_parts([1; 32], [2; 32]).into())
}

fn photo(change: impl FnOnce(&mut Photo)) -> Draft {
    let mut photo = Photo::new(640, 480, 1000, key().unwrap());
    change(&mut photo);
    Draft::media(Media::Photo(photo), "")
}

fn document(change: impl FnOnce(&mut Document)) -> Draft {
    let mut document = Document::new("image/png", 1000, key().unwrap());
    change(&mut document);
    Draft::media(Media::Document(document), "")
}

fn thumbnail(bytes: usize, width: u32, height: u32) -> Option<Thumbnail> {
    Some(Thumbnail::new(vec![0xff; bytes], width, height))
}

fn marked(text: &str, marks: &[(u32, u32)]) -> Draft {
    let entities = marks.iter().map(|(offset, length)| Entity::new(EntityKind::Bold, *offset, *length));
    Draft::text(text).with_entities(entities)
}

#[test]
fn drafts_that_cannot_be_sent() {
    let wrong = || {
        [
            (Draft::default(), ApiMisuse::EmptyMessage),
            (Draft::media(Media::Unsupported, "a caption"), ApiMisuse::EmptyMessage),
            (Draft::text("x").with_random_id(RandomId(0)), ApiMisuse::RandomId),
            (marked("😀", &[(1, 1)]), ApiMisuse::EntityRange),
            (marked("abc", &[(0, 4)]), ApiMisuse::EntityRange),
            (marked("abc", &[(1, 0)]), ApiMisuse::EntityRange),
            (marked("abc", &[(u32::MAX, 2)]), ApiMisuse::EntityRange),
            (marked("abc", &[(0, 1); 1001]), ApiMisuse::TooManyEntities),
            (photo(|photo| photo.key = None), ApiMisuse::MissingMediaKey),
            (photo(|photo| photo.key = chain_key()), ApiMisuse::NotInProfile),
            (photo(|photo| photo.size = 0), ApiMisuse::MediaSize),
            (photo(|photo| photo.size = 1 << 31), ApiMisuse::MediaSize),
            (photo(|photo| photo.thumbnail = thumbnail(6001, 90, 90)), ApiMisuse::MediaDetails),
            (photo(|photo| photo.thumbnail = thumbnail(0, 90, 90)), ApiMisuse::MediaDetails),
            (photo(|photo| photo.thumbnail = thumbnail(100, 101, 90)), ApiMisuse::MediaDetails),
            (photo(|photo| photo.thumbnail = thumbnail(100, 90, 0)), ApiMisuse::MediaDetails),
            (photo(|photo| photo.width = 1 << 31), ApiMisuse::MediaDetails),
            (document(|document| document.key = None), ApiMisuse::MissingMediaKey),
            (document(|document| document.size = 0), ApiMisuse::MediaSize),
            (document(|document| document.key = chain_key()), ApiMisuse::NotInProfile),
            (document(|document| document.size = (1 << 40) + 1), ApiMisuse::MediaSize),
            (document(|document| document.size = 1 << 63), ApiMisuse::MediaSize),
            (document(|document| document.mime_type = "x".repeat(256)), ApiMisuse::MediaDetails),
            (document(|document| document.file_name = Some("x".repeat(256))), ApiMisuse::MediaDetails),
            (Draft::text("x".repeat(600_000)), ApiMisuse::MessageTooLong),
        ]
    };
    twin::unchanged(|twin| {
        let mut pair = Pair::ready();
        twin.bad(&mut pair.alice, |alice, env| {
            for (draft, misuse) in wrong() {
                assert_eq!(alice.send(&draft, env), Err(misuse.into()), "{draft:?}");
            }
        });
        twin.compare(&mut pair.alice);
    });
    let mut pair = Pair::ready();
    let right = [
        marked("abc", &[(0, 3); 1000]),
        photo(|photo| photo.size = (1 << 31) - 1),
        photo(|photo| photo.thumbnail = thumbnail(6000, 100, 1)),
        document(|document| document.size = 1 << 40),
        document(|document| document.file_name = Some("x".repeat(255))),
        Draft::text("x".repeat(500_000)),
    ];
    for draft in right {
        assert!(pair.alice.send(&draft, &mut env(&mut pair.rng)).is_ok(), "{draft:?}");
    }
}

#[test]
fn a_random_id_that_waits_for_acknowledgement_is_taken() {
    let mut pair = Pair::ready();
    let draft = Draft::text("once").with_random_id(RandomId(77));
    assert_eq!(pair.alice.send(&draft, &mut env(&mut pair.rng)), Ok(RandomId(77)));
    assert_eq!(pair.alice.send(&draft, &mut env(&mut pair.rng)), Err(ApiMisuse::RandomId.into()));
}

#[test]
fn sending_before_ready_and_after_the_end() {
    twin::unchanged(|twin| {
        let mut requested = Pair::new();
        pair::outputs(&mut requested.alice);
        twin.bad(&mut requested.alice, |alice, env| {
            assert_eq!(alice.send(&Draft::text("early"), env), Err(Unavailable::NotReady.into()));
        });
        twin.idle(&mut requested.alice, |alice, env| assert_eq!(alice.acknowledge(env), Ok(())));
        twin.compare(&mut requested.alice);
    });

    let (mut accepted, ..) = Pair::accepted();
    assert_eq!(
        accepted.bob.send(&Draft::text("early"), &mut env(&mut accepted.rng)),
        Err(Unavailable::NotReady.into())
    );

    twin::unchanged(|twin| {
        let mut closed = Pair::ready();
        closed.alice.close(History::Keep, &mut env(&mut closed.rng));
        pair::outputs(&mut closed.alice);
        twin.bad(&mut closed.alice, |alice, env| {
            assert_eq!(alice.send(&Draft::text("late"), env), Err(Unavailable::ChatClosed.into()));
            // Closing again does nothing.
            alice.close(History::Delete, env);
        });
        twin.compare(&mut closed.alice);
    });
}

#[test]
fn the_outbox_has_bounds_and_keeps_room_to_acknowledge() {
    let mut limits = Limits::default();
    (limits.outbox_messages, limits.outbox_bytes) = (3, 10_000);
    let mut pair = Pair::ready_with_limits(limits);
    // The notice of the layer waits, too.
    for text in ["one", "two"] {
        pair.alice.send(&Draft::text(text), &mut env(&mut pair.rng)).unwrap();
    }
    pair::outputs(&mut pair.alice);
    assert_eq!(pair.alice.send(&Draft::text("three"), &mut env(&mut pair.rng)), Err(Unavailable::OutboxFull.into()));
    pair.bob.send(&Draft::text("from bob"), &mut env(&mut pair.rng)).unwrap();
    let sealed = pair::sealed(&mut pair.bob);
    assert_eq!(pair.alice.handle(pair::ciphertext(&sealed), &mut env(&mut pair.rng)), Ok(Handled::Applied));
    assert_eq!(pair.alice.acknowledge(&mut env(&mut pair.rng)), Ok(()));
    assert_eq!(pair.alice.counters().sent, 4);

    // Bob had processed slot 0 alone, so one more fits; a long one does not.
    pair::outputs(&mut pair.alice);
    let long = Draft::text("x".repeat(20_000));
    assert_eq!(pair.alice.send(&long, &mut env(&mut pair.rng)), Err(Unavailable::OutboxFull.into()));
}

// SPEC RNG-1, RNG-2, RNG-4.
#[test]
fn at_47_a_generator_that_gives_nothing_usable_is_named() {
    twin::unchanged(|twin| {
        let mut pair = Pair::ready();
        twin.bad(&mut pair.alice, |alice, env| {
            let sent = alice.send(&Draft::text("x"), &mut Env::new(env.now, &mut Constant(0)));
            assert_eq!(sent, Err(ApiMisuse::UnusableRng.into()));
        });
        twin.compare(&mut pair.alice);
    });
}

#[test]
fn ends_need_two_different_ids() {
    let long = vec![7; 1025];
    assert_eq!(Config::x25519("", "bob").map(drop), Err(ApiMisuse::IdLength));
    assert_eq!(Config::x25519("alice", "").map(drop), Err(ApiMisuse::IdLength));
    assert_eq!(Config::x25519(long.clone(), "bob").map(drop), Err(ApiMisuse::IdLength));
    assert_eq!(Config::x25519("same", "same").map(drop), Err(ApiMisuse::IdsEqual));
    assert_eq!(Config::x25519("alice", "bob").unwrap().with_context(long).map(drop), Err(ApiMisuse::IdLength));
    assert!(Config::x25519(vec![7; 1024], "bob").unwrap().with_context(vec![7; 1024]).is_ok());
}

#[test]
fn br_58_refused_for_good_leaves_an_empty_message_in_the_same_slot() {
    let mut pair = Pair::ready();
    let secret = pair.alice_sends("refused");
    let id = TransmitId(16 + 1);
    let refused = |permanent| if permanent { Input::refused_for_good(id) } else { Input::refused(id) };
    assert_eq!(pair.alice.handle(refused(false), &mut env(&mut pair.rng)), Ok(Handled::Ignored));
    assert_eq!(pair.alice.handle(refused(true), &mut env(&mut pair.rng)), Ok(Handled::Applied));
    let outputs = pair::outputs(&mut pair.alice);
    assert!(
        matches!(&outputs[0], secretchat::Output::Event(secretchat::Event::Failed { id: failed, .. }) if *failed == id)
    );
    let secretchat::Output::Transmit(transmit) = &outputs[2] else { panic!("{outputs:?}") };
    let secretchat::TransmitKind::Ciphertext { bytes, silent: true, .. } = &transmit.kind else { panic!() };
    assert_eq!(transmit.id, id);
    assert_ne!(*bytes, secret);
    assert_eq!(pair.bob_gets(bytes), Ok(Handled::Applied));
    let told = pair::outputs(&mut pair.bob);
    assert!(
        matches!(&told[0], secretchat::Output::Event(secretchat::Event::Deleted { random_ids, .. }) if random_ids.len() == 1)
    );
    assert_eq!(pair.bob_gets(&secret), Ok(Handled::Duplicate), "the slot is used");
    let next = pair.alice_sends("goes on");
    assert_eq!(pair.bob_gets(&next), Ok(Handled::Applied));
}
