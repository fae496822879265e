//! Drafts written at every layer and read back.

mod drafts;
mod forms;

use std::borrow::ToOwned;
use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use self::drafts::{TWO_GIB, drafts, entities_at, media_at};
use super::incoming_media::read_media;
use super::*;
use crate::destruct::{Notification, Rights};
use crate::media::{ChainKey, FileForm, MediaKey};
use crate::profile::{Profile, Rules};
use crate::types::error::ApiMisuse;
use crate::types::id::{GroupedId, Layer, Position, RandomId, Role, SeqNo};
use crate::types::time::{Timestamp, Ttl};
use crate::wire::{
    self, Bytes, DecryptedMessage, DecryptedMessage73, DecryptedMessageMedia, DocumentAttribute, Double, Encode, Flags,
    InputStickerSet, MessageEntity, Vector, decode_exact, encode_exact,
};

const LAYERS: [Layer; 6] = [Layer::L46, Layer(66), Layer::L73, Layer::L101, Layer(143), Layer::L144];

/// Checks a draft as the Telegram profile does.
fn checked(draft: &Draft, layer: Layer) -> Result<(), ApiMisuse> {
    check_draft(draft, layer, None, FileForm::Chain, |_| Ok(()))
}

fn encoded(value: &impl Encode) -> Vec<u8> {
    let mut bytes = vec![0; value.encoded_len()];
    assert!(encode_exact(value, &mut bytes));
    bytes
}

/// Returns the draft's bytes at a layer.
fn written(draft: &Draft, layer: Layer) -> Result<Vec<u8>, ApiMisuse> {
    with_wire(draft, RandomId(7), Ttl::OFF, layer, Some(GroupedId(9)), |message| Ok(encoded(message)))
}

fn read(bytes: &[u8]) -> Message {
    let message = decode_exact::<DecryptedMessage<'_>>(bytes).unwrap();
    let body = read_body(&message, FileForm::Chain).expect("a message");
    let position = Position::new(Role::Initiator, SeqNo::ZERO, SeqNo::ZERO);
    let outside = Outside {
        date: None,
        now: Timestamp::default(),
        position,
        layer: Layer::L144,
        file: None,
        notification_cap: Notification::All,
    };
    let rules = Rules { rights: Rights::telegram, ..*Profile::X25519.rules() };
    *Received::new(body, outside, &rules).message
}

fn sent(draft: &Draft, layer: Layer) -> Message {
    read(&written(draft, layer).unwrap())
}

/// Returns a received medium, in a message with this text.
fn received(text: &str, media: DecryptedMessageMedia<'_>) -> Message {
    read(&encoded(&DecryptedMessage::Message73(DecryptedMessage73 {
        flags: Flags::NONE,
        random_id: 7,
        ttl: 0,
        message: bytes(text.as_bytes()),
        media: Some(media),
        entities: None,
        via_bot_name: None,
        reply_to_random_id: None,
        grouped_id: None,
    })))
}

fn document45<'a>(size: i32, attributes: &'a [DocumentAttribute<'a>]) -> DecryptedMessageMedia<'a> {
    DecryptedMessageMedia::Document45(wire::MediaDocument45 {
        thumb: Bytes::EMPTY,
        thumb_w: 0,
        thumb_h: 0,
        mime_type: bytes(b"a/b"),
        size,
        key: bytes(&[1; 32]),
        iv: bytes(&[2; 32]),
        attributes: Vector::new(attributes).unwrap(),
        caption: Bytes::EMPTY,
    })
}

fn bytes(bytes: &[u8]) -> Bytes<'_> {
    Bytes::new(bytes).unwrap()
}

fn key() -> Option<MediaKey> {
    Some(ChainKey::from_parts([1; 32], [2; 32]).into())
}

fn document(kind: DocumentKind) -> Document {
    Document { kind, mime_type: "a/b".to_owned(), size: 1000, key: key(), ..Document::default() }
}

