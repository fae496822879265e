//! A draft as the wire wants it.

use alloc::vec::Vec;

use super::entity::fit;
use super::{Document, Draft, Entity, EntityKind, Media, Photo, Thumbnail};
use crate::error::ApiMisuse;
use crate::id::RandomId;
use crate::media::ChainKey;
use crate::time::Ttl;
use crate::wire::{
    self, Bytes, DecryptedMessage, DecryptedMessage73, DecryptedMessageMedia, DocumentAttribute,
    DocumentAttributeFilename, DocumentAttributeImageSize, Flags, MediaDocument143, MediaPhoto45, MessageEntity,
    Vector,
};

/// The longest name or type of a file, in bytes.
pub(super) const MAX_NAME_LEN: usize = 255;

/// Everything about a draft that can be wrong before anything is drawn or sealed (SPEC MSG-2 to MSG-5).
pub(crate) fn check_draft(draft: &Draft) -> Result<(), ApiMisuse> {
    if draft.text.is_empty() && draft.media.is_none() {
        return Err(ApiMisuse::EmptyMessage);
    }
    if draft.entities.len() > Entity::MAX_COUNT {
        return Err(ApiMisuse::TooManyEntities);
    }
    if !fit(&draft.text, &draft.entities).iter().all(|fits| *fits) {
        return Err(ApiMisuse::EntityRange);
    }
    match &draft.media {
        None => Ok(()),
        Some(Media::Photo(photo)) => {
            // The wire has 31 bits for the size of a photo.
            check_media(photo.key.as_ref(), photo.size, i32::MAX.unsigned_abs().into(), photo.thumbnail.as_ref())
        }
        Some(Media::Document(document)) => {
            let Document { thumbnail, mime_type, file_name, key, size, .. } = document;
            check_media(key.as_ref(), *size, i64::MAX.unsigned_abs(), thumbnail.as_ref())?;
            let fits = |name: &str| name.len() <= MAX_NAME_LEN;
            if fits(mime_type) && file_name.as_deref().is_none_or(fits) { Ok(()) } else { Err(ApiMisuse::MediaDetails) }
        }
        Some(Media::Unsupported) => Err(ApiMisuse::EmptyMessage),
    }
}

fn check_media(
    key: Option<&ChainKey>,
    size: u64,
    max_size: u64,
    thumbnail: Option<&Thumbnail>,
) -> Result<(), ApiMisuse> {
    if key.is_none() {
        return Err(ApiMisuse::MissingMediaKey);
    }
    if !(1..=max_size).contains(&size) {
        return Err(ApiMisuse::MediaSize);
    }
    if thumbnail.is_some_and(|thumbnail| !thumbnail.is_within_bounds()) {
        return Err(ApiMisuse::MediaDetails);
    }
    Ok(())
}

/// Lends the draft's wire form to `use_it`.
///
/// A caption stands in the medium and the message's own text stays empty, as TDLib does it; entities refer to it.
pub(crate) fn with_wire<R>(
    draft: &Draft,
    random_id: RandomId,
    ttl: Ttl,
    use_it: impl FnOnce(&DecryptedMessage<'_>) -> Result<R, ApiMisuse>,
) -> Result<R, ApiMisuse> {
    let entities = draft.entities.iter().map(entity).collect::<Result<Vec<_>, _>>()?;
    let mut attributes = Vec::new();
    let text = bytes(draft.text.as_bytes())?;
    let media = match &draft.media {
        None | Some(Media::Unsupported) => None,
        Some(Media::Photo(photo)) => Some(photo_media(photo, text)?),
        Some(Media::Document(document)) => Some(document_media(document, text, &mut attributes)?),
    };
    let mut flags = 0;
    if draft.silent {
        flags |= DecryptedMessage73::SILENT;
    }
    use_it(&DecryptedMessage::Message73(DecryptedMessage73 {
        flags: Flags::new(flags),
        random_id: random_id.0,
        ttl: ttl.to_wire(),
        message: if media.is_some() { Bytes::EMPTY } else { text },
        media,
        entities: if entities.is_empty() { None } else { Some(vector(&entities)?) },
        via_bot_name: None,
        reply_to_random_id: draft.reply_to.map(|id| id.0),
        grouped_id: None,
    }))
}

fn photo_media<'a>(photo: &'a Photo, caption: Bytes<'a>) -> Result<DecryptedMessageMedia<'a>, ApiMisuse> {
    let Photo { thumbnail, width, height, size, key } = photo;
    let (thumb, thumb_w, thumb_h) = thumb(thumbnail.as_ref())?;
    let (key, iv) = key_bytes(key.as_ref())?;
    Ok(DecryptedMessageMedia::Photo45(MediaPhoto45 {
        thumb,
        thumb_w,
        thumb_h,
        w: pixels(*width)?,
        h: pixels(*height)?,
        size: i32::try_from(*size).map_err(|_| ApiMisuse::MediaSize)?,
        key,
        iv,
        caption,
    }))
}

fn document_media<'a>(
    document: &'a Document,
    caption: Bytes<'a>,
    attributes: &'a mut Vec<DocumentAttribute<'a>>,
) -> Result<DecryptedMessageMedia<'a>, ApiMisuse> {
    let Document { thumbnail, mime_type, file_name, image_size, size, key } = document;
    if let Some((width, height)) = image_size {
        let (w, h) = (pixels(*width)?, pixels(*height)?);
        attributes.push(DocumentAttribute::ImageSize(DocumentAttributeImageSize { w, h }));
    }
    if let Some(file_name) = file_name {
        let file_name = bytes(file_name.as_bytes())?;
        attributes.push(DocumentAttribute::Filename(DocumentAttributeFilename { file_name }));
    }
    let (thumb, thumb_w, thumb_h) = thumb(thumbnail.as_ref())?;
    let (key, iv) = key_bytes(key.as_ref())?;
    Ok(DecryptedMessageMedia::Document143(MediaDocument143 {
        thumb,
        thumb_w,
        thumb_h,
        mime_type: bytes(mime_type.as_bytes())?,
        size: i64::try_from(*size).map_err(|_| ApiMisuse::MediaSize)?,
        key,
        iv,
        attributes: vector(attributes)?,
        caption,
    }))
}

