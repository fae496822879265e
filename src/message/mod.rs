//! What users write to each other (SPEC MSG-1 to MSG-6).

mod attributes;
mod document;
mod draft;
mod entity;
mod entity_wire;
mod incoming;
mod incoming_media;
mod lease;
mod media;
mod outgoing;
mod outgoing_media;
mod scalars;
mod typing;

#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use document::{Document, DocumentKind, ExternalDocument};
pub use draft::Draft;
pub use entity::{Entity, EntityKind};
pub(crate) use incoming::{Came, Meaning, deletes_itself, read_content};
pub(crate) use lease::Held;
pub use lease::MediaLease;
pub use media::{Contact, GeoPoint, Media, Photo, Thumbnail, Venue, WebPage};
pub(crate) use outgoing::{check_album, check_draft, with_wire};
pub use typing::TypingAction;
pub(crate) use typing::typing_action;

use crate::content::ContentKind;
use crate::id::{GroupedId, Layer, RandomId};
use crate::media::MediaKey;
use crate::rights::Rights;
use crate::time::{Timestamp, Ttl};

/// A message that arrived.
#[non_exhaustive]
pub struct Message {
    /// Its id, the same in replies, deletes and reads. Repeats of an event repeat it.
    pub random_id: RandomId,
    /// When it arrived, by the transport's account.
    pub date: Timestamp,
    content: Content,
    /// The file that the transport brought with it.
    pub file: Option<IncomingFile>,
    /// The message that this one answers.
    pub reply_to: Option<RandomId>,
    /// The album that this one belongs to.
    pub grouped_id: Option<GroupedId>,
    /// The bot through which it was made.
    pub via_bot: Option<String>,
    /// Whether the device should stay quiet.
    pub silent: bool,
    /// The self-destruct timer fixed in it. The key of its medium, and the preview of a hidden one, come with
    /// [`Event::Opened`](crate::Event::Opened) then.
    pub ttl: Ttl,
    /// The layer it was written at.
    pub layer: Layer,
}

/// What a message says, with what its host may do with it.
#[non_exhaustive]
pub struct Content {
    /// What the host may do with the rest.
    pub rights: Rights,
    /// The text, or the caption. **Untrusted**, like everything the peer writes.
    pub text: String,
    /// How parts of the text look; those that do not fit the text are left out.
    pub entities: Vec<Entity>,
    /// A medium.
    pub media: Option<Media>,
}

impl Message {
    /// What it says. Show it, store it, hand it on as its `rights` allow.
    #[must_use]
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// The same, to keep.
    #[must_use]
    pub fn into_content(self) -> Content {
        self.content
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rights, text: _, entities: _, media } = self;
        f.debug_struct("Content").field("rights", rights).field("media", media).finish_non_exhaustive()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { random_id, date, content, file: _, reply_to, grouped_id, via_bot: _, silent, ttl, layer } = self;
        f.debug_struct("Message")
            .field("random_id", random_id)
            .field("date", date)
            .field("content", content)
            .field("reply_to", reply_to)
            .field("grouped_id", grouped_id)
            .field("silent", silent)
            .field("ttl", ttl)
            .field("layer", layer)
            .finish_non_exhaustive()
    }
}

/// A file as the transport announced it beside the message. Nothing of it is authenticated; where it contradicts the
/// message, the medium comes without its key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IncomingFile {
    /// The transport's name of the file.
    pub reference: Vec<u8>,
    /// The length of the encrypted file, if the transport says it.
    pub size: Option<u64>,
    /// The fingerprint of the file's key, if the transport says it.
    pub fingerprint: Option<i32>,
}

impl IncomingFile {
    /// Creates the announcement of a file that the transport names so.
    #[must_use]
    pub fn new(reference: impl Into<Vec<u8>>) -> Self {
        Self { reference: reference.into(), size: None, fingerprint: None }
    }

    /// Says the length of the encrypted file in bytes.
    #[must_use]
    pub fn with_size(mut self, size: impl Into<Option<u64>>) -> Self {
        self.size = size.into();
        self
    }

    /// Says the fingerprint of the file's key.
    #[must_use]
    pub fn with_fingerprint(mut self, fingerprint: impl Into<Option<i32>>) -> Self {
        self.fingerprint = fingerprint.into();
        self
    }

    /// Whether it can be the file of `size` bytes under `key` (SPEC MED-3).
    fn fits(&self, size: u64, key: &MediaKey) -> bool {
        #[cfg(feature = "telegram")]
        if let (Some(told), MediaKey::Chain(key)) = (self.fingerprint, key)
            && told != key.fingerprint()
        {
            return false;
        }
        self.size.is_none_or(|len| key.fits(size, len))
    }
}

impl Message {
    /// What timers and rights see in it.
    pub(crate) fn kind(&self) -> ContentKind {
        Media::kind_of(self.content.media.as_ref())
    }

    /// Takes out what unlocks the medium, and with a `hidden` one its preview.
    pub(crate) fn take_held(&mut self, hidden: bool) -> Option<Held> {
        let Some(
            Media::Photo(Photo { key, size, thumbnail, .. }) | Media::Document(Document { key, size, thumbnail, .. }),
        ) = &mut self.content.media
        else {
            return None;
        };
        let thumbnail = if hidden { thumbnail.take() } else { None };
        key.take().map(|key| Held { key, size: *size, thumbnail })
    }
}

impl Media {
    /// What timers and rights see in a message with this medium, or with none.
    fn kind_of(media: Option<&Self>) -> ContentKind {
        let has_key = media.and_then(Self::file).is_some_and(|(_, key)| key.is_some());
        media.map_or(ContentKind::Text, |media| media.content_kind(has_key))
    }

    /// Takes the key out if the transport's file is not the one that is described (SPEC MED-3).
    fn hold_against(&mut self, file: &IncomingFile) {
        if let Self::Photo(Photo { size, key, .. }) | Self::Document(Document { size, key, .. }) = self {
            key.take_if(|key| !file.fits(*size, key));
        }
    }

    /// Size and key of its encrypted file.
    fn file(&self) -> Option<(u64, Option<&MediaKey>)> {
        match self {
            Self::Photo(Photo { size, key, .. }) | Self::Document(Document { size, key, .. }) => {
                Some((*size, key.as_ref()))
            }
            _ => None,
        }
    }

    /// What timers and rights see in it (SPEC DES-2). `has_key`: without a usable key there is nothing to open.
    pub(crate) fn content_kind(&self, has_key: bool) -> ContentKind {
        match self {
            _ if !has_key => ContentKind::Text,
            Self::Photo(_) => ContentKind::Hideable { duration: 0 },
            Self::Document(document) => match document.kind {
                DocumentKind::File | DocumentKind::Sticker { .. } => ContentKind::File,
                DocumentKind::Video { duration, .. }
                | DocumentKind::Animation { duration, .. }
                | DocumentKind::Audio { duration, .. }
                | DocumentKind::Voice { duration, .. }
                | DocumentKind::RoundVideo { duration, .. } => ContentKind::Hideable { duration },
            },
            _ => ContentKind::Text,
        }
    }
}