/// Returns everything in a medium, for comparison.
fn shown(media: &Media) -> String {
    let kind = |kind: &DocumentKind| match kind {
        DocumentKind::File => "file".to_owned(),
        DocumentKind::Video { duration, width, height } => format!("video {duration} {width} {height}"),
        DocumentKind::Animation { duration, width, height } => format!("animation {duration} {width} {height}"),
        DocumentKind::Audio { duration, title, performer } => format!("audio {duration} {title:?} {performer:?}"),
        DocumentKind::Voice { duration, waveform } => format!("voice {duration} {waveform:?}"),
        DocumentKind::RoundVideo { duration, side } => format!("round {duration} {side}"),
        DocumentKind::Sticker { alt, set } => format!("sticker {alt:?} {set:?}"),
    };
    let thumb = |thumb: &Option<Thumbnail>| thumb.as_ref().map(|thumb| (thumb.jpeg.clone(), thumb.width, thumb.height));
    let parts = |key: &Option<MediaKey>| key.as_ref().map(|key| (*key.parts().0, *key.parts().1));
    match media {
        Media::Photo(m) => {
            format!("photo {:?} {} {} {} {:?}", thumb(&m.thumbnail), m.width, m.height, m.size, parts(&m.key))
        }
        Media::Document(m) => format!(
            "document {} {:?} {:?} {:?} {:?} {} {:?}",
            kind(&m.kind),
            thumb(&m.thumbnail),
            m.mime_type,
            m.file_name,
            m.image_size,
            m.size,
            parts(&m.key)
        ),
        Media::GeoPoint(m) => format!("point {} {}", m.latitude, m.longitude),
        Media::Venue(m) => format!(
            "venue {} {} {:?}",
            m.point.latitude,
            m.point.longitude,
            [&m.title, &m.address, &m.provider, &m.venue_id]
        ),
        Media::Contact(m) => format!("contact {:?} {}", [&m.phone_number, &m.first_name, &m.last_name], m.user_id),
        Media::WebPage(m) => format!("page {}", m.url),
        Media::ExternalDocument(m) => format!(
            "external {:?} {} {:?} {:?} {:?} {:?} {}",
            (m.id, m.access_hash, m.dc_id, m.date),
            kind(&m.kind),
            thumb(&m.thumbnail),
            m.mime_type,
            m.file_name,
            m.image_size,
            m.size
        ),
        Media::Unsupported => "unsupported".to_owned(),
    }
}

proptest! {
    #[test]
    fn a_draft_is_read_back_but_for_what_the_layer_cannot_express(draft in drafts(), layer in 0..LAYERS.len()) {
        let layer = LAYERS[layer];
        let written = written(&draft, layer);
        prop_assert_eq!(checked(&draft, layer), written.as_ref().map(|_| ()).map_err(|error| *error));
        let Draft { text, entities, media, reply_to, via_bot, silent, .. } = draft;
        let media = match media.map(|media| media_at(media, layer)) {
            Some(None) => {
                prop_assert_eq!(written, Err(ApiMisuse::MediaSize));
                return Ok(());
            }
            media => media.flatten(),
        };
        let message = read(&written.unwrap());
        prop_assert_eq!(message.random_id, RandomId(7));
        prop_assert_eq!(&message.content.text, &text);
        prop_assert_eq!(&message.content.entities, &entities_at(&entities, layer));
        prop_assert_eq!(message.content.media.as_ref().map(shown), media.as_ref().map(shown));
        prop_assert_eq!(message.reply_to, reply_to);
        prop_assert_eq!(message.via_bot, via_bot);
        prop_assert_eq!(message.silent, silent && layer >= Layer::L73);
        prop_assert_eq!(message.grouped_id, Some(GroupedId(9)).filter(|_| layer >= Layer::L73));
    }
}

#[test]
fn constructors_follow_the_peers_layer() {
    let ids = |media, layer| {
        let draft = Draft::media(media, "caption");
        with_wire(&draft, RandomId(7), Ttl::OFF, Layer(layer), None, |message| {
            Ok::<_, ApiMisuse>(match message {
                DecryptedMessage::Message45(m) => (message.id(), m.media.unwrap().id(), m.message.as_slice().to_vec()),
                DecryptedMessage::Message73(m) => (message.id(), m.media.unwrap().id(), m.message.as_slice().to_vec()),
                _ => panic!(),
            })
        })
        .unwrap()
    };
    for (layer, message) in [(0, 0x36b0_91de), (46, 0x36b0_91de), (72, 0x36b0_91de), (73, 0x91cc_4674)] {
        let photo = Media::Photo(Photo { size: 1, key: key(), ..Photo::default() });
        assert_eq!(ids(photo, layer), (message, 0xf1fa_8d78, vec![]));
        assert_eq!(ids(Media::Document(document(DocumentKind::File)), layer), (message, 0x7afe_8ae2, vec![]));
    }
    for (layer, id) in [(142, 0x7afe_8ae2), (143, 0x6abd_9782), (144, 0x6abd_9782), (9999, 0x6abd_9782)] {
        assert_eq!(ids(Media::Document(document(DocumentKind::File)), layer), (0x91cc_4674, id, vec![]));
    }
    // Without a place for a caption the text is the message's own.
    assert_eq!(ids(Media::GeoPoint(GeoPoint::default()), 144), (0x91cc_4674, 0x3548_0a59, b"caption".to_vec()));
    assert_eq!(sent(&Draft::media(Media::GeoPoint(GeoPoint::default()), "here"), Layer::L144).content.text, "here");

    let round = Draft::media(Media::Document(document(DocumentKind::round_video(7, 240))), "");
    for (layer, id) in [(65, 0x5910_cccb_u32), (66, 0x0ef0_2ce6)] {
        let bytes = written(&round, Layer(layer)).unwrap();
        assert!(bytes.windows(4).any(|word| word == id.to_le_bytes()), "{layer}");
    }
}

