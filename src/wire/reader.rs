//! Reading values from bytes.

use super::{DecodeError, opaque_debug};

/// A value that can be read from TL.
pub trait Decode<'a>: Sized {
    /// Reads the value from the front.
    ///
    /// # Errors
    /// [`DecodeError`]: the bytes do not begin with a value of this type. The reader is then somewhere inside it.
    fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError>;
}

/// Reads a value that fills `bytes`.
///
/// # Errors
/// [`DecodeError`]: the bytes are not a value of this type, or more than one.
pub fn decode_exact<'a, T: Decode<'a>>(bytes: &'a [u8]) -> Result<T, DecodeError> {
    let mut r = Reader::new(bytes);
    let value = r.read()?;
    if r.rest().is_empty() { Ok(value) } else { Err(DecodeError::TrailingBytes) }
}

/// A reader over bytes, from front to back.
#[derive(Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the front of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Returns the bytes that have not been read yet.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Reads a value.
    ///
    /// # Errors
    /// [`DecodeError`]: the bytes do not begin with a value of this type.
    pub fn read<T: Decode<'a>>(&mut self) -> Result<T, DecodeError> {
        T::read(self)
    }

    /// Takes `len` bytes.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`] if there are fewer. None is taken then.
    pub fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(DecodeError::UnexpectedEnd)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Takes `N` bytes.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`] if there are fewer. None is taken then.
    pub fn take_array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(DecodeError::UnexpectedEnd)?;
        self.rest = rest;
        Ok(*taken)
    }

    /// Returns the constructor's id at the front without taking it.
    pub(super) fn peek_id(&self) -> Result<u32, DecodeError> {
        self.clone().read()
    }

    /// Takes the id, which must be this one.
    pub(super) fn expect_id(&mut self, id: u32) -> Result<(), DecodeError> {
        match self.read()? {
            found if found == id => Ok(()),
            found => Err(DecodeError::UnknownConstructor(found)),
        }
    }

    /// Takes the id of a constructor without fields.
    pub(super) fn take_unit<T>(&mut self, value: T) -> Result<T, DecodeError> {
        self.read::<u32>().map(|_id| value)
    }

    /// Reads a field that is present if `bit` of the flags is set.
    pub(super) fn read_if<T: Decode<'a>>(&mut self, flags: u32, bit: u32) -> Result<Option<T>, DecodeError> {
        if flags & (1 << bit) == 0 { Ok(None) } else { self.read().map(Some) }
    }
}

opaque_debug! { Reader<'_>, }

impl<'a> Decode<'a> for u32 {
    fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        r.take_array().map(Self::from_le_bytes)
    }
}

impl<'a> Decode<'a> for i32 {
    fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        r.take_array().map(Self::from_le_bytes)
    }
}

impl<'a> Decode<'a> for i64 {
    fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        r.take_array().map(Self::from_le_bytes)
    }
}
