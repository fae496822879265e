//! Media of every old form, and nonsense of the peer.

use super::*;
use crate::destruct::ContentKind;
use crate::message::entity_wire;
use crate::message::hidden::Hidden;
use crate::message::scalars;
use crate::types::buffer::Buffer;

#[test]
fn old_forms_are_read() {
    let (thumb, thumb_w, thumb_h) = (bytes(b"jpeg"), 90, 60);
    let (key, iv, size, duration, w, h) = (bytes(&[1; 32]), bytes(&[2; 32]), 1000, 7, 640, 480);
    let (mime_type, caption) = (bytes(b"a/b"), bytes(b"caption"));
    let thumbnail = || Some(Thumbnail { jpeg: b"jpeg".to_vec(), width: 90, height: 60 });
    let video = |mime_type: &str| {
        let kind = DocumentKind::video(7, 640, 480);
        Media::Document(Document { thumbnail: thumbnail(), mime_type: mime_type.to_owned(), ..document(kind) })
    };
    let voice = |mime_type: &str| {
        let kind = DocumentKind::Voice { duration: 7, waveform: vec![] };
        Media::Document(Document { mime_type: mime_type.to_owned(), ..document(kind) })
    };
    let photo = wire::MediaPhoto8 { thumb, thumb_w, thumb_h, w, h, size, key, iv };
    let file = wire::MediaDocument8 { thumb, thumb_w, thumb_h, file_name: bytes(b"a.b"), mime_type, size, key, iv };
    let video8 = wire::MediaVideo8 { thumb, thumb_w, thumb_h, duration, w, h, size, key, iv };
    let video17 = wire::MediaVideo17 { thumb, thumb_w, thumb_h, duration, mime_type, w, h, size, key, iv };
    let video45 = wire::MediaVideo45 { thumb, thumb_w, thumb_h, duration, mime_type, w, h, size, key, iv, caption };
    let audio8 = wire::MediaAudio8 { duration, size, key, iv };
    let audio17 = wire::MediaAudio17 { duration, mime_type, size, key, iv };
    for (media, expected, text) in [
        (
            DecryptedMessageMedia::Photo8(photo),
            Media::Photo(Photo { thumbnail: thumbnail(), width: 640, height: 480, size: 1000, key: self::key() }),
            "text",
        ),
        (
            DecryptedMessageMedia::Document8(file),
            Media::Document(Document {
                thumbnail: thumbnail(),
                file_name: Some("a.b".to_owned()),
                ..document(DocumentKind::File)
            }),
            "text",
        ),
        (DecryptedMessageMedia::Video8(video8), video("video/mp4"), "text"),
        (DecryptedMessageMedia::Video17(video17), video("a/b"), "text"),
        (DecryptedMessageMedia::Video45(video45), video("a/b"), "text\n\ncaption"),
        (DecryptedMessageMedia::Audio8(audio8), voice("audio/ogg"), "text"),
        (DecryptedMessageMedia::Audio17(audio17), voice("a/b"), "text"),
    ] {
        let message = received("text", media);
        assert_eq!(message.content.media.as_ref().map(shown), Some(shown(&expected)));
        assert_eq!(message.content.text, text);
    }
    let message = received("text", DecryptedMessageMedia::Empty);
    assert!(message.content.media.is_none() && message.content.text == "text");
}

