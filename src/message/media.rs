//! Photos and documents as a message describes them.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::media::ChainKey;

/// What a message carries besides text.
#[derive(Debug)]
#[non_exhaustive]
pub enum Media {
    /// A picture, made smaller by the sender.
    Photo(Photo),
    /// A file as it is.
    Document(Document),
    /// A kind that this version does not read yet.
    Unsupported,
}

/// A picture, made smaller by the sender.
#[derive(Debug, Default)]
pub struct Photo {
    /// A small preview inside the message.
    pub thumbnail: Option<Thumbnail>,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// Bytes of the file before encryption.
    pub size: u64,
    /// What the file is encrypted with. Absent in a received message with a timer: such a key stays in the chat.
    pub key: Option<ChainKey>,
}

/// A file as it is.
#[derive(Default)]
pub struct Document {
    /// A small preview inside the message.
    pub thumbnail: Option<Thumbnail>,
    /// The sender's word for what the file is.
    pub mime_type: String,
    /// The sender's name for the file: **never** a path.
    pub file_name: Option<String>,
    /// Width and height, where the file is a picture.
    pub image_size: Option<(u32, u32)>,
    /// Bytes of the file before encryption.
    pub size: u64,
    /// What the file is encrypted with. Absent in a received message with a timer: such a key stays in the chat.
    pub key: Option<ChainKey>,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { thumbnail, mime_type: _, file_name: _, image_size, size, key } = self;
        f.debug_struct("Document")
            .field("thumbnail", thumbnail)
            .field("image_size", image_size)
            .field("size", size)
            .field("key", key)
            .finish_non_exhaustive()
    }
}

/// A small JPEG inside the message. It is authentic; the file it stands for need not be what it shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// The JPEG, at most [`Thumbnail::MAX_BYTES`].
    pub jpeg: Vec<u8>,
    /// Pixels from left to right, at most [`Thumbnail::MAX_SIDE`].
    pub width: u32,
    /// Pixels from top to bottom, at most [`Thumbnail::MAX_SIDE`].
    pub height: u32,
}

impl Thumbnail {
    /// What Android still shows.
    pub const MAX_BYTES: usize = 6000;
    /// What Android still shows.
    pub const MAX_SIDE: u32 = 100;

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
