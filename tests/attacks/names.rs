//! Names, types and addresses that a peer with the keys chooses (SPEC TL-4, MSG-3, MSG-5). Each is told as a text of bounded
//! length that shows as it is, never costs the message, and moves nothing else in the chat.

use secretchat::hazmat::wire::{
    Bytes, DecryptedMessage, DecryptedMessage73, DecryptedMessageMedia, DocumentAttribute, DocumentAttributeFilename,
    MediaDocument8, MediaDocument45, MediaDocument143, MediaExternalDocument, MediaWebPage, MessageEntity,
    MessageEntityPre, MessageEntityTextUrl, PhotoSize, PhotoSizeEmpty, Vector,
};
use secretchat::{Chat, EntityKind, Event, Handled, Media, Message, Output};

use crate::support::forger::{encoded, plain};
use crate::support::pair::{ciphertext, env, outputs};
use crate::support::profile::{Profile, every_profile};
use crate::support::rng::Seeded;
use crate::support::twin;

/// What the peer writes, and what of it the host is told if there is room for all of it.
fn names() -> Vec<(Vec<u8>, String)> {
    let as_they_are =
        ["", ".", "..", "/", "../../x", "/etc/passwd", "C:\\x", "\\\\host\\share", "NUL", ".bashrc", "a b.jpg"];
    let as_they_are = as_they_are.map(|name| (name, name));
    let replaced = [
        ("a.jpg\0.exe", "a.jpg_.exe"),
        ("\u{1}\t\r\n\u{1b}[2J\u{7f}\u{85}", "_____[2J__"),
        // The override shows `invoice_exe.jpg`.
        ("invoice_\u{202e}gpj.exe", "invoice__gpj.exe"),
        ("\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}", "_______"),
        ("\u{2066}\u{2067}\u{2068}\u{2069}", "____"),
        // A word of one's own script and a joiner are no trick.
        ("\u{5e9}\u{5dc}\u{5d5}\u{5dd}.jpg", "\u{5e9}\u{5dc}\u{5d5}\u{5dd}.jpg"),
        ("👩\u{200d}🚀.webp", "👩\u{200d}🚀.webp"),
    ];
    let texts = as_they_are.into_iter().chain(replaced);
    let texts = texts.map(|(written, told)| (written.as_bytes().to_vec(), told.to_owned()));
    let not_utf_8 = [
        (b"\xff../\xfe.jpg".to_vec(), "\u{fffd}../\u{fffd}.jpg".to_owned()),
        // A slash in two bytes.
        (b"..\xc0\xaf..".to_vec(), "..\u{fffd}\u{fffd}..".to_owned()),
    ];
    let long = ["a".repeat(10_000), "é".repeat(5_000), "../".repeat(3_400)];
    let long = long.map(|name| (name.clone().into_bytes(), name));
    texts.chain(not_utf_8).chain(long).collect()
}

/// A name or a type has at most 255 bytes, cut at a character.
fn cut(told: &str) -> String {
    let mut cut = told.to_owned();
    while cut.len() > 255 {
        cut.pop();
    }
    cut
}

/// Bob gets the message of a peer with the keys. Returns what his host is told of it, and his chat after it.
fn told(profile: Profile, message: DecryptedMessage73<'_>) -> (Message, Chat) {
    let (mut forger, mut bob) = profile.meet_forger();
    outputs(&mut bob);
    let message = encoded(&DecryptedMessage::Message73(message));
    // What Bob draws does not depend on how long the name is.
    let (sealed, mut rng) = (forger.say_next(&message), Seeded::new(55));
    assert_eq!(bob.handle(ciphertext(&sealed), &mut env(&mut rng)), Ok(Handled::Applied));
    let mut told = outputs(&mut bob).into_iter().filter_map(|output| match output {
        Output::Event(Event::Message(message)) => Some(message),
        _ => None,
    });
    let (Some(message), None) = (told.next(), told.next()) else { panic!("one message") };
    (*message, bob)
}

