//! The header of a message, without its body.

use super::{Bytes, DecodeError, DecryptedMessageLayer, Reader, opaque_debug};

/// A [`DecryptedMessageLayer`] up to the message in it. This is enough to use its slot if its body is not
/// understood.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LayerHeader<'a> {
    /// Random bytes, of any length.
    pub random_bytes: Bytes<'a>,
    /// The layer that the message was written for.
    pub layer: i32,
    /// How many messages its sender had processed, in wire form.
    pub in_seq_no: i32,
    /// The message's slot, in wire form.
    pub out_seq_no: i32,
}

impl<'a> LayerHeader<'a> {
    /// Reads the header; the bytes after it should be one [`DecryptedMessage`](super::DecryptedMessage).
    ///
    /// # Errors
    /// [`DecodeError`]: it is not a `decryptedMessageLayer` at all.
    pub fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), DecodeError> {
        let mut r = Reader::new(bytes);
        r.expect_id(DecryptedMessageLayer::ID)?;
        let header = Self { random_bytes: r.read()?, layer: r.read()?, in_seq_no: r.read()?, out_seq_no: r.read()? };
        Ok((header, r.rest()))
    }

    /// Returns the length of a header with so many random bytes, at most 253.
    #[cfg(feature = "alloc")]
    pub(crate) const fn len_with(random_len: usize) -> usize {
        // The constructor's id, the random bytes after their length, the layer and the two sequence numbers.
        4 + (1 + random_len).next_multiple_of(4) + 3 * 4
    }
}

opaque_debug! { LayerHeader<'_>, }

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use super::*;
    use crate::wire::{DecryptedMessage, DecryptedMessageAction, Encode, Service17};

    #[test]
    fn the_length_of_a_header_is_what_stands_before_the_message() {
        let message = DecryptedMessage::Service17(Service17 { random_id: 1, action: DecryptedMessageAction::Noop });
        for (random_len, len) in [(0, 20), (3, 20), (4, 24), (15, 32), (31, 48), (253, 272)] {
            let random_bytes = [7; 253];
            let random_bytes = Bytes::new(&random_bytes[..random_len]).unwrap();
            let whole = DecryptedMessageLayer { random_bytes, layer: 144, in_seq_no: 0, out_seq_no: 1, message };
            assert_eq!(LayerHeader::len_with(random_len), len, "{random_len}");
            assert_eq!(whole.encoded_len() - message.encoded_len(), len, "{random_len}");
        }
    }
}
