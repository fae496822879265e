//! A message to send.

use alloc::vec::Vec;

use secretchat::media::FileForm;
use secretchat::{Draft, RandomId};

use crate::border::{In, ScBytes};
use crate::config::ttl;
use crate::content::ScEntity;
use crate::error::Fault;
use crate::media::ScMedia;

/// A message to send. All zeros is a message that says nothing: set what it has. It borrows.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScDraft {
    /// The text, or the caption of the medium.
    pub text: ScBytes,
    /// The entities of the text.
    pub entities: In<ScEntity>,
    /// How many entities there are.
    pub entity_count: usize,
    /// The medium, or null.
    pub media: In<ScMedia>,
    /// The name by which the transport finds the encrypted file, or null.
    pub file: ScBytes,
    /// The bot that it was made with, or null.
    pub via_bot: ScBytes,
    /// The id to use, if `has_random_id` is not 0.
    pub random_id: i64,
    /// The message that it answers, if `has_reply_to` is not 0.
    pub reply_to: i64,
    /// Its own timer in seconds, if `has_ttl` is not 0: 0 for none, or `SC_TTL_VIEW_ONCE`. Otherwise the chat's counts.
    pub ttl: u32,
    /// Whether `random_id` counts.
    pub has_random_id: u8,
    /// Whether `reply_to` counts.
    pub has_reply_to: u8,
    /// Whether `ttl` counts.
    pub has_ttl: u8,
    /// Whether it comes without a sound.
    pub is_silent: u8,
    /// Whether the peer should neither forward nor save it.
    pub is_protected: u8,
    /// Whether the peer sees it only after opening it. Needs a timer.
    pub is_hidden: u8,
}

impl ScDraft {
    pub(crate) fn read(&self, form: FileForm) -> Result<Draft, Fault> {
        let mut draft = Draft::text(self.text.text()?);
        draft.entities =
            self.entities.slice(self.entity_count)?.iter().map(ScEntity::read).collect::<Result<Vec<_>, _>>()?;
        draft.media = self.media.get().map(|media| media.read(form)).transpose()?;
        draft.file = self.file.get_some()?.map(<[u8]>::to_vec);
        draft.via_bot = self.via_bot.text_some()?.map(Into::into);
        draft.random_id = (self.has_random_id != 0).then_some(RandomId(self.random_id));
        draft.reply_to = (self.has_reply_to != 0).then_some(RandomId(self.reply_to));
        draft.ttl = if self.has_ttl == 0 { None } else { Some(ttl(self.ttl)?) };
        draft.silent = self.is_silent != 0;
        draft.protected = self.is_protected != 0;
        draft.hidden = self.is_hidden != 0;
        Ok(draft)
    }
}
