//! What the peer wrote, in owned and bounded form. Everything here is authentic and **untrusted**.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::entity::fit;
use super::outgoing::MAX_NAME_LEN;
use super::{Document, Entity, EntityKind, Media, Message, Photo, Thumbnail, TypingAction};
use crate::id::{GroupedId, Layer, RandomId};
use crate::media::ChainKey;
use crate::time::{Timestamp, Ttl};
use crate::wire::{
    Bytes, DecodeError, DecryptedMessage, DecryptedMessageAction, DecryptedMessageMedia, DocumentAttribute,
    MessageEntity, SendMessageAction, Vector, decode_exact,
};

/// The meaning of a message.
pub(crate) enum Content {
    Message(Box<Message>),
    SetTtl(i32),
    Read(Vec<RandomId>),
    Delete(Vec<RandomId>),
    FlushHistory,
    Screenshot(Vec<RandomId>),
    Typing(TypingAction),
    NotifyLayer(Layer),
    Noop,
    Resend { start: i32, end: i32 },
    Rekey,
    Unsupported,
}

/// Reads the message inside a `decryptedMessageLayer`.
pub(crate) fn read_content(body: &[u8]) -> Result<Content, DecodeError> {
    Ok(match decode_exact::<DecryptedMessage<'_>>(body)? {
        DecryptedMessage::Message73(message) => {
            let written = Written {
                random_id: message.random_id,
                ttl: message.ttl,
                text: message.message,
                media: message.media,
                entities: message.entities,
                via_bot_name: message.via_bot_name,
                reply_to_random_id: message.reply_to_random_id,
                grouped_id: message.grouped_id,
                silent: message.silent(),
            };
            written.read()
        }
        DecryptedMessage::Message45(message) => {
            let written = Written {
                random_id: message.random_id,
                ttl: message.ttl,
                text: message.message,
                media: message.media,
                entities: message.entities,
                via_bot_name: message.via_bot_name,
                reply_to_random_id: message.reply_to_random_id,
                grouped_id: None,
                silent: false,
            };
            written.read()
        }
        DecryptedMessage::Service17(service) => action(&service.action),
        // Forms of layers that nobody sends inside sequence numbers: TDLib throws their contents away, too.
        DecryptedMessage::Message8(_) | DecryptedMessage::Message17(_) | DecryptedMessage::Service8(_) => {
            Content::Unsupported
        }
    })
}

/// What the forms of a message have in common.
struct Written<'a> {
    random_id: i64,
    ttl: i32,
    text: Bytes<'a>,
    media: Option<DecryptedMessageMedia<'a>>,
    entities: Option<Vector<'a, MessageEntity<'a>>>,
    via_bot_name: Option<Bytes<'a>>,
    reply_to_random_id: Option<i64>,
    grouped_id: Option<i64>,
    silent: bool,
}

impl Written<'_> {
    fn read(self) -> Content {
        // Zero names no message: nothing could be deleted, read or answered by it.
        if self.random_id == 0 {
            return Content::Unsupported;
        }
        let ttl = Ttl::from_wire(self.ttl);
        let (media, caption) = match &self.media {
            None => (None, Bytes::EMPTY),
            Some(media) => read_media(media, ttl),
        };
        let text = joined(self.text, caption);
        let mut entities = self.entities.map(|entities| read_entities(&entities)).unwrap_or_default();
        let mut fits = fit(&text, &entities).into_iter();
        entities.retain(|_| fits.next().unwrap_or(false));
        Content::Message(Box::new(Message {
            random_id: RandomId(self.random_id),
            date: Timestamp::default(),
            text,
            entities,
            media,
            file: None,
            reply_to: self.reply_to_random_id.filter(|id| *id != 0).map(RandomId),
            grouped_id: self.grouped_id.filter(|id| *id != 0).map(GroupedId),
            via_bot: self.via_bot_name.map(name).filter(|name| !name.is_empty()),
            silent: self.silent,
            ttl,
            layer: Layer::L144,
        }))
    }
}

