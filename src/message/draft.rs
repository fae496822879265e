//! Messages to send (SPEC MSG-1).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::{Entity, Media};
use crate::destruct::ContentKind;
use crate::types::id::RandomId;
use crate::types::time::Ttl;

/// A message to send.
///
/// ```
/// use secretchat::{Draft, RandomId, Ttl};
///
/// # fn main() -> Result<(), secretchat::ApiMisuse> {
/// let draft = Draft::text("gone in a minute").with_ttl(Ttl::from_seconds(60)?).with_reply_to(RandomId(7));
/// assert_eq!(draft.text, "gone in a minute");
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
#[non_exhaustive]
pub struct Draft {
    /// The message's id, drawn when `None`. Set it yourself if you must know it before the call.
    pub random_id: Option<RandomId>,
    /// The text, or the caption of the medium.
    pub text: String,
    /// The formatting of parts of the text.
    pub entities: Vec<Entity>,
    /// A medium, with the key of its encrypted file.
    pub media: Option<Media>,
    /// The message that this one answers.
    pub reply_to: Option<RandomId>,
    /// The bot through which the message was made.
    pub via_bot: Option<String>,
    /// The timer of this message, instead of the chat's.
    pub ttl: Option<Ttl>,
    /// Whether the peer's device should stay quiet. A peer below layer 73 cannot be asked.
    pub silent: bool,
    /// Whether the peer's host is asked not to keep it ([`Draft::protected`]).
    pub protected: bool,
    /// Whether the peer's user sees nothing of it before opening it ([`Draft::hidden`]).
    pub hidden: bool,
    /// The host's name of the file that goes with the message. It is returned with each transmission of the
    /// message.
    pub file: Option<Vec<u8>>,
}

impl Draft {
    /// Creates a message with only a text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Creates a message from a medium and a caption, which may be empty.
    #[must_use]
    pub fn media(media: impl Into<Media>, caption: impl Into<String>) -> Self {
        Self { media: Some(media.into()), text: caption.into(), ..Self::default() }
    }

    /// Sets the id, for a host that must know it before the call. It must be random and not 0 (SPEC MSG-1).
    #[must_use]
    pub fn with_random_id(mut self, random_id: impl Into<Option<RandomId>>) -> Self {
        self.random_id = random_id.into();
        self
    }

    /// Sets the formatting of parts of the text (SPEC MSG-3).
    #[must_use]
    pub fn with_entities(mut self, entities: impl IntoIterator<Item = Entity>) -> Self {
        self.entities = entities.into_iter().collect();
        self
    }

    /// Makes the message an answer to a message of either end.
    #[must_use]
    pub fn with_reply_to(mut self, random_id: impl Into<Option<RandomId>>) -> Self {
        self.reply_to = random_id.into();
        self
    }

    /// Names the bot through which the message was made.
    #[must_use]
    pub fn with_via_bot(mut self, name: impl Into<String>) -> Self {
        self.via_bot = Some(name.into());
        self
    }

    /// Sets a timer for this message, instead of the chat's (SPEC DES-1).
    #[must_use]
    pub fn with_ttl(mut self, ttl: impl Into<Option<Ttl>>) -> Self {
        self.ttl = ttl.into();
        self
    }

    /// Asks the peer's device to stay quiet.
    #[must_use]
    pub fn silently(mut self) -> Self {
        self.silent = true;
        self
    }

    /// Asks the peer's host not to let its user save, copy, forward or capture the message, whether it has a timer
    /// or not (SPEC RIGHT-6). Like all [`Rights`](crate::Rights), this is a request. It does not exist in the
    /// Telegram profile.
    #[must_use]
    pub fn protected(mut self) -> Self {
        self.protected = true;
        self
    }

    /// Hides it from the peer's user until it is opened, whatever it is and however long it lives: its text, its medium with
    /// preview and names, and its place in notifications. Its timer starts there (SPEC DES-14). It needs a timer, of its own
    /// or the chat's. A request, as all [`Rights`](crate::Rights) are; not in the Telegram profile, whose apps know no such
    /// word.
    ///
    /// ```
    /// use secretchat::{Draft, Ttl};
    ///
    /// # fn main() -> Result<(), secretchat::ApiMisuse> {
    /// let draft = Draft::text("the code is 7312").with_ttl(Ttl::from_seconds(3_600)?).hidden();
    /// assert!(draft.hidden);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// Names the file that goes with the message, as the host's transport names files.
    #[must_use]
    pub fn with_file(mut self, name: impl Into<Vec<u8>>) -> Self {
        self.file = Some(name.into());
        self
    }
}

impl Draft {
    /// Returns the kind of the content, for timers.
    pub(crate) fn kind(&self) -> ContentKind {
        // A file is not sent without its key.
        let kind = self.media.as_ref().map_or(ContentKind::Text, |media| media.content_kind(true));
        if self.hidden { kind.hidden() } else { kind }
    }
}

// What users wrote must never reach a log through `Debug`.
impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            random_id,
            text: _,
            entities: _,
            media,
            reply_to,
            via_bot: _,
            ttl,
            silent,
            protected,
            hidden,
            file: _,
        } = self;
        f.debug_struct("Draft")
            .field("random_id", random_id)
            .field("media", media)
            .field("reply_to", reply_to)
            .field("ttl", ttl)
            .field("silent", silent)
            .field("protected", protected)
            .field("hidden", hidden)
            .finish_non_exhaustive()
    }
}
