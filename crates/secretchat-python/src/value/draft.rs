//! Messages to send.

use pyo3::prelude::*;
use secretchat::{Draft, RandomId};

use super::entity::EntityFields;
use super::media::media_of;
use super::ttl;

/// The fields of a `Draft` of the package.
#[derive(FromPyObject)]
pub(crate) struct DraftFields<'py> {
    text: String,
    media: Option<Bound<'py, PyAny>>,
    entities: Vec<EntityFields<'py>>,
    file: Option<Vec<u8>>,
    ttl: Option<u32>,
    reply_to: Option<i64>,
    silent: bool,
    protected: bool,
    hidden: bool,
    random_id: Option<i64>,
    via_bot: Option<String>,
}

impl DraftFields<'_> {
    pub(crate) fn draft(self) -> PyResult<Draft> {
        let mut draft = Draft::text(self.text);
        draft.media = self.media.as_ref().map(media_of).transpose()?;
        draft.entities = self.entities.iter().map(EntityFields::entity).collect::<PyResult<_>>()?;
        draft.ttl = self.ttl.map(ttl).transpose()?;
        draft.file = self.file;
        draft.reply_to = self.reply_to.map(RandomId);
        (draft.silent, draft.protected, draft.hidden) = (self.silent, self.protected, self.hidden);
        draft.random_id = self.random_id.map(RandomId);
        draft.via_bot = self.via_bot;
        Ok(draft)
    }
}