fn action(action: &DecryptedMessageAction<'_>) -> Content {
    let ids = |ids: Vector<'_, i64>| ids.iter().map(RandomId).collect();
    match action {
        DecryptedMessageAction::SetMessageTTL(action) => Content::SetTtl(action.ttl_seconds),
        DecryptedMessageAction::ReadMessages(action) => Content::Read(ids(action.random_ids)),
        DecryptedMessageAction::DeleteMessages(action) => Content::Delete(ids(action.random_ids)),
        DecryptedMessageAction::FlushHistory => Content::FlushHistory,
        DecryptedMessageAction::ScreenshotMessages(action) => Content::Screenshot(ids(action.random_ids)),
        DecryptedMessageAction::Typing(action) => Content::Typing(typing(action.action)),
        DecryptedMessageAction::NotifyLayer(action) => Content::NotifyLayer(Layer(action.layer)),
        DecryptedMessageAction::Noop => Content::Noop,
        DecryptedMessageAction::Resend(action) => {
            Content::Resend { start: action.start_seq_no, end: action.end_seq_no }
        }
        DecryptedMessageAction::RequestKey(_)
        | DecryptedMessageAction::AcceptKey(_)
        | DecryptedMessageAction::CommitKey(_)
        | DecryptedMessageAction::AbortKey(_) => Content::Rekey,
    }
}

fn typing(action: SendMessageAction) -> TypingAction {
    match action {
        SendMessageAction::Cancel => TypingAction::Cancel,
        SendMessageAction::Typing => TypingAction::Typing,
        SendMessageAction::RecordVideo => TypingAction::RecordVideo,
        SendMessageAction::UploadVideo => TypingAction::UploadVideo,
        SendMessageAction::RecordAudio => TypingAction::RecordAudio,
        SendMessageAction::UploadAudio => TypingAction::UploadAudio,
        SendMessageAction::UploadPhoto => TypingAction::UploadPhoto,
        SendMessageAction::UploadDocument => TypingAction::UploadDocument,
        SendMessageAction::GeoLocation => TypingAction::GeoLocation,
        SendMessageAction::ChooseContact => TypingAction::ChooseContact,
        SendMessageAction::RecordRound => TypingAction::RecordRound,
        SendMessageAction::UploadRound => TypingAction::UploadRound,
    }
}

/// The medium and its caption. A kind that is not read yet still gives its caption.
fn read_media<'a>(media: &DecryptedMessageMedia<'a>, ttl: Ttl) -> (Option<Media>, Bytes<'a>) {
    match media {
        DecryptedMessageMedia::Empty => (None, Bytes::EMPTY),
        DecryptedMessageMedia::Photo45(photo) => {
            let Some(size) = size(photo.size.into()) else { return (Some(Media::Unsupported), photo.caption) };
            let photo_media = Photo {
                thumbnail: thumbnail(photo.thumb, photo.thumb_w, photo.thumb_h),
                width: pixels(photo.w),
                height: pixels(photo.h),
                size,
                key: key(photo.key, photo.iv, ttl),
            };
            (Some(Media::Photo(photo_media)), photo.caption)
        }
        DecryptedMessageMedia::Document143(document) => {
            let Some(size) = size(document.size) else { return (Some(Media::Unsupported), document.caption) };
            let mut file_name = None;
            let mut image_size = None;
            for attribute in &document.attributes {
                match attribute {
                    DocumentAttribute::Filename(attribute) => file_name = Some(name(attribute.file_name)),
                    DocumentAttribute::ImageSize(attribute) => {
                        image_size = Some((pixels(attribute.w), pixels(attribute.h)));
                    }
                    _ => {}
                }
            }
            let document_media = Document {
                thumbnail: thumbnail(document.thumb, document.thumb_w, document.thumb_h),
                mime_type: name(document.mime_type),
                file_name,
                image_size,
                size,
                key: key(document.key, document.iv, ttl),
            };
            (Some(Media::Document(document_media)), document.caption)
        }
        _ => (Some(Media::Unsupported), Bytes::EMPTY),
    }
}

/// The key, unless the medium has a timer: such a key never leaves the chat. Other lengths than 32 are no key.
fn key(key: Bytes<'_>, iv: Bytes<'_>, ttl: Ttl) -> Option<ChainKey> {
    if ttl != Ttl::OFF {
        return None;
    }
    Some(ChainKey::from_parts(key.as_slice().try_into().ok()?, iv.as_slice().try_into().ok()?))
}

