//! What its sender hides comes out by opening and not before, whatever it is (SPEC DES-14).

use secretchat::hazmat::records;
use secretchat::hazmat::wire::{DecryptedMessage, DecryptedMessage73, Flags};
use secretchat::{
    ApiMisuse, Contact, Content, ContentLease, Document, DocumentKind, Draft, Entity, EntityKind, Event,
    ExternalDocument, GeoPoint, Limits, Media, Notice, Notification, Output, Photo, RandomId, StoreKey, Ttl,
    Unavailable, Venue, WebPage,
};

use crate::support::forger::{Forger, encoded, plain};
use crate::support::pair::{BOBS_STORE_KEY, Pair, at, env_at, outputs};
use crate::support::timed::{
    Kept, SECOND, ends_at, expired, file_key, gives, kinds, message_in, preview, read_by_peer, sends, text, ttl,
};

const TEXT: &str = "the code is 7312";
const HOUR: u32 = 3_600;

/// A draft of every kind of content, in all of which something stands that could be seen.
fn every_kind() -> Vec<Draft> {
    let file = |kind| {
        let file = Document::new("made/up", 1000, file_key()).with_file_name("will.pdf").with_thumbnail(preview());
        Media::Document(file.with_kind(kind))
    };
    let place = GeoPoint { latitude: 48.5, longitude: -7.25 };
    let mut cloud = ExternalDocument::new(1, 2, 3);
    (cloud.mime_type, cloud.size) = ("made/up".into(), 5);
    let media = [
        Media::Photo(Photo::new(90, 60, 1000, file_key()).with_thumbnail(preview())),
        file(DocumentKind::File),
        file(DocumentKind::video(20, 16, 9)),
        file(DocumentKind::audio(3, "song", "singer")),
        file(DocumentKind::voice(3, vec![1, 2, 3])),
        file(DocumentKind::sticker("x", None)),
        Media::GeoPoint(place),
        Media::Venue(Venue::new(place, "hall", "street")),
        Media::Contact(Contact::new("555", "Carol")),
        Media::WebPage(WebPage::new("https://example.org/will")),
        Media::ExternalDocument(cloud),
    ];
    let link = EntityKind::TextUrl("https://example.org/link".into());
    let words = Draft::text(TEXT).with_entities([Entity::new(link, 0, 8), Entity::new(EntityKind::Bold, 9, 7)]);
    std::iter::once(words).chain(media.map(|media| Draft::media(media, TEXT))).map(Draft::hidden).collect()
}

/// Whether the content is what was written. The key of a medium is not there: it is lent beside it.
fn is_what_was_written(content: &Content, draft: &Draft) -> bool {
    let medium = match (&content.media, &draft.media) {
        (None, None) => true,
        (Some(Media::Photo(came)), Some(Media::Photo(went))) => {
            (came.width, came.size, &came.thumbnail) == (went.width, went.size, &went.thumbnail) && came.key.is_none()
        }
        (Some(Media::Document(came)), Some(Media::Document(went))) => {
            (&came.kind, &came.mime_type, &came.file_name) == (&went.kind, &went.mime_type, &went.file_name)
                && (came.size, &came.thumbnail) == (went.size, &went.thumbnail)
                && came.key.is_none()
        }
        (Some(Media::GeoPoint(came)), Some(Media::GeoPoint(went))) => came == went,
        (Some(Media::Venue(came)), Some(Media::Venue(went))) => came == went,
        (Some(Media::Contact(came)), Some(Media::Contact(went))) => came == went,
        (Some(Media::WebPage(came)), Some(Media::WebPage(went))) => came == went,
        (Some(Media::ExternalDocument(came)), Some(Media::ExternalDocument(went))) => came == went,
        _ => false,
    };
    medium && (&content.text, &content.entities) == (&draft.text, &draft.entities)
}

/// What is lent: the content, and whether there is a key beside it.
fn lent(outputs: Vec<Output>) -> (Box<ContentLease>, bool) {
    let mut lent = outputs.into_iter().filter_map(|output| match output {
        Output::Event(Event::Opened { lease, content, .. }) => Some((content.unwrap(), lease.is_some())),
        _ => None,
    });
    lent.next().unwrap()
}

