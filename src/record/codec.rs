//! Plain little-endian fields of a record, before it is sealed.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::code::Code;
use crate::error::StoreError;

/// Appends fields; wiped on drop.
#[derive(Default)]
pub(crate) struct Put(Zeroizing<Vec<u8>>);

impl Put {
    /// A first field that says which layout follows. `capacity` avoids copies of secrets in reallocated memory.
    pub(crate) fn new(layout: u8, capacity: usize) -> Self {
        let mut bytes = Vec::with_capacity(capacity + 1);
        bytes.push(layout);
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn array<const N: usize>(&mut self, bytes: &[u8; N]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// Length as u32, then the bytes.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        // Nothing that is stored comes near 4 GiB: ids and messages have bounds.
        self.array(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn flag(&mut self, flag: bool) -> &mut Self {
        self.array(&[u8::from(flag)])
    }

    /// The number of a plain enum's variant.
    pub(crate) fn code(&mut self, code: impl Code) -> &mut Self {
        self.array(&[code.code()])
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

/// Takes fields off the front; anything unexpected is damage.
pub(crate) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn new(layout: u8, bytes: &'a [u8]) -> Result<Self, StoreError> {
        let mut fields = Self(bytes);
        match fields.array()? {
            [found] if found == layout => Ok(fields),
            [found] if found > layout => Err(StoreError::NewerVersion),
            _ => Err(StoreError::Damaged),
        }
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let (array, rest) = self.0.split_first_chunk().ok_or(StoreError::Damaged)?;
        self.0 = rest;
        Ok(*array)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, StoreError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, StoreError> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn i64(&mut self) -> Result<i64, StoreError> {
        self.array().map(i64::from_le_bytes)
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], StoreError> {
        let length = usize::try_from(self.u32()?).map_err(|_| StoreError::Damaged)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(StoreError::Damaged)?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(crate) fn flag(&mut self) -> Result<bool, StoreError> {
        match self.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(StoreError::Damaged),
        }
    }

    pub(crate) fn code<T: Code>(&mut self) -> Result<T, StoreError> {
        let [code] = self.array()?;
        T::of_code(code).ok_or(StoreError::Damaged)
    }

    /// Nothing may be left over.
    pub(crate) fn finish(self) -> Result<(), StoreError> {
        if self.0.is_empty() { Ok(()) } else { Err(StoreError::Damaged) }
    }
}