#[test]
fn br_28_files_that_the_layer_cannot_express_are_refused() {
    let of_size = |size| Draft::media(Media::Document(Document { size, ..document(DocumentKind::File) }), "");
    for size in [1, 2_097_152_000, 2_097_152_001, TWO_GIB - 1, TWO_GIB, 4_194_304_000] {
        for layer in [46, 73, 142, 143, 144] {
            let draft = of_size(size);
            let expected = if layer < 143 && size > 2_097_152_000 { Err(ApiMisuse::MediaSize) } else { Ok(()) };
            assert_eq!(checked(&draft, Layer(layer)), expected, "{size} {layer}");
            if expected.is_ok() {
                let Some(Media::Document(document)) = sent(&draft, Layer(layer)).content.media else { panic!() };
                assert_eq!(document.size, size);
            }
        }
    }
    for size in [0, 1 << 63] {
        assert_eq!(checked(&of_size(size), Layer::L144), Err(ApiMisuse::MediaSize));
    }
    // Both forms are read at any layer: the reader does not know the layer.
    assert_eq!(
        received("", document45(1000, &[])).content.media.as_ref().map(shown),
        Some(shown(&Media::Document(document(DocumentKind::File))))
    );
}

#[test]
fn br_30_entities_count_utf16_and_follow_the_layer() {
    let entity = |kind, offset, length| Entity { kind, offset, length };
    let bold = |offset, length| entity(EntityKind::Bold, offset, length);
    let draft = |text: &str, entities| Draft { entities, ..Draft::text(text) };
    // The caption's entities are carried, and mean what they meant.
    let photo = Media::Photo(Photo { size: 1, key: key(), ..Photo::default() });
    let caption = Draft { entities: vec![bold(3, 5)], ..Draft::media(photo, "😀qwerty") };
    let message = sent(&caption, Layer::L144);
    assert_eq!(
        message.content.entities[0].range(&message.content.text).map(|range| &message.content.text[range]),
        Some("werty")
    );
    let message = sent(&draft("❤️🔴", vec![bold(2, 2)]), Layer::L46);
    assert_eq!(
        message.content.entities[0].range(&message.content.text).map(|range| &message.content.text[range]),
        Some("🔴")
    );
    // What does not fit is refused here and left out there.
    for bad in [bold(1, 1), bold(0, 9), bold(8, 1), bold(3, 0), bold(u32::MAX, 2)] {
        assert_eq!(checked(&draft("😀qwerty", vec![bad]), Layer::L144), Err(ApiMisuse::EntityRange));
    }
    assert_eq!(checked(&draft("ab", vec![bold(0, 1); 1001]), Layer::L144), Err(ApiMisuse::TooManyEntities));
    let raw = |offset, length| MessageEntity::Bold(wire::MessageEntityBold { offset, length });
    let mut entities = vec![raw(1, 1), raw(0, 9), raw(-1, 2), raw(0, -1), raw(i32::MAX, i32::MAX), raw(2, 6)];
    entities.resize(10_000, raw(0, 2));
    let message = DecryptedMessage73 {
        flags: Flags::NONE,
        random_id: 7,
        ttl: 0,
        message: bytes("😀qwerty".as_bytes()),
        media: None,
        entities: Vector::new(&entities),
        via_bot_name: None,
        reply_to_random_id: None,
        grouped_id: None,
    };
    let message = read(&encoded(&DecryptedMessage::Message73(message)));
    assert_eq!(
        (message.content.text.as_str(), &message.content.entities[..2]),
        ("😀qwerty", &[bold(2, 6), bold(0, 2)][..])
    );
    assert!(message.content.entities.len() <= Entity::MAX_COUNT);
    // Underline at layer 73, spoiler at 143: the text stays.
    for (kind, below, from) in [
        (EntityKind::Underline, 73, 101),
        (EntityKind::Strike, 100, 101),
        (EntityKind::Blockquote, 73, 101),
        (EntityKind::Spoiler, 143, 144),
        (EntityKind::CustomEmoji(5), 143, 144),
    ] {
        let draft = draft("abc", vec![entity(kind.clone(), 0, 2), bold(2, 1)]);
        let message = sent(&draft, Layer(below));
        assert_eq!((message.content.text.as_str(), &message.content.entities[..]), ("abc", &[bold(2, 1)][..]));
        assert_eq!(sent(&draft, Layer(from)).content.entities, draft.entities);
    }
    // What is left out hides nothing; below 101 the first of those that touch stays.
    let italic = |offset, length| entity(EntityKind::Italic, offset, length);
    let nested =
        draft("abcdef", vec![entity(EntityKind::Underline, 0, 6), italic(1, 2), bold(0, 4), bold(4, 2), italic(0, 4)]);
    assert_eq!(sent(&nested, Layer(100)).content.entities, [bold(0, 4), bold(4, 2)]);
    assert_eq!(sent(&nested, Layer::L101).content.entities, nested.entities);
}