#[test]
fn everything_comes_out_by_opening_and_nothing_before() {
    for seconds in [5, 60, 61, HOUR] {
        for draft in every_kind() {
            let what = format!("{seconds} {draft:?}");
            let Pair { mut alice, mut bob, mut rng } = Pair::ready();
            let draft = draft.with_ttl(ttl(seconds));
            let (id, sent) = sends(&mut alice, &draft, 0, &mut rng);
            let told = gives(&sent, &mut bob, 0, &mut rng);
            let message = message_in(&told);
            assert_eq!((message.random_id, message.ttl), (id, ttl(seconds)));
            let content = &message.content;
            assert!(content.text.is_empty() && content.entities.is_empty() && content.media.is_none(), "{what}");
            let rights = content.rights;
            assert!(rights.is_hidden_until_opened() && !rights.may_save(), "{what}");
            assert_eq!(rights.notification(), Notification::Sender, "{what}");
            let shown = format!("{told:?}");
            for planted in ["7312", "will", "example", "song", "Carol", "hall", "photo", "Photo", "Document", "[195"] {
                assert!(!shown.contains(planted), "{what}: {shown}");
            }

            // Being named as read starts nothing, and tells nobody.
            let later = 100_000 * SECOND;
            assert_eq!(bob.mark_read(&[id], &mut env_at(0, &mut rng)), Ok(Notice::Nothing));
            assert_eq!(ends_at(&mut bob, later, &mut rng), []);
            assert_eq!(bob.deadline(id), None);

            bob.open_view(id, &mut env_at(later, &mut rng)).unwrap();
            let view = outputs(&mut bob);
            assert_eq!(kinds(&view), ["Persist", "Opened", "Transmit"], "{what}");
            let read = gives(&view, &mut alice, later, &mut rng);
            assert_eq!(read_by_peer(&read), [id]);
            let (lease, has_key) = lent(view);
            let content = lease.content();
            assert!(is_what_was_written(content, &draft), "{what}");
            assert!(content.rights.is_hidden_until_opened() && !content.rights.may_copy());
            let is_file = matches!(draft.media, Some(Media::Photo(_) | Media::Document(_)));
            assert_eq!(has_key, is_file, "{what}");
            assert!(!format!("{lease:?}").contains("7312"));

            // A countdown may be opened again until its end, which is the first one's; what plays is played to its end.
            let plays = match &draft.media {
                Some(Media::Document(Document { kind: DocumentKind::Video { duration, .. }, .. })) => duration + 1,
                _ => 0,
            };
            let end = later + u64::from(seconds.max(plays)) * SECOND;
            assert_eq!(bob.deadline(id), Some(at(end)), "{what}");
            bob.open_view(id, &mut env_at(later + SECOND, &mut rng)).unwrap();
            assert!(is_what_was_written(lent(outputs(&mut bob)).0.content(), &draft));
            assert_eq!(ends_at(&mut bob, end - 1, &mut rng), []);
            assert_eq!(ends_at(&mut bob, end, &mut rng), [id]);
            assert_eq!(ends_at(&mut alice, end, &mut rng), [id]);
            let again = bob.open_view(id, &mut env_at(end, &mut rng));
            assert_eq!(again, Err(Unavailable::NotTimed.into()));
        }
    }
}

#[test]
fn view_once_is_lent_once() {
    let Pair { mut alice, mut bob, mut rng } = Pair::ready();
    let draft = text(Ttl::VIEW_ONCE).hidden();
    let (id, sent) = sends(&mut alice, &draft, 0, &mut rng);
    gives(&sent, &mut bob, 0, &mut rng);
    bob.open_view(id, &mut env_at(0, &mut rng)).unwrap();
    assert_eq!(lent(outputs(&mut bob)).0.content().text, "look");
    assert_eq!(bob.open_view(id, &mut env_at(0, &mut rng)), Err(Unavailable::Expired.into()));
    bob.close_view(id, &mut env_at(0, &mut rng)).unwrap();
    assert_eq!(expired(&outputs(&mut bob)), [id]);
}

/// The plain contents of Bob's records about timers.
fn timed_records(bob: &Kept) -> Vec<Vec<u8>> {
    let records = secretchat::store::Store::load(&bob.store, bob.chat.id().unwrap()).unwrap().unwrap();
    let opened = records::open(&records, &StoreKey::new(BOBS_STORE_KEY)).unwrap();
    let timed = opened.into_iter().filter(|(name, ..)| matches!(name, secretchat::RecordName::Timed(_)));
    timed.map(|(_, _, plain)| plain.to_vec()).collect()
}

