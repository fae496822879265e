//! What users write arrives as they wrote it, through two whole chats.

use secretchat::hazmat::wire::{DecryptedMessage, DecryptedMessageMedia, DocumentAttribute};
use secretchat::media::{MediaKey, SegmentKey};
use secretchat::{
    ApiMisuse, Contact, Document, DocumentKind, Draft, Entity, EntityKind, Event, ExternalDocument, GeoPoint, Media,
    Message, Output, Photo, RandomId, Thumbnail, Venue, WebPage,
};

use crate::support::forger::{self, Forger};
use crate::support::pair::{self, Pair};
use crate::support::twin;

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
    {
        let mut document = Document::new("a/b", 5_000_000_000, key().unwrap()).with_kind(kind);
        document.file_name = file_name;
        document
    }
}

#[test]
fn captions_arrive_with_their_entities() {
    // What `secretchat-markdown` makes of its caption, see its tests.
    let text = "😀 bold both hidden code gone\nlet a = 1;";
    let entities: Vec<_> = [
        (EntityKind::Bold, "bold both"),
        (EntityKind::Italic, "both"),
        (EntityKind::Spoiler, "hidden"),
        (EntityKind::TextUrl("https://example.org/".to_owned()), "hidden"),
        (EntityKind::Code, "code"),
        (EntityKind::Strike, "gone"),
        (EntityKind::Pre("rust".to_owned()), "let a = 1;"),
    ]
    .into_iter()
    .map(|(kind, part)| {
        let at = text.find(part).unwrap();
        Entity::at(kind, text, at..at + part.len()).unwrap()
    })
    .collect();
    let shown: Vec<_> = entities.iter().map(|entity| &text[entity.range(text).unwrap()]).collect();
    assert_eq!(shown, ["bold both", "both", "hidden", "hidden", "code", "gone", "let a = 1;"]);
    let mut pair = Pair::ready();
    let thumbnail = Thumbnail::new(vec![0xff; 6000], 100, 100);
    let photo = Media::Photo(Photo::new(800, 600, 1000, key().unwrap()).with_thumbnail(thumbnail));
    let draft =
        Draft::media(photo, text).with_entities(entities).with_reply_to(RandomId(5)).with_via_bot("gif").silently();
    let message = sent(&mut pair, &draft);
    assert_eq!((&message.content.text, &message.content.entities), (&draft.text, &draft.entities));
    assert_eq!((message.reply_to, message.via_bot.as_deref(), message.silent), (draft.reply_to, Some("gif"), true));
    let Some(Media::Photo(photo)) = message.content.media else { panic!() };
    assert_eq!((photo.width, photo.height, photo.size), (800, 600, 1000));
    assert_eq!(photo.key.unwrap().parts(), (&[1; 32], &[2; 32]));
}

// SPEC MSG-4.
#[test]
fn every_kind_of_medium_arrives() {
    let mut pair = Pair::ready();
    for kind in [
        DocumentKind::File,
        DocumentKind::video(7, 640, 480),
        DocumentKind::animation(7, 640, 480),
        DocumentKind::audio(200, "t", "p"),
        DocumentKind::voice(3, vec![1; 63]),
        DocumentKind::round_video(7, 240),
        DocumentKind::sticker("😀", None),
    ] {
        let message = sent(&mut pair, &Draft::media(Media::Document(document(kind.clone())), "caption"));
        assert_eq!(message.content.text, "caption");
        let Some(Media::Document(document)) = message.content.media else { panic!() };
        assert_eq!((document.kind, document.size), (kind, 5_000_000_000));
        assert_eq!((document.mime_type.as_str(), document.file_name.as_deref()), ("a/b", Some("a name.bin")));
        assert_eq!(document.key.unwrap().parts(), (&[1; 32], &[2; 32]));
    }
    let point = GeoPoint { latitude: 55.75, longitude: -37.61 };
    let venue = Venue::new(point, "t", "a");
    let contact = Contact::new("+100", "f");
    let page = WebPage::new("https://example.org/");
    let mut external = ExternalDocument::new(11, 22, 2);
    external.size = 100;
    let mut media = |media| sent(&mut pair, &Draft::media(media, "")).content.media;
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
    let empty = Photo::new(0, 0, 0, key().unwrap());
    let outside = Entity::new(EntityKind::Bold, 1, 1);
    for (draft, misuse) in [
        (Draft::media(Media::GeoPoint(nowhere), ""), ApiMisuse::Coordinates),
        (Draft::media(Media::Photo(empty), ""), ApiMisuse::MediaSize),
        (Draft::media(Media::WebPage(WebPage::default()), "text"), ApiMisuse::MediaDetails),
        (Draft::text("😀").with_entities([outside]), ApiMisuse::EntityRange),
    ] {
        twin::unchanged(|twin| {
            let mut pair = Pair::ready();
            twin.bad(&mut pair.alice, |alice, env| assert_eq!(alice.send(&draft, env), Err(misuse.into())));
            twin.compare(&mut pair.alice);
        });
        assert!(pair.alice.send(&draft, &mut pair::env(&mut pair.rng)).is_err());
    }
    assert_eq!(sent(&mut pair, &Draft::text("still here")).content.text, "still here");
}

/// SPEC MSG-8.
#[test]
fn an_animation_has_attributes_for_what_is_known_of_it() {
    let attributes = |(duration, width, height)| {
        let (mut forger, mut bob) = Forger::meet();
        forger.give_next(&mut bob, &forger::notice(144));
        pair::outputs(&mut bob);
        let document = document(DocumentKind::animation(duration, width, height));
        bob.send(&Draft::media(Media::Document(document), ""), &mut pair::env(&mut forger.rng)).unwrap();
        let sealed = pair::sealed(&mut bob);
        let DecryptedMessage::Message73(message) = forger.read(&sealed).message else { panic!("a message") };
        let Some(DecryptedMessageMedia::Document143(document)) = message.media else { panic!("a document") };
        let name = |attribute: DocumentAttribute<'_>| match attribute {
            DocumentAttribute::Video66(it) => format!("Video {} {} {}", it.duration, it.w, it.h),
            DocumentAttribute::ImageSize(it) => format!("ImageSize {} {}", it.w, it.h),
            DocumentAttribute::Animated => "Animated".to_owned(),
            DocumentAttribute::Filename(_) => "Filename".to_owned(),
            other => panic!("{other:?}"),
        };
        document.attributes.iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(attributes((7, 64, 48)), ["Video 7 64 48", "ImageSize 64 48", "Animated", "Filename"]);
    assert_eq!(attributes((1, 0, 0)), ["Video 1 0 0", "Animated", "Filename"]);
    assert_eq!(attributes((0, 1, 1)), ["ImageSize 1 1", "Animated", "Filename"]);
    for no_size in [(0, 0, 0), (0, 64, 0), (0, 0, 48)] {
        assert_eq!(attributes(no_size), ["Animated", "Filename"]);
    }
}
