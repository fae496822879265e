//! Memory for content that comes and goes.

use alloc::boxed::Box;
use alloc::vec;
use core::ops::{Deref, DerefMut};

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Memory of a fixed length, wiped on drop. A `Zeroizing<Vec<u8>>` would be wiped byte by byte, which for a file as
/// long as its buffer takes a tenth of the time.
pub(super) struct Buffer(Box<[u8]>);

impl Buffer {
    pub(super) fn new(len: usize) -> Self {
        Self(vec![0; len].into_boxed_slice())
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.0.as_mut().zeroize();
    }
}

impl ZeroizeOnDrop for Buffer {}
