//! One message of every kind, and whether what arrived is what was written.

use secretchat::media::{MediaKey, SegmentKey};
use secretchat::{
    Contact, Document, DocumentKind, Draft, Entity, EntityKind, ExternalDocument, GeoPoint, Media, Message, Photo,
    Profile, RandomId, Thumbnail, Ttl, Venue, WebPage,
};

use crate::model::Kind;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Plain,
    /// Every kind of entity, an answer, through a bot, silent.
    Adorned,
    Photo,
    File,
    Picture,
    /// Seconds that it plays.
    Video(u32),
    Animation,
    Music,
    Voice,
    Round,
    Sticker,
    Place,
    Venue,
    Contact,
    WebPage,
    Cloud,
}

pub(crate) const ALL: [What; 16] = [
    What::Plain,
    What::Adorned,
    What::Photo,
    What::File,
    What::Picture,
    What::Video(20),
    What::Animation,
    What::Music,
    What::Voice,
    What::Round,
    What::Sticker,
    What::Place,
    What::Venue,
    What::Contact,
    What::WebPage,
    What::Cloud,
];

impl What {
    /// What timers see in it (SPEC DES-2).
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Plain | Self::Adorned | Self::Place | Self::Venue | Self::Contact | Self::WebPage | Self::Cloud => {
                Kind::Text
            }
            Self::File | Self::Picture | Self::Sticker => Kind::File,
            Self::Photo => Kind::Hideable(0),
            Self::Video(duration) => Kind::Hideable(duration),
            Self::Animation | Self::Music | Self::Voice | Self::Round => Kind::Hideable(PLAYS),
        }
    }
}

const PLAYS: u32 = 3;

/// A message of this kind, named by `id`.
pub(crate) fn draft(what: What, id: RandomId, ttl: Option<Ttl>, profile: &Profile) -> Draft {
    let key = || Some(file_key(profile, id));
    let file =
        |kind| Document { kind, mime_type: "a/b".into(), file_name: None, size: 77, key: key(), ..Document::default() };
    let document = |kind| Some(Media::Document(file(kind)));
    let media = match what {
        What::Plain | What::Adorned => None,
        What::Photo => {
            Some(Media::Photo(Photo { width: 90, height: 60, size: 1000, key: key(), thumbnail: Some(preview()) }))
        }
        What::File => document(DocumentKind::File),
        What::Picture => Some(Media::Document(Document {
            image_size: Some((8, 9)),
            file_name: Some("picture.png".into()),
            thumbnail: Some(preview()),
            ..file(DocumentKind::File)
        })),
        What::Video(duration) => document(DocumentKind::Video { duration, width: 16, height: 9 }),
        What::Animation => document(DocumentKind::Animation { duration: PLAYS, width: 4, height: 3 }),
        What::Music => document(DocumentKind::Audio { duration: PLAYS, title: "t".into(), performer: "p".into() }),
        What::Voice => document(DocumentKind::Voice { duration: PLAYS, waveform: vec![1, 2, 3] }),
        What::Round => document(DocumentKind::RoundVideo { duration: PLAYS, side: 240 }),
        What::Sticker => Some(Media::Document(Document {
            image_size: Some((512, 512)),
            ..file(DocumentKind::Sticker { alt: "😀".into(), set: None })
        })),
        What::Place => Some(Media::GeoPoint(GeoPoint { latitude: 48.5, longitude: -7.25 })),
        What::Venue => Some(Media::Venue(Venue { title: "hall".into(), address: "street".into(), ..Venue::default() })),
        What::Contact => {
            Some(Media::Contact(Contact { phone_number: "1".into(), first_name: "C".into(), ..Contact::default() }))
        }
        What::WebPage => Some(Media::WebPage(WebPage { url: "https://example.org".into() })),
        What::Cloud => Some(Media::ExternalDocument(ExternalDocument {
            id: id.0,
            access_hash: 2,
            dc_id: 3,
            date: 4,
            mime_type: "a/b".into(),
            size: 5,
            ..ExternalDocument::default()
        })),
    };
    let adorned = what == What::Adorned;
    Draft {
        random_id: Some(id),
        text: format!("{TEXT} {}", id.0),
        entities: if adorned { entities() } else { Vec::new() },
        // The file's name on the host's transport.
        file: media.as_ref().map(|_| id.0.to_le_bytes().to_vec()),
        media,
        reply_to: adorned.then_some(RandomId(-id.0)),
        via_bot: adorned.then(|| "a_bot".into()),
        ttl,
        silent: adorned,
    }
}

