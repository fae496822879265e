//! The parts of a message that a notification may show (SPEC PEEK-2).

use alloc::string::String;
use alloc::vec::Vec;
use core::{fmt, mem};

use super::{Entity, Media, Message};
use crate::destruct::Notification;
use crate::types::id::{Position, RandomId};

/// Everything that a notification may show of a message, and nothing more. Only [`Chat::peek`](crate::Chat::peek)
/// makes it, so there is no constructor. It contains neither the key nor the preview of a medium.
#[non_exhaustive]
pub struct Preview {
    /// The id of the message, the same as in its [`Event::Message`](crate::Event::Message). Use it to name the
    /// notification: then a message that is looked at twice is shown once, and the notification can be removed when
    /// the message is read or deleted.
    pub random_id: RandomId,
    /// The place of the message in the history.
    pub position: Position,
    /// Whether an earlier message is missing in these records. The chat shows this one after that has come.
    pub is_early: bool,
    /// Whether the device should stay quiet.
    pub silent: bool,
    /// The most that a notification may show ([`Rights::notification`](crate::Rights::notification)).
    pub most: Notification,
    /// The content of the message, or `None` unless `most` is [`Notification::All`].
    pub content: Option<PreviewContent>,
}

/// The content of a message, as far as a notification shows it. **Untrusted**, like everything that the peer
/// writes.
#[non_exhaustive]
pub struct PreviewContent {
    /// The text, or the caption.
    pub text: String,
    /// The formatting of parts of the text. Leave out the text under a
    /// [`EntityKind::Spoiler`](crate::EntityKind::Spoiler).
    pub entities: Vec<Entity>,
    /// The kind of a medium, by its stable name: that of [`DocumentKind`](crate::DocumentKind) for a document
    /// (`"video"`, `"voice"`, `"file"`), otherwise that of [`Media`] (`"photo"`, `"contact"`).
    pub media: Option<&'static str>,
}

impl Preview {
    /// Takes out of a message what may be shown, and wipes the rest.
    pub(crate) fn new(message: Message, is_early: bool) -> Self {
        let Message { random_id, position, mut content, silent, .. } = message;
        let rights = content.rights;
        let most = rights.notification();
        let all = most == Notification::All && !rights.is_hidden_until_opened();
        let shown = all.then(|| PreviewContent {
            text: mem::take(&mut content.text),
            entities: mem::take(&mut content.entities),
            media: content.media.as_ref().map(kind),
        });
        // The host gets none of it.
        content.wipe();
        Self { random_id, position, is_early, silent, most, content: shown }
    }
}

fn kind(media: &Media) -> &'static str {
    match media {
        Media::Document(document) => document.kind.name(),
        other => other.name(),
    }
}

impl fmt::Debug for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { random_id, position, is_early, silent, most, content } = self;
        f.debug_struct("Preview")
            .field("random_id", random_id)
            .field("position", position)
            .field("is_early", is_early)
            .field("silent", silent)
            .field("most", most)
            .field("content", content)
            .finish()
    }
}

impl fmt::Debug for PreviewContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text: _, entities: _, media } = self;
        f.debug_struct("PreviewContent").field("media", media).finish_non_exhaustive()
    }
}