#[test]
fn what_the_wire_cannot_express_is_refused() {
    let check = |media| checked(&Draft::media(media, ""), Layer::L144);
    let photo = |size, key| Media::Photo(Photo { size, key, ..Photo::default() });
    assert_eq!(check(photo(0, key())), Err(ApiMisuse::MediaSize));
    assert_eq!(check(photo(TWO_GIB, key())), Err(ApiMisuse::MediaSize));
    assert_eq!(check(photo(TWO_GIB - 1, key())), Ok(()));
    assert_eq!(check(photo(1, None)), Err(ApiMisuse::MissingMediaKey));
    assert_eq!(check(Media::Unsupported), Err(ApiMisuse::EmptyMessage));
    assert_eq!(checked(&Draft::text(""), Layer::L144), Err(ApiMisuse::EmptyMessage));
    assert_eq!(checked(&Draft::default(), Layer::L144), Err(ApiMisuse::EmptyMessage));
    let long = "a".repeat(256);
    let venue = Venue { address: long.clone(), ..Venue::default() };
    let contact = Contact { first_name: long.clone(), ..Contact::default() };
    let external = ExternalDocument { mime_type: long.clone(), ..ExternalDocument::default() };
    let large = ExternalDocument { size: TWO_GIB, ..ExternalDocument::default() };
    assert_eq!(check(Media::Venue(venue)), Err(ApiMisuse::MediaDetails));
    assert_eq!(check(Media::Contact(contact)), Err(ApiMisuse::MediaDetails));
    assert_eq!(check(Media::ExternalDocument(external)), Err(ApiMisuse::MediaDetails));
    assert_eq!(check(Media::ExternalDocument(large)), Err(ApiMisuse::MediaSize));
    for kind in [
        DocumentKind::video(1 << 31, 1, 1),
        DocumentKind::round_video(1, 1 << 31),
        DocumentKind::Animation { duration: 0, width: 1 << 31, height: 1 },
        DocumentKind::Audio { duration: 1, title: long.clone(), performer: String::new() },
        DocumentKind::Voice { duration: 1, waveform: vec![0; 101] },
        DocumentKind::Sticker { alt: String::new(), set: Some(long.clone()) },
    ] {
        assert_eq!(check(Media::Document(document(kind))), Err(ApiMisuse::MediaDetails));
    }
    let bot = Draft { via_bot: Some(long), ..Draft::text("a") };
    assert_eq!(checked(&bot, Layer::L144), Err(ApiMisuse::MediaDetails));
}

