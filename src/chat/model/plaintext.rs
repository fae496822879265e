//! The plaintext of a message of the peer.

use core::ops::{Deref, Range};

use crate::record::{Decode, Decoder, Encode, Encoder};
use crate::types::buffer::Buffer;
use crate::types::error::StoreError;

/// A part of a message: its body, or the message inside the layer. It stays in the buffer in which it was opened, and is wiped
/// with all of it.
#[derive(Clone, Debug, Default)]
pub(in crate::chat) struct Plaintext {
    buffer: Buffer,
    part: Range<usize>,
}

impl Plaintext {
    /// Creates the body of an opened message.
    pub(in crate::chat) const fn new(buffer: Buffer, part: Range<usize>) -> Self {
        Self { buffer, part }
    }

    /// Leaves out what comes before the last `len` bytes.
    pub(in crate::chat) fn keep_last(&mut self, len: usize) {
        self.part.start = self.part.end.saturating_sub(len).max(self.part.start);
    }

    /// Gives up the memory around the part.
    pub(in crate::chat) fn fit(&mut self) {
        if self.part.len() < self.buffer.len() {
            *self = Buffer::from(&**self).into();
        }
    }
}

impl From<Buffer> for Plaintext {
    fn from(buffer: Buffer) -> Self {
        let part = 0..buffer.len();
        Self { buffer, part }
    }
}

impl Deref for Plaintext {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.buffer.get(self.part.clone()).unwrap_or_default()
    }
}

impl Encode for Plaintext {
    fn encode(&self, to: &mut Encoder<'_>) {
        (**self).encode(to);
    }
}

impl<K: ?Sized> Decode<K> for Plaintext {
    fn decode(from: &mut Decoder<'_>, known: &K) -> Result<Self, StoreError> {
        Buffer::decode(from, known).map(Self::from)
    }
}