/// Whether the message is the draft; a medium with a timer comes without its key.
pub(crate) fn is_what_was_written(message: &Message, draft: &Draft, sealed: i32) -> bool {
    let content = message.content();
    let timed = sealed != 0;
    let media = match (&content.media, &draft.media) {
        (None, None) => true,
        (Some(Media::Photo(came)), Some(Media::Photo(went))) => {
            (came.width, came.height, came.size) == (went.width, went.height, went.size)
                && came.key.is_some() != timed
                && (timed || came.thumbnail == went.thumbnail)
        }
        (Some(Media::Document(came)), Some(Media::Document(went))) => {
            (&came.kind, &came.mime_type, &came.file_name) == (&went.kind, &went.mime_type, &went.file_name)
                && (came.image_size, came.size) == (went.image_size, went.size)
                && came.key.is_some() != timed
                && (timed || came.thumbnail == went.thumbnail)
        }
        (Some(Media::GeoPoint(came)), Some(Media::GeoPoint(went))) => came == went,
        (Some(Media::Venue(came)), Some(Media::Venue(went))) => came == went,
        (Some(Media::Contact(came)), Some(Media::Contact(went))) => came == went,
        (Some(Media::WebPage(came)), Some(Media::WebPage(went))) => came == went,
        (Some(Media::ExternalDocument(came)), Some(Media::ExternalDocument(went))) => came == went,
        _ => false,
    };
    media
        && (&content.text, &content.entities) == (&draft.text, &draft.entities)
        && (message.reply_to, &message.via_bot, message.silent) == (draft.reply_to, &draft.via_bot, draft.silent)
        && message.ttl.to_wire() == sealed
}

/// Long enough for a letter of it for each kind of entity.
const TEXT: &str = "in which every letter looks different";

fn entities() -> Vec<Entity> {
    let kinds = [
        EntityKind::Unknown,
        EntityKind::Mention,
        EntityKind::Hashtag,
        EntityKind::BotCommand,
        EntityKind::Url,
        EntityKind::Email,
        EntityKind::Bold,
        EntityKind::Italic,
        EntityKind::Code,
        EntityKind::Pre("rust".into()),
        EntityKind::TextUrl("https://example.org".into()),
        EntityKind::MentionName(7),
        EntityKind::Phone,
        EntityKind::Cashtag,
        EntityKind::BankCard,
        EntityKind::Underline,
        EntityKind::Strike,
        EntityKind::Blockquote,
        EntityKind::Spoiler,
        EntityKind::CustomEmoji(8),
    ];
    (0..).zip(kinds).map(|(offset, kind)| Entity { kind, offset, length: 1 }).collect()
}

fn preview() -> Thumbnail {
    Thumbnail { jpeg: vec![3; 16], width: 9, height: 6 }
}

fn file_key(profile: &Profile, id: RandomId) -> MediaKey {
    let mut key = [0x11; 32];
    key[..8].copy_from_slice(&id.0.to_le_bytes());
    match profile {
        #[cfg(feature = "telegram")]
        Profile::Telegram { .. } => secretchat::media::ChainKey::from_parts(key, [2; 32]).into(),
        _ => SegmentKey::from_parts(key, [2; 32]).into(),
    }
}
