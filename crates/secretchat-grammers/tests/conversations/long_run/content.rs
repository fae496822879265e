//! What users send: one message of every kind, and the bytes of its file.

use recordings::Seeded;
use secretchat::media::MediaKey;
use secretchat::{
    Contact, Document, DocumentKind, Draft, Entity, EntityKind, ExternalDocument, GeoPoint, Media, Message, Photo,
    RandomId, Ttl, Venue, WebPage,
};

/// A message that a user has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) id: RandomId,
    pub(crate) kind: Kind,
    /// The length of its file; 0 for a kind without one.
    pub(crate) size: usize,
    pub(crate) ttl: Option<i32>,
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    /// With formatting, as an answer, silent.
    Adorned,
    Photo,
    File,
    Video,
    Animation,
    Music,
    Voice,
    Round,
    Sticker,
    Place,
    Venue,
    Contact,
    WebPage,
    /// A sticker of the cloud.
    Cloud,
}

const WITHOUT_FILE: [Kind; 7] =
    [Kind::Plain, Kind::Adorned, Kind::Place, Kind::Venue, Kind::Contact, Kind::WebPage, Kind::Cloud];
const WITH_FILE: [Kind; 8] =
    [Kind::Photo, Kind::File, Kind::Video, Kind::Animation, Kind::Music, Kind::Voice, Kind::Round, Kind::Sticker];

/// Around a block, a part and a chunk of a download. A seed has few of the long ones.
const SIZES: [usize; 10] = [1, 15, 16, 17, 4_095, 4_096, 70_001, 524_288, 524_289, 1_100_000];

impl Wish {
    /// Draws a message. `long` is the length of a long file, if one is due.
    pub(crate) fn drawn(id: i64, long: Option<usize>, dice: &mut Seeded) -> Self {
        let mut one = |len: usize| usize::try_from(dice.below(len as u64)).unwrap();
        let has_file = long.is_some() || one(4) == 0;
        let kind = if long.is_some() {
            Kind::File
        } else if has_file {
            WITH_FILE[one(WITH_FILE.len())]
        } else if one(3) > 0 {
            Kind::Plain
        } else {
            WITHOUT_FILE[one(WITHOUT_FILE.len())]
        };
        // Three in four files are small.
        let size = long.unwrap_or_else(|| SIZES[if one(4) == 0 { one(SIZES.len()) } else { one(6) }]);
        let ttl = [None, None, None, Some(5), Some(60), Some(3_600)][one(6)];
        let ttl = ttl.filter(|_| long.is_none());
        Self { id: RandomId(id), kind, size: if has_file { size } else { 0 }, ttl }
    }

    pub(crate) const fn has_file(&self) -> bool {
        self.size > 0
    }

    /// Returns the bytes of its file: mostly zeros, and different in each block of 4 KiB.
    pub(crate) fn content(&self) -> Vec<u8> {
        let mut content = vec![0; self.size];
        for (block, bytes) in content.chunks_mut(4_096).enumerate() {
            let mark = [self.id.0.to_le_bytes(), (block as u64).to_le_bytes()].concat();
            let len = bytes.len().min(mark.len());
            bytes[..len].copy_from_slice(&mark[..len]);
        }
        content
    }

    /// Returns the message, with the key and the server's name of its file.
    pub(crate) fn draft(&self, file: Option<(MediaKey, Vec<u8>)>) -> Draft {
        let (key, name) = file.map_or((None, None), |(key, name)| (Some(key), Some(name)));
        let document = |kind| {
            let document = Document::new("a/b", self.size as u64, key.as_ref().unwrap().duplicate());
            Media::Document(document.with_kind(kind).with_file_name("name.ext"))
        };
        let media = match self.kind {
            Kind::Plain | Kind::Adorned => None,
            Kind::Photo => Some(Media::Photo(Photo::new(90, 60, self.size as u64, key.as_ref().unwrap().duplicate()))),
            Kind::File => Some(document(DocumentKind::File)),
            Kind::Video => Some(document(DocumentKind::video(3, 16, 9))),
            Kind::Animation => Some(document(DocumentKind::animation(3, 4, 3))),
            Kind::Music => Some(document(DocumentKind::audio(3, "t", "p"))),
            Kind::Voice => Some(document(DocumentKind::voice(3, vec![1, 2, 3]))),
            Kind::Round => Some(document(DocumentKind::round_video(3, 240))),
            Kind::Sticker => Some(document(DocumentKind::sticker("😀", None))),
            Kind::Place => Some(Media::GeoPoint(GeoPoint { latitude: 48.5, longitude: -7.25 })),
            Kind::Venue => Some(Media::Venue(Venue::new(GeoPoint::default(), "hall", "street"))),
            Kind::Contact => Some(Media::Contact(Contact::new("1", "C"))),
            Kind::WebPage => Some(Media::WebPage(WebPage::new("https://example.org"))),
            Kind::Cloud => {
                let mut cloud = ExternalDocument::new(self.id.0, 2, 3);
                (cloud.date, cloud.mime_type, cloud.size) = (4, "a/b".into(), 5);
                Some(Media::ExternalDocument(cloud))
            }
        };
        let ttl = self.ttl.map(Ttl::from_wire);
        let mut draft = Draft::text(format!("message {}", self.id.0)).with_random_id(self.id).with_ttl(ttl);
        draft.media = media;
        draft.file = name;
        if self.kind == Kind::Adorned {
            let bold = Entity::new(EntityKind::Bold, 0, 7);
            draft = draft.with_entities([bold]).with_reply_to(RandomId(-self.id.0)).silently();
        }
        draft
    }

    /// Whether a message that arrived says what this one says. Its file is another matter.
    pub(crate) fn is(&self, message: &Message) -> bool {
        let content = &message.content;
        let medium = match &content.media {
            None => matches!(self.kind, Kind::Plain | Kind::Adorned),
            Some(Media::Photo(photo)) => self.kind == Kind::Photo && photo.size == self.size as u64,
            Some(Media::Document(document)) => {
                let kind = match document.kind {
                    DocumentKind::File => Kind::File,
                    DocumentKind::Video { .. } => Kind::Video,
                    DocumentKind::Animation { .. } => Kind::Animation,
                    DocumentKind::Audio { .. } => Kind::Music,
                    DocumentKind::Voice { .. } => Kind::Voice,
                    DocumentKind::RoundVideo { .. } => Kind::Round,
                    DocumentKind::Sticker { .. } => Kind::Sticker,
                    _ => return false,
                };
                (kind, document.size, document.mime_type.as_str()) == (self.kind, self.size as u64, "a/b")
            }
            Some(Media::GeoPoint(point)) => {
                self.kind == Kind::Place && (point.latitude, point.longitude) == (48.5, -7.25)
            }
            Some(Media::Venue(venue)) => self.kind == Kind::Venue && venue.title == "hall",
            Some(Media::Contact(contact)) => self.kind == Kind::Contact && contact.first_name == "C",
            Some(Media::WebPage(page)) => self.kind == Kind::WebPage && page.url == "https://example.org",
            Some(Media::ExternalDocument(cloud)) => self.kind == Kind::Cloud && cloud.id == self.id.0,
            Some(_) => false,
        };
        let adorned = self.kind == Kind::Adorned;
        medium
            && content.text == format!("message {}", self.id.0)
            && content.entities.len() == usize::from(adorned)
            && message.reply_to == adorned.then_some(RandomId(-self.id.0))
            && message.silent == adorned
            && self.ttl.is_none_or(|ttl| message.ttl.to_wire() == ttl)
    }
}
