//! Reads the fields of `send` as a draft.

use secretchat::{ApiMisuse, Draft, Profile, Ttl};

use super::fields::{FieldError, Fields};
use super::media::media_from;

/// An error in a draft.
#[derive(Debug)]
pub(crate) enum Unfit {
    /// An error in a field.
    Field(FieldError),
    /// A timer that no chat can have.
    Timer(ApiMisuse),
}

/// Reads a draft whose media keys have the form of the profile.
pub(crate) fn draft(mut fields: Fields, profile: &Profile) -> Result<Draft, Unfit> {
    let (media, caption) = match fields.get("media")? {
        None => (None, None),
        Some(fields) => media_from(fields, profile).map(|(media, caption)| (Some(media), caption))?,
    };
    // The text of a message with a medium is the caption.
    let text = match (fields.get("text")?, caption) {
        (Some(_), Some(_)) => return Err(FieldError::Bad.into()),
        (text, caption) => text.or(caption).unwrap_or_default(),
    };
    let mut draft = Draft::text(text);
    draft.random_id = fields.get("random_id")?;
    draft.entities = fields.or_default("entities")?;
    draft.media = media;
    draft.reply_to = fields.get("reply_to")?;
    draft.via_bot = fields.get("via_bot")?;
    draft.ttl = fields.get("ttl")?.map(ttl).transpose().map_err(Unfit::Timer)?;
    draft.silent = fields.or_default("silent")?;
    draft.protected = fields.or_default("protected")?;
    draft.hidden = fields.or_default("hidden")?;
    draft.file = fields.get("file")?.map(String::into_bytes);
    fields.end()?;
    Ok(draft)
}

/// Returns the timer with this number of seconds, or view once by its value on the wire.
pub(crate) fn ttl(seconds: u32) -> Result<Ttl, ApiMisuse> {
    if seconds == Ttl::VIEW_ONCE.to_wire().unsigned_abs() { Ok(Ttl::VIEW_ONCE) } else { Ttl::from_seconds(seconds) }
}

impl From<FieldError> for Unfit {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}