#[test]
fn albums_have_two_to_ten_photos_videos_files_or_sounds() {
    let of = |kind| Draft::media(Media::Document(document(kind)), "");
    let file = || of(DocumentKind::File);
    for (count, expected) in [
        (0, Err(ApiMisuse::AlbumSize)),
        (1, Err(ApiMisuse::AlbumSize)),
        (2, Ok(())),
        (10, Ok(())),
        (11, Err(ApiMisuse::AlbumSize)),
    ] {
        assert_eq!(check_album(&(0..count).map(|_| file()).collect::<Vec<_>>()), expected);
    }
    let photo = Draft::media(Media::Photo(Photo { size: 1, key: key(), ..Photo::default() }), "");
    let video = of(DocumentKind::video(1, 1, 1));
    let audio = of(DocumentKind::Audio { duration: 1, title: String::new(), performer: String::new() });
    assert_eq!(check_album(&[photo, video, audio, file()]), Ok(()));
    for other in [
        Draft::text("a"),
        of(DocumentKind::Voice { duration: 1, waveform: vec![] }),
        of(DocumentKind::round_video(1, 1)),
        of(DocumentKind::Sticker { alt: String::new(), set: None }),
        of(DocumentKind::Animation { duration: 1, width: 1, height: 1 }),
        Draft::media(Media::GeoPoint(GeoPoint::default()), ""),
    ] {
        assert_eq!(check_album(&[file(), other]), Err(ApiMisuse::AlbumMedia));
    }
}

// MED-1: the profile says what the fields of a message hold; SEG-1: the sizes that segments can have.
#[test]
fn a_key_is_of_the_form_of_the_profile() {
    let read = |size: i64, form| {
        let (thumb, caption) = (Bytes::EMPTY, Bytes::EMPTY);
        let (key, iv, mime_type) = (bytes(&[1; 32]), bytes(&[2; 32]), bytes(b"a/b"));
        let attributes = Vector::new(&[]).unwrap();
        let (thumb_w, thumb_h) = (0, 0);
        let document =
            wire::MediaDocument143 { thumb, thumb_w, thumb_h, mime_type, size, key, iv, attributes, caption };
        match read_media(&DecryptedMessageMedia::Document143(document), form).0 {
            Some(Media::Document(document)) => document.key,
            other => panic!("{other:?}"),
        }
    };
    for size in [1, 1 << 40, (1 << 40) + 1, i64::MAX] {
        assert!(matches!(read(size, FileForm::Chain), Some(MediaKey::Chain(_))));
        let segments = read(size, FileForm::Segments);
        assert_eq!(matches!(segments, Some(MediaKey::Segments(_))), size <= 1 << 40);
        assert_eq!(segments.is_none(), size > 1 << 40);
    }
    let photo = |form| {
        let (thumb, caption, key, iv) = (Bytes::EMPTY, Bytes::EMPTY, bytes(&[1; 32]), bytes(&[2; 32]));
        let photo = wire::MediaPhoto45 { thumb, thumb_w: 0, thumb_h: 0, w: 1, h: 1, size: 0, key, iv, caption };
        match read_media(&DecryptedMessageMedia::Photo45(photo), form).0 {
            Some(Media::Photo(photo)) => photo.key.is_some(),
            other => panic!("{other:?}"),
        }
    };
    // A photo of an unknown size can still be opened as a chain.
    assert!(photo(FileForm::Chain) && !photo(FileForm::Segments));
}

/// SPEC RIGHT-6: bit 26 of the flags, which are the second word of a message.
#[test]
fn a_protected_message_has_its_bit_and_is_not_kept() {
    let plain = written(&Draft::text("x"), Layer::L144).unwrap();
    let protected = written(&Draft::text("x").protected(), Layer::L144).unwrap();
    assert_eq!((&plain[4..8], &protected[4..8]), (&[0, 0, 2, 0][..], &[0, 0, 2, 4][..]), "bit 17: it is of an album");
    assert_eq!((&plain[..4], &plain[8..]), (&protected[..4], &protected[8..]));
    let silent = written(&Draft::text("x").protected().silently(), Layer::L144).unwrap();
    assert_eq!(silent[4..8], [1 << 5, 0, 2, 4]);
    let may_save = |bytes: &[u8]| read(bytes).content.rights.may_save();
    assert_eq!((may_save(&plain), may_save(&protected)), (true, false));
    // No other bit says so.
    for bit in [0, 2, 4, 25, 27, 31] {
        let mut other = plain.clone();
        other[4..8].copy_from_slice(&(1_u32 << 17 | 1 << bit).to_le_bytes());
        assert!(may_save(&other), "{bit}");
    }
}
