//! The content of a message: text with entities, a medium, and what the user may do with them.

use alloc::vec::Vec;

use secretchat::{Content, Entity, EntityKind, Message, Position, Rights};

use crate::border::{In, ScBytes};
use crate::error::{Fault, Own};
use crate::input::ScIncomingFile;
use crate::media::ScMedia;

/// A part of a text that looks or acts differently.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScEntity {
    /// One of `SC_ENTITY_KIND_...`.
    pub kind: u16,
    /// Where it begins, in UTF-16 code units.
    pub offset: u32,
    /// How long it is, in UTF-16 code units.
    pub length: u32,
    /// The language of `SC_ENTITY_KIND_PRE`, the address of `SC_ENTITY_KIND_TEXT_URL`.
    pub text: ScBytes,
    /// The user of `SC_ENTITY_KIND_MENTION_NAME`, the document of `SC_ENTITY_KIND_CUSTOM_EMOJI`.
    pub id: i64,
}

/// The rights of this end's user over a message.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScRights {
    /// The most that a notification shows, one of `SC_NOTIFICATION_...`.
    pub notification: u16,
    /// Whether it may be forwarded.
    pub may_forward: u8,
    /// Whether it may be saved.
    pub may_save: u8,
    /// Whether its text may be copied.
    pub may_copy: u8,
    /// Whether the screen may be captured while it is shown.
    pub may_screenshot: u8,
    /// Whether it is hidden until `sc_chat_open_view`.
    pub is_hidden_until_opened: u8,
}

/// Where a message stands in the history.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScPosition {
    /// Who sent it, one of `SC_ROLE_...`.
    pub sender: u16,
    /// Its number among the messages of its sender.
    pub slot: u32,
    /// How many messages of the other end its sender had seen.
    pub acknowledged: u32,
    /// Messages are shown by ascending order.
    pub order: u32,
}

/// The content of a message. Everything is borrowed.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScContent {
    /// The text, or the caption of the medium.
    pub text: ScBytes,
    /// The entities of the text.
    pub entities: In<ScEntity>,
    /// How many entities there are.
    pub entity_count: usize,
    /// The medium, or null.
    pub media: In<ScMedia>,
    /// The user's rights over it.
    pub rights: ScRights,
}

/// A message of the peer. Everything is borrowed.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScMessage {
    /// The content. It is empty if the message is hidden until it is opened.
    pub content: ScContent,
    /// Its id.
    pub random_id: i64,
    /// Where it stands in the history.
    pub position: ScPosition,
    /// When it was sent, in milliseconds since 1970.
    pub date_ms: u64,
    /// The file that came with it; `reference` is null if there is none.
    pub file: ScIncomingFile,
    /// The message that it answers, if `has_reply_to` is not 0.
    pub reply_to: i64,
    /// The album that it belongs to, if `has_grouped_id` is not 0.
    pub grouped_id: i64,
    /// The bot that it was made with, or null.
    pub via_bot: ScBytes,
    /// Its timer in seconds: 0 for none, or `SC_TTL_VIEW_ONCE`.
    pub ttl: u32,
    /// The layer of its sender.
    pub layer: i32,
    /// Whether it answers a message.
    pub has_reply_to: u8,
    /// Whether it belongs to an album.
    pub has_grouped_id: u8,
    /// Whether it comes without a sound.
    pub is_silent: u8,
}

impl ScEntity {
    fn of(entity: &Entity) -> Self {
        let (text, id) = match &entity.kind {
            EntityKind::Pre(text) | EntityKind::TextUrl(text) => (ScBytes::of_text(Some(text)), 0),
            EntityKind::MentionName(user_id) => (ScBytes::NONE, i64::from(*user_id)),
            EntityKind::CustomEmoji(document_id) => (ScBytes::NONE, *document_id),
            _ => (ScBytes::NONE, 0),
        };
        Self { kind: entity.kind.code(), offset: entity.offset, length: entity.length, text, id }
    }

    pub(crate) fn read(&self) -> Result<Entity, Fault> {
        Ok(Entity::new(self.kind()?, self.offset, self.length))
    }

    fn kind(&self) -> Result<EntityKind, Fault> {
        use EntityKind as Kind;
        let text = self.text.text()?;
        // A user id that does not fit names no user.
        let user_id = i32::try_from(self.id);
        let plain = [
            Kind::Unknown,
            Kind::Mention,
            Kind::Hashtag,
            Kind::BotCommand,
            Kind::Url,
            Kind::Email,
            Kind::Bold,
            Kind::Italic,
            Kind::Code,
            Kind::Phone,
            Kind::Cashtag,
            Kind::BankCard,
            Kind::Underline,
            Kind::Strike,
            Kind::Blockquote,
            Kind::Spoiler,
            Kind::Pre(text.into()),
            Kind::TextUrl(text.into()),
            Kind::MentionName(user_id.unwrap_or_default()),
            Kind::CustomEmoji(self.id),
        ];
        let kind = plain.into_iter().find(|kind| kind.code() == self.kind).ok_or(Own::Value)?;
        if matches!(kind, Kind::MentionName(_)) && user_id.is_err() { Err(Own::Value.into()) } else { Ok(kind) }
    }
}

impl ScRights {
    pub(crate) fn of(rights: Rights) -> Self {
        Self {
            notification: rights.notification().code(),
            may_forward: rights.may_forward().into(),
            may_save: rights.may_save().into(),
            may_copy: rights.may_copy().into(),
            may_screenshot: rights.may_screenshot().into(),
            is_hidden_until_opened: rights.is_hidden_until_opened().into(),
        }
    }
}

impl ScPosition {
    pub(crate) fn of(position: Position) -> Self {
        Self {
            sender: position.sender().code(),
            slot: position.slot().get(),
            acknowledged: position.acknowledged().get(),
            order: position.order(),
        }
    }
}

/// The structs of one content, which others point to.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    entities: Vec<ScEntity>,
    media: Option<alloc::boxed::Box<ScMedia>>,
}

impl Shown {
    /// Shows a content. The result is valid as long as both.
    pub(crate) fn content(&mut self, content: &Content) -> ScContent {
        self.media = content.media.as_ref().map(|media| alloc::boxed::Box::new(ScMedia::of(media)));
        let (entities, entity_count) = self.entities(&content.entities);
        ScContent {
            text: ScBytes::of_text(Some(&content.text)),
            entities,
            entity_count,
            media: self.media.as_deref().map_or(In::NULL, In::of),
            rights: ScRights::of(content.rights),
        }
    }

    /// Shows entities.
    pub(crate) fn entities(&mut self, entities: &[Entity]) -> (In<ScEntity>, usize) {
        self.entities = entities.iter().map(ScEntity::of).collect();
        (In::of_all(&self.entities), self.entities.len())
    }
}

impl ScMessage {
    pub(crate) fn of(message: &Message, content: ScContent) -> Self {
        Self {
            content,
            random_id: message.random_id.0,
            position: ScPosition::of(message.position),
            date_ms: message.date.as_millis(),
            file: message.file.as_ref().map(ScIncomingFile::of).unwrap_or_default(),
            reply_to: message.reply_to.map_or(0, |id| id.0),
            grouped_id: message.grouped_id.map_or(0, |id| id.0),
            via_bot: ScBytes::of_text(message.via_bot.as_deref()),
            ttl: message.ttl.to_wire().unsigned_abs(),
            layer: message.layer.0,
            has_reply_to: message.reply_to.is_some().into(),
            has_grouped_id: message.grouped_id.is_some().into(),
            is_silent: message.silent.into(),
        }
    }
}
