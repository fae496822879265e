//! What a record holds before it is sealed: a layout number, then fields without gaps (SPEC REC-4).

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::types::error::StoreError;

/// Can be written into a record.
pub(crate) trait Encode {
    /// Appends this to the record.
    fn encode(&self, to: &mut Encoder<'_>);
}

/// Can be read from a record. `K` is what the reader has to know besides the bytes.
pub(crate) trait Decode<K: ?Sized = ()>: Sized {
    /// Takes this off the front.
    fn decode(from: &mut Decoder<'_>, known: &K) -> Result<Self, StoreError>;
}

/// What zeros stand for where a value is left out.
pub(crate) trait Blank {
    /// How many.
    const LEN: usize;
}

/// Everything that one kind of record holds.
pub(crate) trait Contents: Encode {
    /// Names the list of fields: another list is another number.
    const LAYOUT: u8;
}

/// Returns the contents of a record.
pub(crate) fn encode<T: Contents>(contents: &T) -> Zeroizing<Vec<u8>> {
    encode_with(T::LAYOUT, |to| contents.encode(to))
}

/// Returns the contents of a record whose fields are written by hand. They are counted first, since a buffer that grows
/// leaves copies of keys behind.
pub(crate) fn encode_with(layout: u8, contents: impl Fn(&mut Encoder<'_>)) -> Zeroizing<Vec<u8>> {
    let mut len = 1;
    contents(&mut Encoder(&mut |bytes| len += bytes.len()));
    let mut plain = Zeroizing::new(Vec::with_capacity(len));
    plain.push(layout);
    contents(&mut Encoder(&mut |bytes| plain.extend_from_slice(bytes)));
    plain
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
    // Nothing may be left over.
    if from.is_empty() { Ok(contents) } else { Err(StoreError::Damaged) }
}

/// Takes what is written.
pub(crate) struct Encoder<'a>(&'a mut dyn FnMut(&[u8]));

impl<'a> Encoder<'a> {
    /// Creates one that gives what is written to `take`.
    pub(super) fn over(take: &'a mut dyn FnMut(&[u8])) -> Self {
        Self(take)
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        (self.0)(bytes);
    }
}

/// Gives what is read. Anything unexpected is damage.
pub(crate) struct Decoder<'a>(&'a [u8]);

impl<'a> Decoder<'a> {
    /// Creates one that reads `bytes`.
    pub(super) const fn over(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether nothing is left.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the next byte and leaves it there.
    pub(super) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// Takes a value for which nothing has to be known.
    pub(crate) fn take<T: Decode>(&mut self) -> Result<T, StoreError> {
        T::decode(self, &())
    }

    /// Takes `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], StoreError> {
        let (array, rest) = self.0.split_first_chunk().ok_or(StoreError::Damaged)?;
        self.0 = rest;
        Ok(array)
    }

    /// Takes as many bytes as a length of 32 bits says that follow it.
    pub(super) fn bytes(&mut self) -> Result<&'a [u8], StoreError> {
        let length = usize::try_from(u32::from_le_bytes(*self.array()?)).map_err(|_| StoreError::Damaged)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(StoreError::Damaged)?;
        self.0 = rest;
        Ok(bytes)
    }
}
