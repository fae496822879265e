//! One message of every kind, and whether what arrived is what was written.

use secretchat::media::{MediaKey, SegmentKey};
use secretchat::{
    Contact, Document, DocumentKind, Draft, Entity, EntityKind, ExternalDocument, GeoPoint, Media, Message, Photo,
    Profile, RandomId, Thumbnail, Ttl, Venue, WebPage,
};

use crate::support::model::Kind;

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
    let key = || file_key(profile, id);
    let file = |kind| Document::new("a/b", 77, key()).with_kind(kind);
    let document = |kind| Some(Media::Document(file(kind)));
    let media = match what {
        What::Plain | What::Adorned => None,
        What::Photo => Some(Media::Photo(Photo::new(90, 60, 1000, key()).with_thumbnail(preview()))),
        What::File => document(DocumentKind::File),
        What::Picture => Some(Media::Document(
            file(DocumentKind::File).with_image_size(8, 9).with_file_name("picture.png").with_thumbnail(preview()),
        )),
        What::Video(duration) => document(DocumentKind::video(duration, 16, 9)),
        What::Animation => document(DocumentKind::animation(PLAYS, 4, 3)),
        What::Music => document(DocumentKind::audio(PLAYS, "t", "p")),
        What::Voice => document(DocumentKind::voice(PLAYS, vec![1, 2, 3])),
        What::Round => document(DocumentKind::round_video(PLAYS, 240)),
        What::Sticker => Some(Media::Document(file(DocumentKind::sticker("😀", None)).with_image_size(512, 512))),
        What::Place => Some(Media::GeoPoint(GeoPoint { latitude: 48.5, longitude: -7.25 })),
        What::Venue => Some(Media::Venue(Venue::new(GeoPoint::default(), "hall", "street"))),
        What::Contact => Some(Media::Contact(Contact::new("1", "C"))),
        What::WebPage => Some(Media::WebPage(WebPage::new("https://example.org"))),
        What::Cloud => {
            let mut cloud = ExternalDocument::new(id.0, 2, 3);
            (cloud.date, cloud.mime_type, cloud.size) = (4, "a/b".into(), 5);
            Some(Media::ExternalDocument(cloud))
        }
    };
    let adorned = what == What::Adorned;
    let mut draft = Draft::text(format!("{TEXT} {}", id.0)).with_random_id(id).with_ttl(ttl);
    // The file's name on the host's transport.
    draft.file = media.as_ref().map(|_| id.0.to_le_bytes().to_vec());
    draft.media = media;
    if adorned {
        draft = draft.with_entities(entities()).with_reply_to(RandomId(-id.0)).with_via_bot("a_bot").silently();
    }
    draft
}

/// Whether the message is the draft; a medium with a timer comes without its key.
pub(crate) fn is_what_was_written(message: &Message, draft: &Draft, sealed: i32) -> bool {
    let content = &message.content;
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
    (0..).zip(kinds).map(|(offset, kind)| Entity::new(kind, offset, 1)).collect()
}

fn preview() -> Thumbnail {
    Thumbnail::new(vec![3; 16], 9, 6)
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
