//! What users write arrives as they wrote it, through two whole chats.
#![cfg(feature = "alloc")]

#[path = "support/pair.rs"]
mod pair;
#[path = "support/rng.rs"]
mod rng;
#[path = "support/twin.rs"]
mod twin;

use pair::Pair;
use secretchat::media::{MediaKey, SegmentKey};
use secretchat::{
    ApiMisuse, Contact, Document, DocumentKind, Draft, Entity, EntityKind, Event, ExternalDocument, GeoPoint, Media,
    Message, Output, Photo, RandomId, Thumbnail, Venue, WebPage, markdown,
};

/// Sends a draft from Alice to Bob.
fn sent(pair: &mut Pair, draft: &Draft) -> Message {
    pair.alice.send(draft, &mut pair::env(&mut pair.rng)).unwrap();
    let bytes = pair::sealed(&mut pair.alice);
    pair.bob_gets(&bytes).unwrap();
    pair::outputs(&mut pair.bob)
        .into_iter()
        .find_map(|output| match output {
            Output::Event(Event::Message(message)) => Some(*message),
            _ => None,
        })
        .unwrap()
}

fn key() -> Option<MediaKey> {
    Some(SegmentKey::from_parts([1; 32], [2; 32]).into())
}

fn document(kind: DocumentKind) -> Document {
    let file_name = Some("a name.bin".to_owned());
    Document { kind, mime_type: "a/b".to_owned(), file_name, size: 5_000_000_000, key: key(), ..Document::default() }
}

#[test]
fn captions_written_with_marks_arrive_with_their_entities() {
    let marked = "😀 **bold __both__** ||[hidden](https://example.org/)|| `code` ~~gone~~\n```rust\nlet a = 1;```";
    let (text, entities) = markdown::parse(marked);
    let shown: Vec<_> = entities.iter().map(|entity| &text[entity.range(&text).unwrap()]).collect();
    assert_eq!(shown, ["bold both", "both", "hidden", "hidden", "code", "gone", "let a = 1;"]);
    let mut pair = Pair::ready();
    let thumbnail = Some(Thumbnail { jpeg: vec![0xff; 6000], width: 100, height: 100 });
    let photo = Media::Photo(Photo { thumbnail, width: 800, height: 600, size: 1000, key: key() });
    let draft = Draft {
        entities,
        reply_to: Some(RandomId(5)),
        via_bot: Some("gif".to_owned()),
        silent: true,
        ..Draft::media(photo, text)
    };
    let message = sent(&mut pair, &draft);
    assert_eq!((&message.content().text, &message.content().entities), (&draft.text, &draft.entities));
    assert_eq!((message.reply_to, message.via_bot.as_deref(), message.silent), (draft.reply_to, Some("gif"), true));
    assert_eq!(markdown::write(&message.content().text, &message.content().entities), marked);
    let Some(Media::Photo(photo)) = message.into_content().media else { panic!() };
    assert_eq!((photo.width, photo.height, photo.size), (800, 600, 1000));
    assert_eq!(photo.key.unwrap().parts(), (&[1; 32], &[2; 32]));
}

// SPEC MSG-4.
#[test]
fn every_kind_of_medium_arrives() {
    let mut pair = Pair::ready();
    for kind in [
        DocumentKind::File,
        DocumentKind::Video { duration: 7, width: 640, height: 480 },
        DocumentKind::Animation { duration: 7, width: 640, height: 480 },
        DocumentKind::Audio { duration: 200, title: "t".to_owned(), performer: "p".to_owned() },
        DocumentKind::Voice { duration: 3, waveform: vec![1; 63] },
        DocumentKind::RoundVideo { duration: 7, side: 240 },
        DocumentKind::Sticker { alt: "😀".to_owned(), set: None },
    ] {
        let message = sent(&mut pair, &Draft::media(Media::Document(document(kind.clone())), "caption"));
        assert_eq!(message.content().text, "caption");
        let Some(Media::Document(document)) = message.into_content().media else { panic!() };
        assert_eq!((document.kind, document.size), (kind, 5_000_000_000));
        assert_eq!((document.mime_type.as_str(), document.file_name.as_deref()), ("a/b", Some("a name.bin")));
        assert_eq!(document.key.unwrap().parts(), (&[1; 32], &[2; 32]));
    }
    let point = GeoPoint { latitude: 55.75, longitude: -37.61 };
    let venue = Venue { point, title: "t".to_owned(), address: "a".to_owned(), ..Venue::default() };
    let contact = Contact { phone_number: "+100".to_owned(), first_name: "f".to_owned(), ..Contact::default() };
    let page = WebPage { url: "https://example.org/".to_owned() };
    let external = ExternalDocument { id: 11, access_hash: 22, dc_id: 2, size: 100, ..ExternalDocument::default() };
    let mut media = |media| sent(&mut pair, &Draft::media(media, "")).into_content().media;
    assert!(matches!(media(Media::GeoPoint(point)), Some(Media::GeoPoint(got)) if got == point));
    assert!(matches!(media(Media::Venue(venue.clone())), Some(Media::Venue(got)) if got == venue));
    assert!(matches!(media(Media::Contact(contact.clone())), Some(Media::Contact(got)) if got == contact));
    assert!(matches!(media(Media::WebPage(page.clone())), Some(Media::WebPage(got)) if got == page));
    let got = media(Media::ExternalDocument(external.clone()));
    assert!(matches!(got, Some(Media::ExternalDocument(got)) if got == external));
}

#[test]
fn a_refused_draft_uses_no_slot() {
    let mut pair = Pair::ready();
    let nowhere = GeoPoint { latitude: f64::NAN, longitude: 0.0 };
    let empty = Photo { key: key(), ..Photo::default() };
    let outside = Entity { kind: EntityKind::Bold, offset: 1, length: 1 };
    for (draft, misuse) in [
        (Draft::media(Media::GeoPoint(nowhere), ""), ApiMisuse::Coordinates),
        (Draft::media(Media::Photo(empty), ""), ApiMisuse::MediaSize),
        (Draft::media(Media::WebPage(WebPage::default()), "text"), ApiMisuse::MediaDetails),
        (Draft { entities: vec![outside], ..Draft::text("😀") }, ApiMisuse::EntityRange),
    ] {
        twin::unchanged(|twin| {
            let mut pair = Pair::ready();
            twin.bad(&mut pair.alice, |alice, env| assert_eq!(alice.send(&draft, env), Err(misuse.into())));
            twin.compare(&mut pair.alice);
        });
        assert!(pair.alice.send(&draft, &mut pair::env(&mut pair.rng)).is_err());
    }
    assert_eq!(sent(&mut pair, &Draft::text("still here")).into_content().text, "still here");
}
