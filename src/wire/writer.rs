//! Writing values to bytes.

use core::mem;

use super::opaque_debug;

/// A value that can be written as TL. Every one can: a value that does not fit the format cannot be built.
///
/// A slice of [`encoded_len`](Self::encoded_len) bytes is always filled exactly.
pub trait Encode {
    /// Writes the value.
    fn write(&self, w: &mut Writer<'_>);

    /// Returns how many bytes the value takes, or `usize::MAX` if no slice could hold it.
    fn encoded_len(&self) -> usize {
        let mut w = Writer::new(&mut []);
        self.write(&mut w);
        w.wanted
    }
}

/// Writes `value` into `out`. Returns true if it fills `out` exactly.
#[must_use]
pub fn encode_exact(value: &impl Encode, out: &mut [u8]) -> bool {
    let mut w = Writer::new(out);
    value.write(&mut w);
    w.finish()
}

/// A slice that is written from front to back. Excess bytes are counted but not written.
pub struct Writer<'a> {
    /// The part that is not written yet. Empty after the first piece that did not fit.
    rest: &'a mut [u8],
    capacity: usize,
    wanted: usize,
}

impl<'a> Writer<'a> {
    /// Starts at the front of `out`.
    #[must_use]
    pub const fn new(out: &'a mut [u8]) -> Self {
        Self { capacity: out.len(), wanted: 0, rest: out }
    }

    /// Writes a value.
    pub fn write(&mut self, value: &impl Encode) {
        value.write(self);
    }

    /// Writes bytes as they are.
    pub fn put(&mut self, bytes: &[u8]) {
        // Saturates at a number that is not the length of any slice.
        self.wanted = self.wanted.saturating_add(bytes.len());
        if let Some((next, rest)) = mem::take(&mut self.rest).split_at_mut_checked(bytes.len()) {
            next.copy_from_slice(bytes);
            self.rest = rest;
        }
    }

    /// Returns whether what was written so far fills the slice exactly.
    #[must_use]
    pub const fn is_exact(&self) -> bool {
        self.wanted == self.capacity
    }

    /// Ends the writing, and returns whether the slice is filled exactly.
    #[must_use]
    pub fn finish(self) -> bool {
        self.is_exact()
    }
}

opaque_debug! { Writer<'_>, }

impl Encode for u32 {
    fn write(&self, w: &mut Writer<'_>) {
        w.put(&self.to_le_bytes());
    }
}

impl Encode for i32 {
    fn write(&self, w: &mut Writer<'_>) {
        w.put(&self.to_le_bytes());
    }
}

impl Encode for i64 {
    fn write(&self, w: &mut Writer<'_>) {
        w.put(&self.to_le_bytes());
    }
}

/// An absent field takes no bytes; its flag says so.
impl<T: Encode> Encode for Option<T> {
    fn write(&self, w: &mut Writer<'_>) {
        if let Some(value) = self {
            value.write(w);
        }
    }
}