/// A message of a text as TL-1 and DES-14 have it, written by hand: its constructor, bit 27, id, timer, the text.
fn by_hand(ttl: u32) -> Vec<u8> {
    let head = [&[0x74, 0x46, 0xcc, 0x91][..], &[0, 0, 0, 8], &[9, 0, 0, 0, 0, 0, 0, 0], &ttl.to_le_bytes()];
    [&head.concat()[..], b"\x04look\0\0\0"].concat()
}

// What is destroyed is unreadable: the words are in the record for as long as they may be opened, and no longer.
#[test]
fn the_words_are_in_a_record_until_the_end() {
    for (ttl, once) in [(ttl(HOUR), false), (Ttl::VIEW_ONCE, true)] {
        let (mut forger, bob, batches) = Forger::meet_and_keep();
        let mut rng = crate::support::rng::Seeded::new(7);
        let mut bob = Kept::new(bob, &batches, BOBS_STORE_KEY);
        let body = by_hand(ttl.to_wire().unsigned_abs());
        forger.give_next(&mut bob.chat, &body);
        let told = bob.outputs();
        assert_eq!(message_in(&told).content.text, "");
        // Option 2 (REC-9): its number, its length, and the bytes, which are LP.
        let len = u32::try_from(body.len()).unwrap();
        let option = [&[2][..], &(len + 4).to_le_bytes(), &len.to_le_bytes(), &body].concat();
        let [record] = &timed_records(&bob)[..] else { panic!("one record") };
        assert!(record.ends_with(&option), "{record:?}");
        assert_eq!(record[1..10], [&ttl.to_wire().to_le_bytes()[..], &[3, 0, 0, 0, 0]].concat(), "of kind 3");

        bob.restart(SECOND, &mut rng);
        assert!(outputs(&mut bob.chat).iter().all(|output| !matches!(output, Output::Event(Event::Message(_)))));
        bob.chat.open_view(RandomId(9), &mut env_at(SECOND, &mut rng)).unwrap();
        let view = bob.outputs();
        assert_eq!(lent(view).0.content().text, "look");
        let holds_words = |bob: &Kept| timed_records(bob).iter().any(|plain| plain.windows(4).any(|w| w == b"look"));
        assert_eq!(holds_words(&bob), !once, "view once leaves the records with its only lease");
        bob.restart(2 * SECOND, &mut rng);
        let again = bob.chat.open_view(RandomId(9), &mut env_at(3 * SECOND, &mut rng)).map(drop);
        assert_eq!(again, if once { Err(Unavailable::Expired.into()) } else { Ok(()) });
        bob.outputs();
        bob.chat.handle_timeout(&mut env_at(2 * u64::from(HOUR) * SECOND, &mut rng));
        assert_eq!(expired(&bob.outputs()), [RandomId(9)]);
        assert!(timed_records(&bob).is_empty());
    }
}

#[test]
fn it_needs_a_timer_and_room_in_a_record() {
    let Pair { mut alice, mut bob, mut rng } = Pair::ready();
    let hidden = |text: String| Draft::text(text).hidden();
    let refused = alice.send(&hidden("a".into()), &mut env_at(0, &mut rng));
    assert_eq!(refused, Err(ApiMisuse::HiddenWithoutTimer.into()));
    let off = alice.send(&hidden("a".into()).with_ttl(Ttl::OFF), &mut env_at(0, &mut rng));
    assert_eq!(off, Err(ApiMisuse::HiddenWithoutTimer.into()));
    // The chat's timer is one. 16,384 bytes are 20 before the text, and its length in 4.
    alice.set_ttl(ttl(5), &mut env_at(0, &mut rng)).unwrap();
    let too_long = alice.send(&hidden("a".repeat(16_384 - 24 + 1)), &mut env_at(0, &mut rng));
    assert_eq!(too_long, Err(ApiMisuse::MessageTooLong.into()));
    let told = outputs(&mut alice);
    assert_eq!(kinds(&told), ["Persist", "Transmit"], "nothing but the timer");
    gives(&told, &mut bob, 0, &mut rng);
    let (id, sent) = sends(&mut alice, &hidden("a".repeat(16_384 - 24)), 0, &mut rng);
    gives(&sent, &mut bob, 0, &mut rng);
    bob.open_view(id, &mut env_at(0, &mut rng)).unwrap();
    assert_eq!(lent(outputs(&mut bob)).0.content().text.len(), 16_384 - 24);
}

