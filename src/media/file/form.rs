//! The two forms of files.

use crate::media::segments::{Padding, SegmentLayout};

/// The form of all files of a chat. No message states it: it follows from the profile (SPEC MED-1, SEG-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileForm {
    /// One chain, **without integrity**. Used by Telegram's profile.
    Chain,
    /// Segments, each verified before its content comes out. Used by the X25519 profile.
    Segments,
}

impl FileForm {
    /// Returns whether a file of this form can have that size. The size of a chain may be unknown (0): the host
    /// then knows it from elsewhere.
    pub(crate) fn allows(self, size: u64) -> bool {
        match self {
            Self::Chain => true,
            Self::Segments => SegmentLayout::new(size, Padding::None).is_ok(),
        }
    }
}
