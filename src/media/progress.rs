//! How far a file is.

use crate::types::error::MediaError;

/// How far a file is, in bytes. It stays these two numbers, so a host can compare it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes taken.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
}

impl Progress {
    /// Returns the bytes still to come.
    #[must_use]
    pub const fn left(self) -> u64 {
        self.total.saturating_sub(self.done)
    }

    pub(super) fn after(self, chunk: &[u8]) -> Result<Self, MediaError> {
        let len = chunk.len() as u64;
        if len > self.left() { Err(MediaError::TooLong) } else { Ok(Self { done: self.done + len, ..self }) }
    }
}