fn with_media(media: DecryptedMessageMedia<'_>) -> DecryptedMessage73<'_> {
    DecryptedMessage73 { media: Some(media), ..plain(7, "a text") }
}

/// A document in each of its forms, and one in the cloud, with this name and this type.
fn documents<'a>(name: &'a [u8], attributes: &'a [DocumentAttribute<'a>; 1]) -> [DecryptedMessageMedia<'a>; 4] {
    let (thumb, caption) = (Bytes::EMPTY, Bytes::EMPTY);
    let (key, iv) = (Bytes::new(&[1; 32]).unwrap(), Bytes::new(&[2; 32]).unwrap());
    let mime_type = Bytes::new(name).unwrap();
    let attributes = Vector::new(attributes).unwrap();
    let (thumb_w, thumb_h, size) = (0, 0, 1_000);
    [
        DecryptedMessageMedia::Document143(MediaDocument143 {
            thumb,
            thumb_w,
            thumb_h,
            mime_type,
            size: 1_000,
            key,
            iv,
            attributes,
            caption,
        }),
        DecryptedMessageMedia::Document45(MediaDocument45 {
            thumb,
            thumb_w,
            thumb_h,
            mime_type,
            size,
            key,
            iv,
            attributes,
            caption,
        }),
        DecryptedMessageMedia::Document8(MediaDocument8 {
            thumb,
            thumb_w,
            thumb_h,
            file_name: mime_type,
            mime_type,
            size,
            key,
            iv,
        }),
        DecryptedMessageMedia::ExternalDocument(MediaExternalDocument {
            id: 1,
            access_hash: 2,
            date: 3,
            mime_type,
            size,
            thumb: PhotoSize::Empty(PhotoSizeEmpty { r#type: Bytes::EMPTY }),
            dc_id: 4,
            attributes,
        }),
    ]
}

#[test]
fn at_54_names_and_types_of_files_are_told_as_short_texts() {
    for profile in every_profile() {
        for (name, whole) in names() {
            let file_name = DocumentAttributeFilename { file_name: Bytes::new(&name).unwrap() };
            let attributes = [DocumentAttribute::Filename(file_name)];
            for media in documents(&name, &attributes) {
                let (message, _) = told(profile, with_media(media));
                assert_eq!(message.content.text, "a text");
                let (mime_type, file_name) = match message.content.media {
                    Some(Media::Document(document)) => (document.mime_type, document.file_name),
                    Some(Media::ExternalDocument(document)) => (document.mime_type, document.file_name),
                    other => panic!("{other:?}"),
                };
                assert_eq!((mime_type, file_name), (cut(&whole), Some(cut(&whole))), "{name:?}");
            }
        }
    }
}

/// The address of a link in a text shows as it is, too: what a user is asked before it is opened.
#[test]
fn at_54_links_and_languages_are_told_as_texts_that_show_as_they_are() {
    for profile in every_profile() {
        for (name, whole) in names() {
            let name = Bytes::new(&name).unwrap();
            let entities = [
                MessageEntity::TextUrl(MessageEntityTextUrl { offset: 0, length: 1, url: name }),
                MessageEntity::Pre(MessageEntityPre { offset: 2, length: 4, language: name }),
            ];
            let entities = Some(Vector::new(&entities).unwrap());
            let (message, _) = told(profile, DecryptedMessage73 { entities, ..plain(7, "a text") });
            let kinds: Vec<_> = message.content.entities.into_iter().map(|entity| entity.kind).collect();
            assert!(kinds == [EntityKind::TextUrl(whole.clone()), EntityKind::Pre(whole)], "{name:?}");
        }
    }
}

/// An address of a page that is empty or has more than 4,096 bytes costs the medium, and the text stays.
#[test]
fn at_54_an_address_of_a_page_has_a_bound() {
    for profile in every_profile() {
        for (name, whole) in names() {
            let url = Bytes::new(&name).unwrap();
            let (message, _) = told(profile, with_media(DecryptedMessageMedia::WebPage(MediaWebPage { url })));
            assert_eq!(message.content.text, "a text");
            match message.content.media.unwrap() {
                Media::WebPage(page) => assert_eq!((page.url, name.len() <= 4_096), (whole, true)),
                Media::Unsupported => assert!(name.is_empty() || name.len() > 4_096, "{name:?}"),
                other => panic!("{other:?}"),
            }
        }
    }
}

/// A chat goes on after such names as after harmless ones: the same records, and all that it says and does to its end.
#[test]
fn at_54_a_name_moves_nothing_in_a_chat() {
    let life_after = |profile, name: &[u8]| {
        let name = Bytes::new(name).unwrap();
        let attributes = [DocumentAttribute::Filename(DocumentAttributeFilename { file_name: name })];
        let [media, ..] = documents(name.as_slice(), &attributes);
        let (_, mut bob) = told(profile, with_media(media));
        twin::life(&mut bob)
    };
    for profile in every_profile() {
        let harmless = life_after(profile, b"a.jpg");
        for (name, _) in names() {
            twin::assert_same(&life_after(profile, &name), &harmless);
        }
    }
}
