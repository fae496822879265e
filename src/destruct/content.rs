//! What a message carries, as far as timers and rights care.

use crate::types::time::Ttl;

/// The kind of a message's content (SPEC DES-2).
///
/// Not `#[non_exhaustive]`: the rules of timers and rights are written for these three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentKind {
    /// Everything that is shown as soon as the message is: text, places, cards, pages, media without a key.
    Text,
    /// A file with a key that is never hidden: a document, a sticker.
    File,
    /// A photo, a video, an animation, music, a voice note, a round video.
    Hideable {
        /// Seconds that it plays; 0 for a photo, or where the sender did not say. **Untrusted.**
        duration: u32,
    },
}

impl ContentKind {
    /// Returns whether a host has to open a view to get at it, because the chat keeps its key.
    #[must_use]
    pub const fn has_key(self) -> bool {
        !matches!(self, Self::Text)
    }

    /// Returns whether it is hidden until the user opens it: media with at most a minute, and everything that is view
    /// once (SPEC DES-3; TDLib's `is_secret_message_content`). The timer is the one in the message, before DES-5
    /// lengthens it.
    #[must_use]
    pub const fn is_hidden(self, ttl: Ttl) -> bool {
        ttl.is_view_once() || (ttl.is_short() && matches!(self, Self::Hideable { .. }))
    }

    /// Returns the form for a record: a code and the duration in seconds.
    #[cfg(feature = "alloc")]
    pub(crate) const fn to_parts(self) -> (u8, u32) {
        match self {
            Self::Text => (0, 0),
            Self::File => (1, 0),
            Self::Hideable { duration } => (2, duration),
        }
    }

    /// Reads the form of a record; `None` for parts that [`ContentKind::to_parts`] never gives.
    #[cfg(feature = "alloc")]
    pub(crate) const fn from_parts(parts: (u8, u32)) -> Option<Self> {
        match parts {
            (0, 0) => Some(Self::Text),
            (1, 0) => Some(Self::File),
            (2, duration) => Some(Self::Hideable { duration }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHOTO: ContentKind = ContentKind::Hideable { duration: 0 };

    // The kinds of TDLib's can_be_secret_message_content and the bounds of MessageSelfDestructType.cpp.
    #[test]
    fn hidden_are_media_up_to_a_minute_and_view_once() {
        for (ttl, of_photo) in [(-1, false), (0, false), (1, true), (60, true), (61, false), (i32::MAX - 1, false)] {
            assert_eq!(PHOTO.is_hidden(Ttl::from_wire(ttl)), of_photo, "{ttl}");
            for kind in [ContentKind::Text, ContentKind::File] {
                assert!(!kind.is_hidden(Ttl::from_wire(ttl)), "{kind:?} {ttl}");
            }
        }
        for kind in [ContentKind::Text, ContentKind::File, PHOTO] {
            assert!(kind.is_hidden(Ttl::VIEW_ONCE), "{kind:?}");
        }
    }

    #[test]
    fn only_text_has_no_key() {
        assert!(!ContentKind::Text.has_key());
        assert!(ContentKind::File.has_key());
        assert!(PHOTO.has_key());
    }

    #[cfg(feature = "alloc")]
    #[test]
    fn parts_come_back_and_others_are_refused() {
        for kind in [ContentKind::Text, ContentKind::File, PHOTO, ContentKind::Hideable { duration: u32::MAX }] {
            assert_eq!(ContentKind::from_parts(kind.to_parts()), Some(kind));
        }
        for parts in [(0, 1), (1, 1), (3, 0), (u8::MAX, 0)] {
            assert_eq!(ContentKind::from_parts(parts), None, "{parts:?}");
        }
    }
}
