//! The progress of a file.

use core::iter::Sum;
use core::ops::Add;

use crate::types::error::MediaError;

/// The progress of a file, in bytes of its content. The count is the same at both ends, whatever the form of the
/// file. The type will keep exactly these two numbers, so a host can compare it.
///
/// The progress of an album is the sum of its files:
///
/// ```
/// use secretchat::media::Progress;
///
/// let files = [Progress { done: 300, total: 300 }, Progress { done: 20, total: 500 }];
/// let album: Progress = files.into_iter().sum();
/// assert_eq!((album, album.left()), (Progress { done: 320, total: 800 }, 480));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The bytes that are done.
    pub done: u64,
    /// The total bytes.
    pub total: u64,
}

impl Progress {
    /// Returns the bytes still to come.
    #[must_use]
    pub const fn left(self) -> u64 {
        self.total.saturating_sub(self.done)
    }

    pub(super) const fn new(done: u64, total: u64) -> Self {
        Self { done: if done < total { done } else { total }, total }
    }

    pub(super) fn after(self, chunk: &[u8]) -> Result<Self, MediaError> {
        let len = chunk.len() as u64;
        if len > self.left() { Err(MediaError::TooLong) } else { Ok(Self { done: self.done + len, ..self }) }
    }

    /// Subtracts bytes that are done but not returned yet.
    #[cfg(feature = "std")]
    pub(super) const fn without(self, waiting: usize) -> Self {
        Self { done: self.done.saturating_sub(waiting as u64), ..self }
    }
}

impl Add for Progress {
    type Output = Self;

    /// Adds two files. Sums saturate at `u64::MAX`.
    fn add(self, other: Self) -> Self {
        Self { done: self.done.saturating_add(other.done), total: self.total.saturating_add(other.total) }
    }
}

impl Sum for Progress {
    fn sum<I: Iterator<Item = Self>>(files: I) -> Self {
        files.fold(Self::default(), Add::add)
    }
}
