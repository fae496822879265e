//! The border: pointers of C become references, slices and values of Rust. All `unsafe` code of the crate is here.
//!
//! The contract is that of the header: a pointer is null, or points to as many values as the length beside it says, for
//! as long as the call lasts. Only C can make these pointers, so [`In`] and [`Out`] have no safe constructor.

use alloc::boxed::Box;
use core::ffi::c_char;
use core::fmt;
use core::ptr;
use core::slice;

use crate::error::{Fault, Own};

/// An address of values that the caller lends for a call. The header shows it as a plain pointer.
#[repr(transparent)]
pub struct In<T>(*const T);

/// An address that a result is written to. The header shows it as a plain pointer.
#[repr(transparent)]
pub struct Out<T>(*mut T);

/// Bytes of somebody else. Text is UTF-8, without a zero at its end.
///
/// In what the library gives, `data` is null where there is nothing. In what a program gives, null with the length 0 is
/// empty, and means "none" where that differs from empty.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct ScBytes {
    data: *const u8,
    len: usize,
}

/// Ids of messages, of somebody else.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct ScIds {
    data: *const i64,
    len: usize,
}

impl<T> In<T> {
    /// The address of nothing.
    pub const NULL: Self = Self(ptr::null());

    /// Wraps an address.
    ///
    /// # Safety
    /// It is null, or may be read for as many values as the call says that it is passed to, while that call lasts.
    #[must_use]
    pub const unsafe fn new(address: *const T) -> Self {
        Self(address)
    }

    /// Returns the address of a value.
    pub(crate) const fn of(value: &T) -> Self {
        Self(value)
    }

    /// Returns the address of values.
    pub(crate) const fn of_all(values: &[T]) -> Self {
        Self(values.as_ptr())
    }

    /// Returns the value, or `None` for null.
    pub(crate) fn get<'a>(self) -> Option<&'a T> {
        // SAFETY: by the contract of `new`, a non-null address may be read for one value while the call lasts, and no
        // result is used after it.
        unsafe { self.0.as_ref() }
    }

    /// Returns the value, or an error for null.
    pub(crate) fn need<'a>(self) -> Result<&'a T, Fault> {
        self.get().ok_or(Own::Null.into())
    }

    /// Returns `len` values. Null is no value.
    pub(crate) fn slice<'a>(self, len: usize) -> Result<&'a [T], Fault> {
        if self.0.is_null() {
            return if len == 0 { Ok(&[]) } else { Err(Own::Null.into()) };
        }
        if len > isize::MAX.unsigned_abs() / size_of::<T>().max(1) {
            return Err(Own::Length.into());
        }
        // SAFETY: it is not null, the size fits into memory, and by the contract of `new` it may be read for `len` values
        // while the call lasts.
        Ok(unsafe { slice::from_raw_parts(self.0, len) })
    }
}

impl In<u8> {
    /// Returns `N` bytes.
    pub(crate) fn array<'a, const N: usize>(self) -> Result<&'a [u8; N], Fault> {
        if self.0.is_null() {
            return Err(Own::Null.into());
        }
        self.slice(N)?.try_into().map_err(|_| Own::Length.into())
    }

    /// Returns text of `len` bytes.
    pub(crate) fn text<'a>(self, len: usize) -> Result<&'a str, Fault> {
        core::str::from_utf8(self.slice(len)?).map_err(|_| Own::Text.into())
    }
}

impl<T> Out<T> {
    /// The address of nothing.
    pub const NULL: Self = Self(ptr::null_mut());

    /// Wraps an address.
    ///
    /// # Safety
    /// It is null, or may be written for as many values as the call says that it is passed to, while that call lasts.
    #[must_use]
    pub const unsafe fn new(address: *mut T) -> Self {
        Self(address)
    }

    /// Fails for null, before anything is done.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        if self.0.is_null() { Err(Own::Null.into()) } else { Ok(()) }
    }

    /// Writes the result, unless the address is null.
    pub(crate) fn put(self, value: T) {
        if !self.0.is_null() {
            // SAFETY: it is not null, and by the contract of `new` it may be written. What was there is not dropped: it
            // may never have been a value.
            unsafe { self.0.write(value) }
        }
    }
}

