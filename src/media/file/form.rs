//! Which of the two forms a file has.

use crate::media::segments::{Padding, SegmentLayout};

/// The form of all files of a chat. No message says it: the profile does (SPEC MED-1, SEG-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileForm {
    /// One chain, **without integrity**: Telegram's profile.
    Chain,
    /// Segments, each verified before its content comes out: the X25519 profile.
    Segments,
}

impl FileForm {
    /// Returns whether a file of this form can have that size. A chain's may be unknown, 0: the host has it from
    /// elsewhere.
    pub(crate) fn allows(self, size: u64) -> bool {
        match self {
            Self::Chain => true,
            Self::Segments => SegmentLayout::new(size, Padding::None).is_ok(),
        }
    }
}
