//! Converts a recorded message to the draft from which an app would have made it.

use secretchat::hazmat::wire::{
    Bytes, DecryptedMessage, DecryptedMessageMedia, DocumentAttribute, InputStickerSet, MessageEntity, PhotoSize,
    Vector,
};
use secretchat::media::{ChainKey, MediaKey};
use secretchat::{
    Contact, Document, DocumentKind, Draft, Entity, EntityKind, ExternalDocument, GeoPoint, Media, Photo, RandomId,
    Thumbnail, Venue, WebPage,
};

/// The fields that the two forms of a message have in common.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    pub(crate) form: u32,
    pub(crate) flags: u32,
    pub(crate) random_id: i64,
    pub(crate) ttl: i32,
    pub(crate) text: Bytes<'a>,
    pub(crate) media: Option<DecryptedMessageMedia<'a>>,
    pub(crate) entities: Option<Vector<'a, MessageEntity<'a>>>,
    pub(crate) via_bot: Option<Bytes<'a>>,
    pub(crate) reply_to: Option<i64>,
    pub(crate) grouped_id: Option<i64>,
    silent: bool,
}

impl<'a> Written<'a> {
    pub(crate) fn of(message: &DecryptedMessage<'a>) -> Option<Self> {
        Some(match message {
            DecryptedMessage::Message73(m) => Self {
                form: message.id(),
                flags: m.flags.bits(),
                random_id: m.random_id,
                ttl: m.ttl,
                text: m.message,
                media: m.media,
                entities: m.entities,
                via_bot: m.via_bot_name,
                reply_to: m.reply_to_random_id,
                grouped_id: m.grouped_id,
                silent: m.silent(),
            },
            DecryptedMessage::Message45(m) => Self {
                form: message.id(),
                flags: m.flags.bits(),
                random_id: m.random_id,
                ttl: m.ttl,
                text: m.message,
                media: m.media,
                entities: m.entities,
                via_bot: m.via_bot_name,
                reply_to: m.reply_to_random_id,
                grouped_id: None,
                silent: false,
            },
            _ => return None,
        })
    }

    pub(crate) fn draft(&self) -> Draft {
        let (media, caption) = self.media.as_ref().map_or((None, None), media);
        let text = match caption {
            Some(caption) if self.text.as_slice().is_empty() => caption,
            _ => self.text,
        };
        let entities = self.entities.iter().flat_map(Vector::iter).map(|e| entity(&e));
        let mut draft = Draft::text(string(text))
            .with_random_id(RandomId(self.random_id))
            .with_entities(entities)
            .with_reply_to(self.reply_to.map(RandomId));
        draft.media = media;
        draft.via_bot = self.via_bot.map(string);
        draft.silent = self.silent;
        draft
    }
}

pub(crate) fn string(bytes: Bytes<'_>) -> String {
    String::from_utf8_lossy(bytes.as_slice()).into_owned()
}

