//! The contents of a record before it is sealed: a layout number, then fields without gaps (SPEC REC-4).

use alloc::vec::Vec;
use core::ops::Deref;

use zeroize::Zeroizing;

use super::checkpoint::{HEADER_LEN, TAG_LEN};

use crate::types::error::StoreError;

/// A value that can be written into a record.
pub(crate) trait Encode {
    /// Appends the value to the record.
    fn encode(&self, to: &mut Encoder<'_>);
}

/// A value that can be read from a record. `K` is what the reader must know besides the bytes.
pub(crate) trait Decode<K: ?Sized = ()>: Sized {
    /// Takes the value off the front.
    fn decode(from: &mut Decoder<'_>, known: &K) -> Result<Self, StoreError>;
}

/// A value that is written as zeros where it is absent.
pub(crate) trait Blank {
    /// How many zeros.
    const LEN: usize;
}

/// The complete contents of one kind of record.
pub(crate) trait Contents: Encode {
    /// The number of this list of fields. Change it when the list changes.
    const LAYOUT: u8;
}

/// The contents of a record that is about to be sealed. There is room for the header before them and the tag after them, so
/// that they are encrypted where they stand.
pub(crate) struct Plain(Zeroizing<Vec<u8>>);

impl Plain {
    /// Returns the buffer: as many zeros as a header has bytes, then the contents. The caller encrypts or wipes it.
    pub(super) fn into_buffer(mut self) -> Vec<u8> {
        core::mem::take(&mut *self.0)
    }

    /// Returns how many bytes more there is room for.
    #[cfg(test)]
    pub(crate) fn room(&self) -> usize {
        self.0.capacity() - self.0.len()
    }
}

impl Deref for Plain {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.get(HEADER_LEN..).unwrap_or_default()
    }
}

/// Returns the contents of a record.
pub(crate) fn encode<T: Contents>(contents: &T) -> Plain {
    encode_with(T::LAYOUT, |to| contents.encode(to))
}

/// Returns the contents of a record whose fields are written by hand. They are counted first, because a buffer that
/// grows leaves copies of keys behind.
pub(crate) fn encode_with(layout: u8, contents: impl Fn(&mut Encoder<'_>)) -> Plain {
    let mut len = HEADER_LEN + 1;
    contents(&mut Encoder::Counting(&mut len));
    let mut buffer = Zeroizing::new(Vec::with_capacity(len + TAG_LEN));
    buffer.resize(HEADER_LEN, 0);
    buffer.push(layout);
    contents(&mut Encoder::Writing(&mut buffer));
    Plain(buffer)
}

/// Reads the contents of a record.
pub(crate) fn decode<T: Contents + Decode<K>, K: ?Sized>(plain: &[u8], known: &K) -> Result<T, StoreError> {
    decode_with(T::LAYOUT, plain, |from| T::decode(from, known))
}

/// Reads the contents of a record whose fields are read by hand.
pub(crate) fn decode_with<T>(
    layout: u8,
    plain: &[u8],
    contents: impl FnOnce(&mut Decoder<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut from = Decoder(plain);
    match *from.array()? {
        [found] if found == layout => {}
        [found] if found > layout => return Err(StoreError::NewerVersion),
        _ => return Err(StoreError::Damaged),
    }
    let contents = contents(&mut from)?;
    // Leftover bytes are an error.
    if from.is_empty() { Ok(contents) } else { Err(StoreError::Damaged) }
}

/// Receives what is written.
pub(crate) enum Encoder<'a> {
    /// Counts the bytes.
    Counting(&'a mut usize),
    /// Appends them.
    Writing(&'a mut Vec<u8>),
}

impl Encoder<'_> {
    #[inline]
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        match self {
            Self::Counting(len) => **len = len.saturating_add(bytes.len()),
            Self::Writing(to) => to.extend_from_slice(bytes),
        }
    }
}

/// Returns what is read. Anything unexpected counts as damage.
pub(crate) struct Decoder<'a>(&'a [u8]);

impl<'a> Decoder<'a> {
    /// Creates a decoder that reads `bytes`.
    pub(super) const fn over(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Returns whether nothing is left.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the next byte without taking it.
    pub(super) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// Takes a value that needs no further knowledge.
    pub(crate) fn take<T: Decode>(&mut self) -> Result<T, StoreError> {
        T::decode(self, &())
    }

    /// Takes `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], StoreError> {
        let (array, rest) = self.0.split_first_chunk().ok_or(StoreError::Damaged)?;
        self.0 = rest;
        Ok(array)
    }

    /// Takes a length of 32 bits, and as many bytes as it says.
    pub(super) fn bytes(&mut self) -> Result<&'a [u8], StoreError> {
        let length = usize::try_from(u32::from_le_bytes(*self.array()?)).map_err(|_| StoreError::Damaged)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(StoreError::Damaged)?;
        self.0 = rest;
        Ok(bytes)
    }
}

/// Returns the parts one after the other. Their lengths must add up to `N`.
pub(super) fn joined<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    debug_assert_eq!(parts.iter().map(|part| part.len()).sum::<usize>(), N);
    let mut all = [0; N];
    let mut room = all.as_mut_slice();
    for part in parts {
        if let Some((to, rest)) = core::mem::take(&mut room).split_at_mut_checked(part.len()) {
            to.copy_from_slice(part);
            room = rest;
        }
    }
    all
}
