//! The names that frames carry.

use alloc::vec::Vec;

use rand_core::CryptoRng;

use crate::types::id::byte_id;

/// The tag that tells the chats of one transport apart. The initiator draws it and sends it with its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChatTag(pub [u8; 16]);

/// The name of a file in transit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub [u8; 16]);

/// The name of a frame in its fragments: the first bytes of its SHA-256 (SPEC FRAG-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameId(pub [u8; 6]);

byte_id! { ChatTag[16] }
byte_id! { FileId[16] }
byte_id! { FrameId[6] }

/// Converts the id for [`Draft::with_file`](crate::Draft::with_file).
impl From<FileId> for Vec<u8> {
    fn from(id: FileId) -> Self {
        id.0.to_vec()
    }
}

impl ChatTag {
    /// Draws a new tag.
    #[must_use]
    pub fn random(rng: &mut dyn CryptoRng) -> Self {
        Self(random(rng))
    }
}

impl FileId {
    /// Draws a new id.
    #[must_use]
    pub fn random(rng: &mut dyn CryptoRng) -> Self {
        Self(random(rng))
    }
}

fn random(rng: &mut dyn CryptoRng) -> [u8; 16] {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    bytes
}
