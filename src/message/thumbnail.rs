//! The small preview that a message carries.

use alloc::vec::Vec;
use core::fmt;

/// A small JPEG inside the message. It is authentic, but need not show what the file contains.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Thumbnail {
    /// The JPEG, at most [`Thumbnail::MAX_BYTES`].
    pub jpeg: Vec<u8>,
    /// The width in pixels, at most [`Thumbnail::MAX_SIDE`].
    pub width: u32,
    /// The height in pixels, at most [`Thumbnail::MAX_SIDE`].
    pub height: u32,
}

impl Thumbnail {
    /// The largest size in bytes that Android still shows.
    pub const MAX_BYTES: usize = 6000;
    /// The largest side in pixels that Android still shows.
    pub const MAX_SIDE: u32 = 100;

    /// Creates a preview from a JPEG and its sides in pixels.
    #[must_use]
    pub fn new(jpeg: impl Into<Vec<u8>>, width: u32, height: u32) -> Self {
        Self { jpeg: jpeg.into(), width, height }
    }

    pub(super) fn is_within_bounds(&self) -> bool {
        (1..=Self::MAX_BYTES).contains(&self.jpeg.len())
            && (1..=Self::MAX_SIDE).contains(&self.width)
            && (1..=Self::MAX_SIDE).contains(&self.height)
    }
}

impl fmt::Debug for Thumbnail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { jpeg: _, width, height } = self;
        f.debug_struct("Thumbnail").field("width", width).field("height", height).finish_non_exhaustive()
    }
}
