//! The JSON of entities.

use secretchat::{Entity, EntityKind};
use serde_json::{Value, json};

use super::fields::{FieldError, Fields, FromJson};

/// The kinds without further fields.
const PLAIN: [EntityKind; 16] = [
    EntityKind::Unknown,
    EntityKind::Mention,
    EntityKind::Hashtag,
    EntityKind::BotCommand,
    EntityKind::Url,
    EntityKind::Email,
    EntityKind::Bold,
    EntityKind::Italic,
    EntityKind::Code,
    EntityKind::Phone,
    EntityKind::Cashtag,
    EntityKind::BankCard,
    EntityKind::Underline,
    EntityKind::Strike,
    EntityKind::Blockquote,
    EntityKind::Spoiler,
];

impl FromJson for Entity {
    fn from_json(value: Value) -> Result<Self, FieldError> {
        let mut fields = Fields::from_json(value)?;
        let kind = match fields.need::<String>("kind")?.as_str() {
            "pre" => EntityKind::Pre(fields.need("language")?),
            "text_url" => EntityKind::TextUrl(fields.need("url")?),
            "mention_name" => EntityKind::MentionName(fields.need("user_id")?),
            "custom_emoji" => EntityKind::CustomEmoji(fields.need("document_id")?),
            plain => PLAIN.into_iter().find(|kind| kind.name() == plain).ok_or(FieldError::Bad)?,
        };
        let (offset, length) = (fields.need("offset")?, fields.need("length")?);
        fields.end()?;
        Ok(Self::new(kind, offset, length))
    }
}

pub(super) fn entity(Entity { kind, offset, length, .. }: &Entity) -> Value {
    let mut value = json!({"kind": kind.name(), "offset": offset, "length": length});
    match kind {
        EntityKind::Pre(language) => value["language"] = json!(language),
        EntityKind::TextUrl(url) => value["url"] = json!(url),
        EntityKind::MentionName(user_id) => value["user_id"] = json!(user_id),
        EntityKind::CustomEmoji(document_id) => value["document_id"] = json!(document_id.to_string()),
        _ => {}
    }
    value
}
