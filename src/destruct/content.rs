//! The content of a message, as far as timers and rights need it.

use crate::types::time::Ttl;

/// The kind of a message's content (SPEC DES-2).
///
/// Not `#[non_exhaustive]`: the rules for timers and rights are written for these four.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentKind {
    /// Everything that is shown together with the message: text, places, cards, pages, media without a key.
    Text,
    /// A file with a key that is never hidden: a document or a sticker.
    File,
    /// A photo, a video, an animation, music, a voice note or a round video.
    Hideable {
        /// The playing time in seconds; 0 for a photo, or if the sender did not say. **Untrusted.**
        duration: u32,
    },
    /// Content that its sender hides as long as it has a timer ([`Draft::hidden`](crate::Draft::hidden)).
    Hidden {
        /// The playing time in seconds; 0 if there is none, or if the sender did not say. **Untrusted.**
        duration: u32,
    },
}

impl ContentKind {
    /// Returns whether a host must open a view to get the content, because the chat keeps its key, or all of it.
    #[must_use]
    pub const fn has_key(self) -> bool {
        !matches!(self, Self::Text)
    }

    /// Returns whether the content is hidden until the user opens it: media with at most a minute, everything that
    /// is view once (SPEC DES-3; TDLib's `is_secret_message_content`), and what its sender hides (SPEC DES-14).
    /// `ttl` is the timer in the message, before DES-5 lengthens it.
    #[must_use]
    pub const fn is_hidden(self, ttl: Ttl) -> bool {
        match self {
            Self::Text | Self::File => ttl.is_view_once(),
            Self::Hideable { .. } => ttl.is_view_once() || ttl.is_short(),
            Self::Hidden { .. } => !ttl.is_off(),
        }
    }

    /// Returns the kind of the same content when its sender hides it (SPEC DES-14).
    #[must_use]
    pub const fn hidden(self) -> Self {
        let duration = match self {
            Self::Text | Self::File => 0,
            Self::Hideable { duration } | Self::Hidden { duration } => duration,
        };
        Self::Hidden { duration }
    }

    /// Returns the form for a record: a code and the duration in seconds.
    #[cfg(feature = "alloc")]
    pub(crate) const fn to_parts(self) -> (u8, u32) {
        match self {
            Self::Text => (0, 0),
            Self::File => (1, 0),
            Self::Hideable { duration } => (2, duration),
            Self::Hidden { duration } => (3, duration),
        }
    }

    /// Reads the form of a record, or returns `None` for parts that [`ContentKind::to_parts`] never returns.
    #[cfg(feature = "alloc")]
    pub(crate) const fn from_parts(parts: (u8, u32)) -> Option<Self> {
        match parts {
            (0, 0) => Some(Self::Text),
            (1, 0) => Some(Self::File),
            (2, duration) => Some(Self::Hideable { duration }),
            (3, duration) => Some(Self::Hidden { duration }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHOTO: ContentKind = ContentKind::Hideable { duration: 0 };

    // The kinds come from TDLib's can_be_secret_message_content, the bounds from MessageSelfDestructType.cpp.
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

    // SPEC DES-14.
    #[test]
    fn what_its_sender_hides_is_hidden_for_as_long_as_it_has_a_timer() {
        let film = ContentKind::Hideable { duration: 7 };
        for (kind, duration) in [(ContentKind::Text, 0), (ContentKind::File, 0), (PHOTO, 0), (film, 7)] {
            let hidden = kind.hidden();
            assert_eq!((hidden, hidden.hidden()), (ContentKind::Hidden { duration }, hidden));
            assert!(hidden.has_key());
            for ttl in [1, 60, 61, 31_536_000, i32::MAX] {
                assert!(hidden.is_hidden(Ttl::from_wire(ttl)), "{kind:?} {ttl}");
            }
            assert!(!hidden.is_hidden(Ttl::OFF) && !hidden.is_hidden(Ttl::from_wire(-5)), "{kind:?}");
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
        let longest = ContentKind::Hideable { duration: u32::MAX };
        for kind in [ContentKind::Text, ContentKind::File, PHOTO, longest, PHOTO.hidden(), longest.hidden()] {
            assert_eq!(ContentKind::from_parts(kind.to_parts()), Some(kind));
        }
        for parts in [(0, 1), (1, 1), (4, 0), (u8::MAX, 0)] {
            assert_eq!(ContentKind::from_parts(parts), None, "{parts:?}");
        }
    }
}