/// A preview that breaks the bounds is left out and never costs the message.
fn thumbnail(jpeg: Bytes<'_>, width: i32, height: i32) -> Option<Thumbnail> {
    if jpeg.as_slice().len() > Thumbnail::MAX_BYTES {
        return None;
    }
    let thumbnail = Thumbnail { jpeg: jpeg.as_slice().to_vec(), width: pixels(width), height: pixels(height) };
    thumbnail.is_within_bounds().then_some(thumbnail)
}

fn size(size: i64) -> Option<u64> {
    u64::try_from(size).ok().filter(|size| *size > 0)
}

fn pixels(number: i32) -> u32 {
    number.max(0).unsigned_abs()
}

/// `message` if it is not empty, else the caption; both with a blank line between them, as TDLib joins them.
fn joined(text: Bytes<'_>, caption: Bytes<'_>) -> String {
    let mut joined = lossy(text);
    if !caption.as_slice().is_empty() {
        if !joined.is_empty() {
            joined.push_str("\n\n");
        }
        joined.push_str(&lossy(caption));
    }
    joined
}

/// Text that is not UTF-8 is shown as well as it can be rather than lost.
fn lossy(bytes: Bytes<'_>) -> String {
    String::from_utf8_lossy(bytes.as_slice()).into_owned()
}

/// A name: bounded, without control characters and without the ones that turn the direction of a text, which make
/// `gpj.exe` look like `exe.jpg`.
fn name(bytes: Bytes<'_>) -> String {
    let text = lossy(bytes);
    let cut = (0..=MAX_NAME_LEN.min(text.len())).rev().find_map(|end| text.get(..end)).unwrap_or_default();
    cut.chars().map(|character| if is_deceptive(character) { '_' } else { character }).collect()
}

fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn read_entities(entities: &Vector<'_, MessageEntity<'_>>) -> Vec<Entity> {
    entities.iter().take(Entity::MAX_COUNT).filter_map(|entity| read_entity(&entity)).collect()
}

fn read_entity(entity: &MessageEntity<'_>) -> Option<Entity> {
    let (kind, offset, length) = match entity {
        MessageEntity::Unknown(e) => (EntityKind::Unknown, e.offset, e.length),
        MessageEntity::Mention(e) => (EntityKind::Mention, e.offset, e.length),
        MessageEntity::Hashtag(e) => (EntityKind::Hashtag, e.offset, e.length),
        MessageEntity::BotCommand(e) => (EntityKind::BotCommand, e.offset, e.length),
        MessageEntity::Url(e) => (EntityKind::Url, e.offset, e.length),
        MessageEntity::Email(e) => (EntityKind::Email, e.offset, e.length),
        MessageEntity::Bold(e) => (EntityKind::Bold, e.offset, e.length),
        MessageEntity::Italic(e) => (EntityKind::Italic, e.offset, e.length),
        MessageEntity::Code(e) => (EntityKind::Code, e.offset, e.length),
        MessageEntity::Pre(e) => (EntityKind::Pre(lossy(e.language)), e.offset, e.length),
        MessageEntity::TextUrl(e) => (EntityKind::TextUrl(lossy(e.url)), e.offset, e.length),
        MessageEntity::MentionName(e) => (EntityKind::MentionName(e.user_id), e.offset, e.length),
        MessageEntity::Phone(e) => (EntityKind::Phone, e.offset, e.length),
        MessageEntity::Cashtag(e) => (EntityKind::Cashtag, e.offset, e.length),
        MessageEntity::BankCard(e) => (EntityKind::BankCard, e.offset, e.length),
        MessageEntity::Underline(e) => (EntityKind::Underline, e.offset, e.length),
        MessageEntity::Strike(e) => (EntityKind::Strike, e.offset, e.length),
        MessageEntity::Blockquote(e) => (EntityKind::Blockquote, e.offset, e.length),
        MessageEntity::Spoiler(e) => (EntityKind::Spoiler, e.offset, e.length),
        MessageEntity::CustomEmoji(e) => (EntityKind::CustomEmoji(e.document_id), e.offset, e.length),
    };
    Some(Entity { kind, offset: u32::try_from(offset).ok()?, length: u32::try_from(length).ok()? })
}
