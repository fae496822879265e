//! Bytes that the library made and the caller frees.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use crate::border::ScBytes;

/// Bytes that a function made: a file, a frame, a text. They are wiped when they are freed.
pub struct ScBuffer(Zeroizing<Vec<u8>>);

impl ScBuffer {
    pub(crate) fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }
}

/// Returns the bytes of a buffer. They are valid until it is freed.
#[unsafe(no_mangle)]
pub extern "C" fn sc_buffer_bytes(buffer: Option<&ScBuffer>) -> ScBytes {
    buffer.map_or(ScBytes::NONE, |buffer| ScBytes::of(&buffer.0))
}

/// Returns where the bytes of a buffer are.
#[unsafe(no_mangle)]
pub extern "C" fn sc_buffer_data(buffer: Option<&ScBuffer>) -> *const u8 {
    buffer.map_or(core::ptr::null(), |buffer| buffer.0.as_ptr())
}

/// Returns how many bytes a buffer has.
#[unsafe(no_mangle)]
pub extern "C" fn sc_buffer_len(buffer: Option<&ScBuffer>) -> usize {
    buffer.map_or(0, |buffer| buffer.0.len())
}

/// Wipes and frees a buffer.
#[unsafe(no_mangle)]
pub extern "C" fn sc_buffer_free(buffer: Option<Box<ScBuffer>>) {
    drop(buffer);
}

impl fmt::Debug for ScBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScBuffer").field("len", &self.0.len()).finish_non_exhaustive()
    }
}