fn read_kind(attributes: &[DocumentAttribute<'_>]) -> Document {
    let Some(Media::Document(document)) = received("", document45(1000, attributes)).content.media else { panic!() };
    document
}

// SPEC MSG-8.
#[test]
fn attributes_of_every_layer_are_read_and_bounded() {
    let sound = |title: &str| DocumentKind::Audio { duration: 3, title: title.to_owned(), performer: title.to_owned() };
    let audio23 = DocumentAttribute::Audio23(wire::DocumentAttributeAudio23 { duration: 3 });
    let (title, performer) = (bytes(b"t"), bytes(b"t"));
    let audio45 = DocumentAttribute::Audio45(wire::DocumentAttributeAudio45 { duration: 3, title, performer });
    let sticker = |stickerset| {
        DocumentAttribute::Sticker45(wire::DocumentAttributeSticker45 { alt: bytes("😀".as_bytes()), stickerset })
    };
    let set = InputStickerSet::ShortName(wire::InputStickerSetShortName { short_name: bytes(b"Animals") });
    let video = DocumentAttribute::Video23(wire::DocumentAttributeVideo23 { duration: -1, w: 640, h: i32::MIN });
    let size = DocumentAttribute::ImageSize(wire::DocumentAttributeImageSize { w: 512, h: 256 });
    let named = |file_name| DocumentAttribute::Filename(wire::DocumentAttributeFilename { file_name });
    assert!(read_kind(&[]).kind == DocumentKind::File);
    assert!(read_kind(&[audio23]).kind == sound(""));
    assert!(read_kind(&[audio45]).kind == sound("t"));
    assert!(read_kind(&[video]).kind == DocumentKind::video(0, 640, 0));
    // Nobody may learn from us which set a peer uses.
    let document = read_kind(&[sticker(set), size]);
    assert!(document.kind == DocumentKind::Sticker { alt: "😀".to_owned(), set: None });
    assert_eq!(document.image_size, Some((512, 256)));
    assert!(read_kind(&[DocumentAttribute::Sticker23]).kind == DocumentKind::Sticker { alt: String::new(), set: None });
    let animation = DocumentKind::Animation { duration: 0, width: 512, height: 256 };
    let document = read_kind(&[video, size, DocumentAttribute::Animated]);
    assert!(document.kind == animation && document.image_size.is_none());
    let document = read_kind(&[size]);
    assert!(document.kind == DocumentKind::File && document.image_size == Some((512, 256)));

    for (len, kept) in [(0, 0), (63, 63), (100, 100), (101, 0), (70_000, 0)] {
        let waveform = vec![5; len];
        let voice = DocumentAttribute::Audio46(wire::DocumentAttributeAudio46 {
            flags: Flags::new(wire::DocumentAttributeAudio46::VOICE),
            duration: 3,
            title: None,
            performer: None,
            waveform: Some(bytes(&waveform)),
        });
        assert!(read_kind(&[voice]).kind == DocumentKind::Voice { duration: 3, waveform: vec![5; kept] });
    }
    let many = [[DocumentAttribute::Animated; 16].as_slice(), &[sticker(InputStickerSet::Empty)]].concat();
    assert!(matches!(read_kind(&many).kind, DocumentKind::Animation { .. }), "the seventeenth is not looked at");
    let long = "é".repeat(200);
    assert_eq!(read_kind(&[named(bytes(long.as_bytes()))]).file_name.unwrap(), "é".repeat(127));
    let evil = "a\u{202e}gpj.exe\n\u{2066}\0";
    assert_eq!(read_kind(&[named(bytes(evil.as_bytes()))]).file_name.unwrap(), "a_gpj.exe___");
    assert_eq!(read_kind(&[named(bytes(b"\xff.txt"))]).file_name.unwrap(), "\u{fffd}.txt");
}

#[test]
fn nonsense_of_the_peer_costs_the_medium_and_not_the_message() {
    let geo = |lat, long| wire::MediaGeoPoint { lat: Double::from_f64(lat), long: Double::from_f64(long) };
    for (lat, long) in [(90.1, 0.0), (0.0, -180.1), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
        let message = received("text", DecryptedMessageMedia::GeoPoint(geo(lat, long)));
        assert!(matches!(message.content.media, Some(Media::Unsupported)) && message.content.text == "text");
        let wire::MediaGeoPoint { lat: wire_lat, long: wire_long } = geo(lat, long);
        let (title, address, provider, venue_id) = (bytes(b"t"), bytes(b"a"), Bytes::EMPTY, Bytes::EMPTY);
        let venue = wire::MediaVenue { lat: wire_lat, long: wire_long, title, address, provider, venue_id };
        let message = received("text", DecryptedMessageMedia::Venue(venue));
        assert!(matches!(message.content.media, Some(Media::Unsupported)) && message.content.text == "text");
        let point = GeoPoint { latitude: lat, longitude: long };
        for place in [Media::GeoPoint(point), Media::Venue(Venue::new(point, "t", "a"))] {
            assert_eq!(checked(&Draft::media(place, ""), Layer::L144), Err(ApiMisuse::Coordinates));
        }
    }
    for (len, is_read) in [(0, false), (1, true), (4096, true), (4097, false)] {
        let url = "a".repeat(len);
        let message =
            received("text", DecryptedMessageMedia::WebPage(wire::MediaWebPage { url: bytes(url.as_bytes()) }));
        assert_eq!(matches!(message.content.media, Some(Media::WebPage(_))), is_read);
        assert_eq!(checked(&Draft::media(Media::WebPage(WebPage { url }), ""), Layer::L144).is_ok(), is_read);
    }
    for size in [0, -1, i32::MIN] {
        assert!(matches!(received("", document45(size, &[])).content.media, Some(Media::Unsupported)));
        let photo = wire::MediaPhoto8 {
            thumb: bytes(&[0; 6001]),
            thumb_w: 1,
            thumb_h: 1,
            w: -1,
            h: 1,
            size,
            key: bytes(&[1; 31]),
            iv: bytes(&[2; 33]),
        };
        match received("text", DecryptedMessageMedia::Photo8(photo)).content.media {
            Some(Media::Photo(photo)) => {
                assert!(size == 0 && photo.size == 0 && photo.key.is_none() && photo.thumbnail.is_none());
                assert_eq!((photo.width, photo.height), (0, 1));
            }
            media => assert!(size < 0 && matches!(media, Some(Media::Unsupported))),
        }
    }
}

// SPEC DES-2.
#[test]
fn only_a_medium_with_its_key_is_more_than_text() {
    let photo = Media::Photo(Photo { width: 1, height: 1, size: 9, ..Photo::default() });
    let file = Media::Document(document(DocumentKind::File));
    let video = Media::Document(document(DocumentKind::video(7, 640, 480)));
    for (media, with_key) in [
        (&photo, ContentKind::Hideable { duration: 0 }),
        (&file, ContentKind::File),
        (&video, ContentKind::Hideable { duration: 7 }),
    ] {
        assert_eq!(media.content_kind(true), with_key);
        assert_eq!(media.content_kind(false), ContentKind::Text);
    }
    let place = Media::GeoPoint(GeoPoint { latitude: 1.0, longitude: 2.0 });
    assert_eq!(place.content_kind(true), ContentKind::Text);
}

// SPEC MSG-5.
#[test]
fn a_waveform_has_a_longest_length() {
    let voice = |len| Draft::media(Media::Document(document(DocumentKind::voice(7, vec![1; len]))), "");
    for len in [0, 99, 100] {
        assert_eq!(checked(&voice(len), Layer::L144), Ok(()), "{len}");
    }
    assert_eq!(checked(&voice(101), Layer::L144), Err(ApiMisuse::MediaDetails));
}

/// A text that grew would leave a copy behind that nobody wipes.
#[test]
fn text_that_is_no_utf8_is_replaced_in_memory_of_its_length() {
    let cases: [&[u8]; 8] = [
        b"",
        b"text",
        b"\xff",
        b"a\xffb\xfe\xfd",
        "😀é".as_bytes(),
        b"\xf0\x9f\x98",
        b"a\xf0\x9f\x98b\xe2\x82",
        &[0xff; 1_000],
    ];
    for case in cases {
        let read = scalars::lossy(bytes(case));
        assert_eq!(read, String::from_utf8_lossy(case));
        assert_eq!(read.capacity(), read.len(), "{case:?}");
    }
}

#[test]
fn what_is_hidden_shows_nothing_of_itself() {
    let message = written(&Draft::text("secret"), Layer::L144).unwrap();
    let hidden = Hidden::new(Buffer::from(&message[..])).unwrap();
    assert_eq!(format!("{hidden:?}"), "Hidden { .. }");
    assert_eq!(format!("{:?}", Buffer::from(&[66; 9][..])), "Buffer { .. }");
}

#[test]
fn of_entities_that_begin_together_an_old_peer_gets_the_longest() {
    for longest in [2, 100_001] {
        let entities = [Entity::new(EntityKind::Bold, 0, longest - 1), Entity::new(EntityKind::Italic, 0, longest)];
        let written = entity_wire::write_entities(&entities, Layer::L73).unwrap();
        assert!(matches!(written[..], [MessageEntity::Italic(_)]), "{longest}");
        assert_eq!(entity_wire::write_entities(&entities, Layer::L101).unwrap().len(), 2);
    }
}