/// A text of a forger with these flags.
fn forged(flags: u32, ttl: i32, random_id: i64, text: &str) -> Vec<u8> {
    let message = DecryptedMessage73 { flags: Flags::new(flags), ttl, ..plain(random_id, text) };
    encoded(&DecryptedMessage::Message73(message))
}

#[test]
fn hostile_bit_27_without_a_timer_says_nothing() {
    for ttl in [0, -1, i32::MIN] {
        let (mut forger, mut bob) = Forger::meet();
        outputs(&mut bob);
        forger.give_next(&mut bob, &forged(1 << 27, ttl, 9, "look"));
        let told = outputs(&mut bob);
        let content = &message_in(&told).content;
        assert_eq!(content.text, "look");
        assert!(!content.rights.is_hidden_until_opened() && content.rights.may_save());
        let mut rng = crate::support::rng::Seeded::new(1);
        assert_eq!(bob.open_view(RandomId(9), &mut env_at(0, &mut rng)), Err(Unavailable::NotTimed.into()));
    }
}

// No other undefined bit says so, and it says nothing else.
#[test]
fn hostile_other_bits_hide_nothing() {
    for bit in [4, 6, 7, 25, 26, 28, 31] {
        let (mut forger, mut bob) = Forger::meet();
        outputs(&mut bob);
        forger.give_next(&mut bob, &forged(1 << bit, 100, 9, "look"));
        assert_eq!(message_in(&outputs(&mut bob)).content.text, "look", "{bit}");
    }
}

// SPEC LIM-3: what cannot be kept is not shown instead.
#[test]
fn hostile_what_there_is_no_room_for_stays_hidden() {
    let limits = Limits::default().with_timed_messages(1);
    let long = "a".repeat(16_384 - 24 + 1);
    for (what, limits, before, text) in [
        ("no room", limits, Some(8), "look"),
        ("an id that is kept", Limits::default(), Some(9), "look"),
        ("too long", Limits::default(), None, &long),
    ] {
        let (mut forger, mut bob) = Forger::meet_with(limits);
        if let Some(id) = before {
            forger.give_next(&mut bob, &forged(0, 100, id, "first"));
        }
        outputs(&mut bob);
        forger.give_next(&mut bob, &forged(1 << 27, 100, 9, text));
        let told = outputs(&mut bob);
        assert!(kinds(&told).contains(&"KeyRefused"), "{what}");
        let content = &message_in(&told).content;
        assert!(content.text.is_empty() && content.rights.is_hidden_until_opened(), "{what}");
    }
}

// What was lent and not fetched goes with its message (SPEC DES-10).
#[test]
fn a_content_that_is_fetched_too_late_is_not_lent() {
    let Pair { mut alice, mut bob, mut rng } = Pair::ready();
    let (id, sent) = sends(&mut alice, &text(ttl(30)).hidden(), 0, &mut rng);
    gives(&sent, &mut bob, 0, &mut rng);
    bob.open_view(id, &mut env_at(0, &mut rng)).unwrap();
    bob.handle_timeout(&mut env_at(30 * SECOND, &mut rng));
    let told = outputs(&mut bob);
    assert!(!kinds(&told).contains(&"Opened"));
    assert_eq!(expired(&told), [id]);
}

#[cfg(feature = "telegram")]
#[test]
fn telegram_knows_no_such_word() {
    use crate::support::telegram;
    use secretchat::PeerPolicy;

    let (mut forger, mut bob) = telegram::meet(PeerPolicy::Default);
    let mut rng = crate::support::rng::Seeded::new(1);
    let refused = bob.send(&text(ttl(5)).hidden(), &mut env_at(0, &mut rng));
    assert_eq!(refused, Err(ApiMisuse::NotInProfile.into()));
    outputs(&mut bob);
    forger.give_next(&mut bob, &forged(1 << 27, 100, 9, "look"));
    let told = outputs(&mut bob);
    let content = &message_in(&told).content;
    assert_eq!(content.text, "look");
    assert!(!content.rights.is_hidden_until_opened() && content.rights.may_save());
}