impl<T> Out<Option<Box<T>>> {
    /// Writes a new handle.
    pub(crate) fn hand(self, value: T) {
        self.put(Some(Box::new(value)));
    }
}

impl<T: Copy> Out<T> {
    /// Writes several results.
    pub(crate) fn put_all(self, values: &[T]) {
        if !self.0.is_null() {
            // SAFETY: it is not null, and by the contract of `new` it may be written for as many values as the call
            // writes. Memory that the caller lends for writing is none that a `&[T]` of ours describes.
            unsafe { ptr::copy_nonoverlapping(values.as_ptr(), self.0, values.len()) }
        }
    }
}

impl Out<c_char> {
    /// Writes text that fits into `room` bytes, shortened where it does not, with a zero behind it. Returns the bytes
    /// that the whole text has.
    pub(crate) fn put_text(self, room: usize, text: &str) -> usize {
        if let Some(most) = room.checked_sub(1) {
            let kept = &text.as_bytes()[..text.floor_boundary(most)];
            if !self.0.is_null() {
                // A `char` of C is a byte, with a sign or without.
                let buffer = self.0.cast::<u8>();
                Out(buffer.wrapping_add(kept.len())).put(0);
                Out(buffer).put_all(kept);
            }
        }
        text.len()
    }
}

/// Where a text may be cut.
trait Cut {
    fn floor_boundary(&self, most: usize) -> usize;
}

impl Cut for str {
    fn floor_boundary(&self, most: usize) -> usize {
        let mut at = most.min(self.len());
        while !self.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

impl ScBytes {
    /// No bytes at all.
    pub const NONE: Self = Self { data: ptr::null(), len: 0 };

    /// Borrows bytes. The result is valid as long as they are.
    pub(crate) const fn of(bytes: &[u8]) -> Self {
        Self { data: bytes.as_ptr(), len: bytes.len() }
    }

    /// Borrows bytes, if there are any to borrow.
    pub(crate) fn of_some(bytes: Option<&[u8]>) -> Self {
        bytes.map_or(Self::NONE, Self::of)
    }

    /// Borrows text, if there is any to borrow.
    pub(crate) fn of_text(text: Option<&str>) -> Self {
        Self::of_some(text.map(str::as_bytes))
    }

    pub(crate) fn get<'a>(self) -> Result<&'a [u8], Fault> {
        In(self.data).slice(self.len)
    }

    /// Returns the bytes, or `None` for null.
    pub(crate) fn get_some<'a>(self) -> Result<Option<&'a [u8]>, Fault> {
        let bytes = self.get()?;
        Ok(if self.data.is_null() { None } else { Some(bytes) })
    }

    pub(crate) fn text<'a>(self) -> Result<&'a str, Fault> {
        In(self.data).text(self.len)
    }

    /// Returns the text, or `None` for null.
    pub(crate) fn text_some<'a>(self) -> Result<Option<&'a str>, Fault> {
        let text = self.text()?;
        Ok(if self.data.is_null() { None } else { Some(text) })
    }

    /// Returns the bytes if they are `N`.
    pub(crate) fn array<'a, const N: usize>(self) -> Result<&'a [u8; N], Fault> {
        self.get()?.try_into().map_err(|_| Own::Length.into())
    }
}

impl ScIds {
    /// No ids.
    pub const NONE: Self = Self { data: ptr::null(), len: 0 };

    /// Borrows ids. The result is valid as long as they are.
    pub(crate) const fn of(ids: &[i64]) -> Self {
        Self { data: ids.as_ptr(), len: ids.len() }
    }
}

impl Default for ScBytes {
    fn default() -> Self {
        Self::NONE
    }
}

impl Default for ScIds {
    fn default() -> Self {
        Self::NONE
    }
}

impl<T> Default for Out<T> {
    fn default() -> Self {
        Self::NULL
    }
}

impl<T> Default for In<T> {
    fn default() -> Self {
        Self::NULL
    }
}

impl<T> Clone for In<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for In<T> {}

impl<T> fmt::Debug for In<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> fmt::Debug for Out<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