/// Returns the medium, and its caption if it has a field for one.
fn media<'a>(media: &DecryptedMessageMedia<'a>) -> (Option<Media>, Option<Bytes<'a>>) {
    use DecryptedMessageMedia as M;
    let photo = |thumb, (w, h), size: i32, key| {
        let (width, height, size) = (unsigned(w), unsigned(h), u64::from(unsigned(size)));
        let mut photo = Photo::default();
        (photo.width, photo.height, photo.size, photo.key) = (width, height, size, key);
        Some(photo.with_thumbnail(thumbnail(thumb)).into())
    };
    let document = |thumb, mime: Option<Bytes<'a>>, size: i64, key, (kind, file_name, image_size)| {
        let mut document = Document::default();
        (document.kind, document.file_name, document.image_size) = (kind, file_name, image_size);
        document.mime_type = mime.map(string).unwrap_or_default();
        (document.size, document.key) = (u64::try_from(size).unwrap_or(0), key);
        Some(document.with_thumbnail(thumbnail(thumb)).into())
    };
    let video = |duration, w, h| {
        let kind = DocumentKind::video(unsigned(duration), unsigned(w), unsigned(h));
        (kind, None, None)
    };
    let voice = |duration| (DocumentKind::voice(unsigned(duration), Vec::new()), None, None);
    let none = (Bytes::EMPTY, 0, 0);
    match *media {
        M::Empty => (None, None),
        M::Photo8(m) => (photo((m.thumb, m.thumb_w, m.thumb_h), (m.w, m.h), m.size, key(m.key, m.iv)), None),
        M::Photo45(m) => {
            (photo((m.thumb, m.thumb_w, m.thumb_h), (m.w, m.h), m.size, key(m.key, m.iv)), Some(m.caption))
        }
        M::Document8(m) => {
            let shape = (DocumentKind::File, Some(string(m.file_name)), None);
            let thumb = (m.thumb, m.thumb_w, m.thumb_h);
            (document(thumb, Some(m.mime_type), m.size.into(), key(m.key, m.iv), shape), None)
        }
        M::Document45(m) => {
            let thumb = (m.thumb, m.thumb_w, m.thumb_h);
            let shape = shape(&m.attributes);
            (document(thumb, Some(m.mime_type), m.size.into(), key(m.key, m.iv), shape), Some(m.caption))
        }
        M::Document143(m) => {
            let thumb = (m.thumb, m.thumb_w, m.thumb_h);
            (document(thumb, Some(m.mime_type), m.size, key(m.key, m.iv), shape(&m.attributes)), Some(m.caption))
        }
        M::Video8(m) => {
            let thumb = (m.thumb, m.thumb_w, m.thumb_h);
            (document(thumb, None, m.size.into(), key(m.key, m.iv), video(m.duration, m.w, m.h)), None)
        }
        M::Video17(m) => {
            let thumb = (m.thumb, m.thumb_w, m.thumb_h);
            (document(thumb, Some(m.mime_type), m.size.into(), key(m.key, m.iv), video(m.duration, m.w, m.h)), None)
        }
        M::Video45(m) => {
            let (thumb, shape) = ((m.thumb, m.thumb_w, m.thumb_h), video(m.duration, m.w, m.h));
            (document(thumb, Some(m.mime_type), m.size.into(), key(m.key, m.iv), shape), Some(m.caption))
        }
        M::Audio8(m) => (document(none, None, m.size.into(), key(m.key, m.iv), voice(m.duration)), None),
        M::Audio17(m) => (document(none, Some(m.mime_type), m.size.into(), key(m.key, m.iv), voice(m.duration)), None),
        M::GeoPoint(m) => {
            (Some(Media::GeoPoint(GeoPoint { latitude: m.lat.to_f64(), longitude: m.long.to_f64() })), None)
        }
        M::Venue(m) => {
            let point = GeoPoint { latitude: m.lat.to_f64(), longitude: m.long.to_f64() };
            let venue = Venue::new(point, string(m.title), string(m.address));
            (Some(venue.with_provider(string(m.provider), string(m.venue_id)).into()), None)
        }
        M::Contact(m) => {
            let contact = Contact::new(string(m.phone_number), string(m.first_name));
            (Some(contact.with_last_name(string(m.last_name)).with_user_id(m.user_id).into()), None)
        }
        M::WebPage(m) => (Some(WebPage::new(string(m.url)).into()), None),
        M::ExternalDocument(m) => {
            let (kind, file_name, image_size) = shape(&m.attributes);
            let mut document = ExternalDocument::new(m.id, m.access_hash, m.dc_id);
            document.thumbnail = match m.thumb {
                PhotoSize::Cached(size) => thumbnail((size.bytes, size.w, size.h)),
                PhotoSize::Size(_) | PhotoSize::Empty(_) => None,
            };
            (document.kind, document.file_name, document.image_size) = (kind, file_name, image_size);
            (document.date, document.mime_type) = (m.date, string(m.mime_type));
            document.size = u64::from(unsigned(m.size));
            (Some(document.into()), None)
        }
    }
}

