//! The fields of `send` as a draft.

use secretchat::{ApiMisuse, Draft, Entity, EntityKind, Profile, Ttl};
use serde_json::Value;

use super::failure::{Failure, Misuse};
use super::fields::{Fields, FromJson};
use super::media_in::media;
use super::names::{PLAIN_ENTITIES, named};

pub(crate) fn draft(mut fields: Fields, profile: &Profile) -> Result<Draft, Failure> {
    let (media, caption) = match fields.get("media")? {
        None => (None, None),
        Some(fields) => media(fields, profile).map(|(media, caption)| (Some(media), caption))?,
    };
    // The text of a medium is its caption.
    let text = match (fields.get("text")?, caption) {
        (Some(_), Some(_)) => return Err(Misuse::BadField.into()),
        (text, caption) => text.or(caption).unwrap_or_default(),
    };
    let mut draft = Draft::text(text);
    draft.random_id = fields.get("random_id")?;
    draft.entities = fields.or_default("entities")?;
    draft.media = media;
    draft.reply_to = fields.get("reply_to")?;
    draft.via_bot = fields.get("via_bot")?;
    draft.ttl = fields.get("ttl")?.map(ttl).transpose()?;
    draft.silent = fields.or_default("silent")?;
    draft.file = fields.get("file")?.map(String::into_bytes);
    fields.end()?;
    Ok(draft)
}

/// A timer in seconds, or view once as it stands on the wire.
pub(crate) fn ttl(seconds: u32) -> Result<Ttl, ApiMisuse> {
    if seconds == Ttl::VIEW_ONCE.to_wire().unsigned_abs() { Ok(Ttl::VIEW_ONCE) } else { Ttl::from_seconds(seconds) }
}

impl FromJson for Entity {
    fn from_json(value: Value) -> Result<Self, Misuse> {
        let mut fields = Fields::from_json(value)?;
        let kind = match fields.need::<String>("kind")?.as_str() {
            "pre" => EntityKind::Pre(fields.need("language")?),
            "text_url" => EntityKind::TextUrl(fields.need("url")?),
            "mention_name" => EntityKind::MentionName(fields.need("user_id")?),
            "custom_emoji" => EntityKind::CustomEmoji(fields.need("document_id")?),
            plain => named(plain, PLAIN_ENTITIES).ok_or(Misuse::BadField)?,
        };
        let (offset, length) = (fields.need("offset")?, fields.need("length")?);
        fields.end()?;
        Ok(Self::new(kind, offset, length))
    }
}
