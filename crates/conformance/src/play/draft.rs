//! A recorded message as the draft that an app would have made it from.

use secretchat::hazmat::wire::{
    Bytes, DecryptedMessage, DecryptedMessageMedia, DocumentAttribute, InputStickerSet, MessageEntity, PhotoSize,
    Vector,
};
use secretchat::media::{ChainKey, MediaKey};
use secretchat::{
    Contact, Document, DocumentKind, Draft, Entity, EntityKind, ExternalDocument, GeoPoint, Media, Photo, RandomId,
    Thumbnail, Venue, WebPage,
};

/// What the two forms of a message have in common.
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
        Draft {
            random_id: Some(RandomId(self.random_id)),
            text: string(text),
            entities: self.entities.iter().flat_map(Vector::iter).map(|e| entity(&e)).collect(),
            media,
            reply_to: self.reply_to.map(RandomId),
            via_bot: self.via_bot.map(string),
            ttl: None,
            silent: self.silent,
            file: None,
        }
    }
}

pub(crate) fn string(bytes: Bytes<'_>) -> String {
    String::from_utf8_lossy(bytes.as_slice()).into_owned()
}

/// The medium, and the caption if it has a place for one.
fn media<'a>(media: &DecryptedMessageMedia<'a>) -> (Option<Media>, Option<Bytes<'a>>) {
    use DecryptedMessageMedia as M;
    let photo = |thumb, (w, h), size: i32, key| {
        let (width, height, size) = (unsigned(w), unsigned(h), u64::from(unsigned(size)));
        Some(Media::Photo(Photo { thumbnail: thumbnail(thumb), width, height, size, key }))
    };
    let document = |thumb, mime: Option<Bytes<'a>>, size: i64, key, (kind, file_name, image_size)| {
        Some(Media::Document(Document {
            kind,
            thumbnail: thumbnail(thumb),
            mime_type: mime.map(string).unwrap_or_default(),
            file_name,
            image_size,
            size: u64::try_from(size).unwrap_or(0),
            key,
        }))
    };
    let video = |duration, w, h| {
        let kind = DocumentKind::Video { duration: unsigned(duration), width: unsigned(w), height: unsigned(h) };
        (kind, None, None)
    };
    let voice = |duration| (DocumentKind::Voice { duration: unsigned(duration), waveform: Vec::new() }, None, None);
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
            let venue = Venue {
                point: GeoPoint { latitude: m.lat.to_f64(), longitude: m.long.to_f64() },
                title: string(m.title),
                address: string(m.address),
                provider: string(m.provider),
                venue_id: string(m.venue_id),
            };
            (Some(Media::Venue(venue)), None)
        }
        M::Contact(m) => {
            let contact = Contact {
                phone_number: string(m.phone_number),
                first_name: string(m.first_name),
                last_name: string(m.last_name),
                user_id: m.user_id,
            };
            (Some(Media::Contact(contact)), None)
        }
        M::WebPage(m) => (Some(Media::WebPage(WebPage { url: string(m.url) })), None),
        M::ExternalDocument(m) => {
            let (kind, file_name, image_size) = shape(&m.attributes);
            let document = ExternalDocument {
                id: m.id,
                access_hash: m.access_hash,
                dc_id: m.dc_id,
                date: m.date,
                kind,
                thumbnail: match m.thumb {
                    PhotoSize::Cached(size) => thumbnail((size.bytes, size.w, size.h)),
                    PhotoSize::Size(_) | PhotoSize::Empty(_) => None,
                },
                mime_type: string(m.mime_type),
                file_name,
                image_size,
                size: u64::from(unsigned(m.size)),
            };
            (Some(Media::ExternalDocument(document)), None)
        }
    }
}

fn shape(attributes: &Vector<'_, DocumentAttribute<'_>>) -> (DocumentKind, Option<String>, Option<(u32, u32)>) {
    let (mut kind, mut file_name, mut image_size, mut animated) = (DocumentKind::File, None, None, false);
    let video = |duration, width, height| DocumentKind::Video {
        duration: unsigned(duration),
        width: unsigned(width),
        height: unsigned(height),
    };
    let music = |duration, title, performer| DocumentKind::Audio { duration: unsigned(duration), title, performer };
    for attribute in attributes {
        match attribute {
            DocumentAttribute::Filename(a) => file_name = Some(string(a.file_name)),
            DocumentAttribute::ImageSize(a) => image_size = Some((unsigned(a.w), unsigned(a.h))),
            DocumentAttribute::Animated => animated = true,
            DocumentAttribute::Sticker23 => kind = DocumentKind::Sticker { alt: String::new(), set: None },
            DocumentAttribute::Sticker45(a) => {
                let set = match a.stickerset {
                    InputStickerSet::ShortName(set) => Some(string(set.short_name)),
                    InputStickerSet::Empty => None,
                };
                kind = DocumentKind::Sticker { alt: string(a.alt), set };
            }
            DocumentAttribute::Video23(a) => kind = video(a.duration, a.w, a.h),
            DocumentAttribute::Video66(a) if a.round_message() => {
                kind = DocumentKind::RoundVideo { duration: unsigned(a.duration), side: unsigned(a.w) };
            }
            DocumentAttribute::Video66(a) => kind = video(a.duration, a.w, a.h),
            DocumentAttribute::Audio23(a) => kind = music(a.duration, String::new(), String::new()),
            DocumentAttribute::Audio45(a) => kind = music(a.duration, string(a.title), string(a.performer)),
            DocumentAttribute::Audio46(a) if a.voice() => {
                let waveform = a.waveform.unwrap_or_default().as_slice().to_vec();
                kind = DocumentKind::Voice { duration: unsigned(a.duration), waveform };
            }
            DocumentAttribute::Audio46(a) => {
                let text = |text: Option<_>| text.map(string).unwrap_or_default();
                kind = music(a.duration, text(a.title), text(a.performer));
            }
        }
    }
    if animated {
        let (duration, size) = match kind {
            DocumentKind::Video { duration, width, height } => (duration, (width, height)),
            _ => (0, (0, 0)),
        };
        let (width, height) = image_size.unwrap_or(size);
        kind = DocumentKind::Animation { duration, width, height };
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
    Entity { kind, offset: unsigned(offset), length: unsigned(length) }
}

fn key(key: Bytes<'_>, iv: Bytes<'_>) -> Option<MediaKey> {
    Some(ChainKey::from_parts(key.as_slice().try_into().ok()?, iv.as_slice().try_into().ok()?).into())
}

fn thumbnail((jpeg, width, height): (Bytes<'_>, i32, i32)) -> Option<Thumbnail> {
    let jpeg = jpeg.as_slice().to_vec();
    (!jpeg.is_empty()).then(|| Thumbnail { jpeg, width: unsigned(width), height: unsigned(height) })
}

fn unsigned(number: i32) -> u32 {
    number.max(0).unsigned_abs()
}