fn shape(attributes: &Vector<'_, DocumentAttribute<'_>>) -> (DocumentKind, Option<String>, Option<(u32, u32)>) {
    let (mut kind, mut file_name, mut image_size, mut animated) = (DocumentKind::File, None, None, false);
    let video = |duration, width, height| DocumentKind::video(unsigned(duration), unsigned(width), unsigned(height));
    let music = |duration, title, performer| DocumentKind::audio(unsigned(duration), title, performer);
    for attribute in attributes {
        match attribute {
            DocumentAttribute::Filename(a) => file_name = Some(string(a.file_name)),
            DocumentAttribute::ImageSize(a) => image_size = Some((unsigned(a.w), unsigned(a.h))),
            DocumentAttribute::Animated => animated = true,
            DocumentAttribute::Sticker23 => kind = DocumentKind::sticker(String::new(), None),
            DocumentAttribute::Sticker45(a) => {
                let set = match a.stickerset {
                    InputStickerSet::ShortName(set) => Some(string(set.short_name)),
                    InputStickerSet::Empty => None,
                };
                kind = DocumentKind::sticker(string(a.alt), set);
            }
            DocumentAttribute::Video23(a) => kind = video(a.duration, a.w, a.h),
            DocumentAttribute::Video66(a) if a.round_message() => {
                kind = DocumentKind::round_video(unsigned(a.duration), unsigned(a.w));
            }
            DocumentAttribute::Video66(a) => kind = video(a.duration, a.w, a.h),
            DocumentAttribute::Audio23(a) => kind = music(a.duration, String::new(), String::new()),
            DocumentAttribute::Audio45(a) => kind = music(a.duration, string(a.title), string(a.performer)),
            DocumentAttribute::Audio46(a) if a.voice() => {
                let waveform = a.waveform.unwrap_or_default().as_slice().to_vec();
                kind = DocumentKind::voice(unsigned(a.duration), waveform);
            }
            DocumentAttribute::Audio46(a) => {
                let text = |text: Option<_>| text.map(string).unwrap_or_default();
                kind = music(a.duration, text(a.title), text(a.performer));
            }
        }
    }
    if animated {
        let (duration, size) = match kind {
            DocumentKind::Video { duration, width, height, .. } => (duration, (width, height)),
            _ => (0, (0, 0)),
        };
        let (width, height) = image_size.unwrap_or(size);
        kind = DocumentKind::animation(duration, width, height);
    }
    (kind, file_name, image_size)
}

fn entity(entity: &MessageEntity<'_>) -> Entity {
    use MessageEntity as E;
    let (kind, offset, length) = match entity {
        E::Unknown(e) => (EntityKind::Unknown, e.offset, e.length),
        E::Mention(e) => (EntityKind::Mention, e.offset, e.length),
        E::Hashtag(e) => (EntityKind::Hashtag, e.offset, e.length),
        E::BotCommand(e) => (EntityKind::BotCommand, e.offset, e.length),
        E::Url(e) => (EntityKind::Url, e.offset, e.length),
        E::Email(e) => (EntityKind::Email, e.offset, e.length),
        E::Bold(e) => (EntityKind::Bold, e.offset, e.length),
        E::Italic(e) => (EntityKind::Italic, e.offset, e.length),
        E::Code(e) => (EntityKind::Code, e.offset, e.length),
        E::Pre(e) => (EntityKind::Pre(string(e.language)), e.offset, e.length),
        E::TextUrl(e) => (EntityKind::TextUrl(string(e.url)), e.offset, e.length),
        E::MentionName(e) => (EntityKind::MentionName(e.user_id), e.offset, e.length),
        E::Phone(e) => (EntityKind::Phone, e.offset, e.length),
        E::Cashtag(e) => (EntityKind::Cashtag, e.offset, e.length),
        E::BankCard(e) => (EntityKind::BankCard, e.offset, e.length),
        E::Underline(e) => (EntityKind::Underline, e.offset, e.length),
        E::Strike(e) => (EntityKind::Strike, e.offset, e.length),
        E::Blockquote(e) => (EntityKind::Blockquote, e.offset, e.length),
        E::Spoiler(e) => (EntityKind::Spoiler, e.offset, e.length),
        E::CustomEmoji(e) => (EntityKind::CustomEmoji(e.document_id), e.offset, e.length),
    };
    Entity::new(kind, unsigned(offset), unsigned(length))
}

fn key(key: Bytes<'_>, iv: Bytes<'_>) -> Option<MediaKey> {
    Some(ChainKey::from_parts(key.as_slice().try_into().ok()?, iv.as_slice().try_into().ok()?).into())
}

fn thumbnail((jpeg, width, height): (Bytes<'_>, i32, i32)) -> Option<Thumbnail> {
    let jpeg = jpeg.as_slice().to_vec();
    (!jpeg.is_empty()).then(|| Thumbnail::new(jpeg, unsigned(width), unsigned(height)))
}

fn unsigned(number: i32) -> u32 {
    number.max(0).unsigned_abs()
}