fn entity(entity: &Entity) -> Result<MessageEntity<'_>, ApiMisuse> {
    let number = |number: u32| i32::try_from(number).map_err(|_| ApiMisuse::EntityRange);
    let (offset, length) = (number(entity.offset)?, number(entity.length)?);
    Ok(match &entity.kind {
        EntityKind::Unknown => MessageEntity::Unknown(wire::MessageEntityUnknown { offset, length }),
        EntityKind::Mention => MessageEntity::Mention(wire::MessageEntityMention { offset, length }),
        EntityKind::Hashtag => MessageEntity::Hashtag(wire::MessageEntityHashtag { offset, length }),
        EntityKind::BotCommand => MessageEntity::BotCommand(wire::MessageEntityBotCommand { offset, length }),
        EntityKind::Url => MessageEntity::Url(wire::MessageEntityUrl { offset, length }),
        EntityKind::Email => MessageEntity::Email(wire::MessageEntityEmail { offset, length }),
        EntityKind::Bold => MessageEntity::Bold(wire::MessageEntityBold { offset, length }),
        EntityKind::Italic => MessageEntity::Italic(wire::MessageEntityItalic { offset, length }),
        EntityKind::Code => MessageEntity::Code(wire::MessageEntityCode { offset, length }),
        EntityKind::Pre(language) => {
            let language = bytes(language.as_bytes())?;
            MessageEntity::Pre(wire::MessageEntityPre { offset, length, language })
        }
        EntityKind::TextUrl(url) => {
            let url = bytes(url.as_bytes())?;
            MessageEntity::TextUrl(wire::MessageEntityTextUrl { offset, length, url })
        }
        EntityKind::MentionName(user_id) => {
            MessageEntity::MentionName(wire::MessageEntityMentionName { offset, length, user_id: *user_id })
        }
        EntityKind::Phone => MessageEntity::Phone(wire::MessageEntityPhone { offset, length }),
        EntityKind::Cashtag => MessageEntity::Cashtag(wire::MessageEntityCashtag { offset, length }),
        EntityKind::BankCard => MessageEntity::BankCard(wire::MessageEntityBankCard { offset, length }),
        EntityKind::Underline => MessageEntity::Underline(wire::MessageEntityUnderline { offset, length }),
        EntityKind::Strike => MessageEntity::Strike(wire::MessageEntityStrike { offset, length }),
        EntityKind::Blockquote => MessageEntity::Blockquote(wire::MessageEntityBlockquote { offset, length }),
        EntityKind::Spoiler => MessageEntity::Spoiler(wire::MessageEntitySpoiler { offset, length }),
        EntityKind::CustomEmoji(document_id) => {
            MessageEntity::CustomEmoji(wire::MessageEntityCustomEmoji { offset, length, document_id: *document_id })
        }
    })
}

fn thumb(thumbnail: Option<&Thumbnail>) -> Result<(Bytes<'_>, i32, i32), ApiMisuse> {
    match thumbnail {
        Some(Thumbnail { jpeg, width, height }) => Ok((bytes(jpeg)?, pixels(*width)?, pixels(*height)?)),
        None => Ok((Bytes::EMPTY, 0, 0)),
    }
}

fn key_bytes(key: Option<&ChainKey>) -> Result<(Bytes<'_>, Bytes<'_>), ApiMisuse> {
    let (key, iv) = key.ok_or(ApiMisuse::MissingMediaKey)?.parts();
    Ok((bytes(key)?, bytes(iv)?))
}

fn pixels(number: u32) -> Result<i32, ApiMisuse> {
    i32::try_from(number).map_err(|_| ApiMisuse::MediaDetails)
}

fn bytes(bytes: &[u8]) -> Result<Bytes<'_>, ApiMisuse> {
    Bytes::new(bytes).ok_or(ApiMisuse::BodyLength)
}

fn vector<'a, T>(items: &'a [T]) -> Result<Vector<'a, T>, ApiMisuse> {
    Vector::new(items).ok_or(ApiMisuse::BodyLength)
}
