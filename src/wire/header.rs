//! The head of a message, without the message.

use super::{Bytes, DecodeError, DecryptedMessageLayer, Reader, opaque_debug};

/// A [`DecryptedMessageLayer`] up to the message in it: enough to use its slot where its body is not understood.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LayerHeader<'a> {
    /// Noise, of any length.
    pub random_bytes: Bytes<'a>,
    /// The layer that the message was written for.
    pub layer: i32,
    /// How many messages its sender had processed, as on the wire.
    pub in_seq_no: i32,
    /// The message's slot, as on the wire.
    pub out_seq_no: i32,
}

impl<'a> LayerHeader<'a> {
    /// Reads the header; the bytes after it should be one [`DecryptedMessage`](super::DecryptedMessage).
    ///
    /// # Errors
    /// [`DecodeError`]: it is no `decryptedMessageLayer` at all.
    pub fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), DecodeError> {
        let mut r = Reader::new(bytes);
        r.expect_id(DecryptedMessageLayer::ID)?;
        let header = Self { random_bytes: r.read()?, layer: r.read()?, in_seq_no: r.read()?, out_seq_no: r.read()? };
        Ok((header, r.rest()))
    }
}

opaque_debug! { LayerHeader<'_>, }
