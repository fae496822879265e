//! A sequence of values, given by the caller or still encoded.

use core::iter::FusedIterator;
use core::slice;

use super::{Decode, DecodeError, Encode, Reader, Writer, opaque_debug};

/// The id of every vector, whatever its items are.
const ID: u32 = 0x1cb5_c415;

/// The length of an id or an integer. No value is shorter.
const WORD: usize = 4;

/// A TL `Vector`. A vector that was read has been validated, and its items are decoded during iteration.
#[derive(Clone, Copy)]
pub struct Vector<'a, T>(Items<'a, T>);

#[derive(Clone, Copy)]
enum Items<'a, T> {
    Given(&'a [T]),
    /// The encoding, where `bytes` is exactly `count` items.
    Encoded {
        count: usize,
        bytes: &'a [u8],
    },
}

impl<'a, T> Vector<'a, T> {
    /// A vector without items.
    pub const EMPTY: Self = Self(Items::Given(&[]));

    /// The most items that can be written: as many as a string has bytes, and far below what a count can express.
    pub const MAX_LEN: usize = 0x00ff_ffff;

    /// Wraps the items, or returns `None` if there are more than [`Vector::MAX_LEN`].
    #[must_use]
    pub const fn new(items: &'a [T]) -> Option<Self> {
        if items.len() <= Self::MAX_LEN { Some(Self(Items::Given(items))) } else { None }
    }

    /// Returns how many items there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self.0 {
            Items::Given(items) => items.len(),
            Items::Encoded { count, .. } => count,
        }
    }

    /// Returns whether there is no item.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'a, T: Decode<'a> + Copy> Vector<'a, T> {
    /// Returns the items from first to last.
    #[must_use]
    pub fn iter(&self) -> Iter<'a, T> {
        Iter(match self.0 {
            Items::Given(items) => Rest::Given(items.iter()),
            Items::Encoded { count, bytes } => Rest::Encoded { count, reader: Reader::new(bytes) },
        })
    }
}

impl<T> Default for Vector<'_, T> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<'a, T: Decode<'a> + Copy + PartialEq> PartialEq for Vector<'a, T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<'a, T: Decode<'a> + Copy + Eq> Eq for Vector<'a, T> {}

opaque_debug! { Vector<'_, T>, Iter<'_, T>, }

impl<'a, T: Decode<'a>> Decode<'a> for Vector<'a, T> {
    fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        match r.read()? {
            ID => {}
            other => return Err(DecodeError::NotAVector(other)),
        }
        let count = usize::try_from(r.read::<i32>()?).map_err(|_| DecodeError::BadCount)?;
        let items = r.rest();
        if count > items.len() / WORD {
            return Err(DecodeError::BadCount);
        }
        for _ in 0..count {
            r.read::<T>()?;
        }
        let (bytes, _) = items.split_at_checked(items.len() - r.rest().len()).ok_or(DecodeError::UnexpectedEnd)?;
        Ok(Self(Items::Encoded { count, bytes }))
    }
}

impl<T: Encode> Encode for Vector<'_, T> {
    fn write(&self, w: &mut Writer<'_>) {
        w.write(&ID);
        // At most MAX_LEN, or what an i32 said.
        w.write(&u32::try_from(self.len()).unwrap_or(u32::MAX));
        match self.0 {
            Items::Given(items) => items.iter().for_each(|item| w.write(item)),
            Items::Encoded { bytes, .. } => w.put(bytes),
        }
    }
}

impl<'a, T: Decode<'a> + Copy> IntoIterator for Vector<'a, T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<'a, T: Decode<'a> + Copy> IntoIterator for &Vector<'a, T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

/// The items of a [`Vector`].
#[derive(Clone)]
pub struct Iter<'a, T>(Rest<'a, T>);

#[derive(Clone)]
enum Rest<'a, T> {
    Given(slice::Iter<'a, T>),
    Encoded { count: usize, reader: Reader<'a> },
}

impl<'a, T: Decode<'a> + Copy> Iterator for Iter<'a, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        match &mut self.0 {
            Rest::Given(items) => items.next().copied(),
            Rest::Encoded { count, reader } => {
                *count = count.checked_sub(1)?;
                // Validated when the vector was read.
                reader.read().ok()
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = match &self.0 {
            Rest::Given(items) => items.len(),
            Rest::Encoded { count, .. } => *count,
        };
        (len, Some(len))
    }
}

impl<'a, T: Decode<'a> + Copy> ExactSizeIterator for Iter<'a, T> {}

impl<'a, T: Decode<'a> + Copy> FusedIterator for Iter<'a, T> {}
