//! Entities on the wire, and which of them the peer's layer supports (SPEC MSG-3).

use alloc::vec::Vec;

use super::scalars::{address, bytes};
use super::{Entity, EntityKind};
use crate::types::error::ApiMisuse;
use crate::types::id::Layer;
use crate::wire::{self, MessageEntity, Vector};

/// Reads the entities in order, up to the limit. Their ranges are not checked.
pub(super) fn read_entities(entities: &Vector<'_, MessageEntity<'_>>) -> Vec<Entity> {
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
        MessageEntity::Pre(e) => (EntityKind::Pre(address(e.language)), e.offset, e.length),
        MessageEntity::TextUrl(e) => (EntityKind::TextUrl(address(e.url)), e.offset, e.length),
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

/// Writes the entities that a peer of this layer understands. The others are left out, and their text stays.
///
/// Below layer 101 entities may not overlap. The one that begins first stays, of those that begin together the
/// longest, and of equal ones the first.
pub(super) fn write_entities(entities: &[Entity], layer: Layer) -> Result<Vec<MessageEntity<'_>>, ApiMisuse> {
    let mut written = entities.iter().map(write_entity).collect::<Result<Vec<_>, _>>()?;
    let mut keep: Vec<bool> = written.iter().map(|entity| entity.layer() <= layer.0).collect();
    if layer < Layer::L101 {
        let mut order: Vec<_> = entities.iter().zip(&mut keep).filter(|(_, keep)| **keep).collect();
        order.sort_by_key(|(entity, _)| (entity.offset, u32::MAX - entity.length));
        let mut free = 0;
        for (entity, keep) in order {
            *keep = entity.offset >= free;
            if *keep {
                free = entity.offset.saturating_add(entity.length);
            }
        }
    }
    let mut keep = keep.into_iter();
    written.retain(|_| keep.next().unwrap_or(false));
    Ok(written)
}

fn write_entity(entity: &Entity) -> Result<MessageEntity<'_>, ApiMisuse> {
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
            MessageEntity::Pre(wire::MessageEntityPre { offset, length, language: bytes(language.as_bytes())? })
        }
        EntityKind::TextUrl(url) => {
            MessageEntity::TextUrl(wire::MessageEntityTextUrl { offset, length, url: bytes(url.as_bytes())? })
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
