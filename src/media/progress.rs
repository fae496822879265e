//! How far a file is.

use core::iter::Sum;
use core::ops::Add;

use crate::types::error::MediaError;

/// How far a file is, in bytes of its content: the same count at both ends, whatever the form of the file. It stays
/// these two numbers, so a host can compare it.
///
/// How far an album is, is the sum of its files:
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
    /// Bytes done.
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

    pub(super) const fn new(done: u64, total: u64) -> Self {
        Self { done: if done < total { done } else { total }, total }
    }

    pub(super) fn after(self, chunk: &[u8]) -> Result<Self, MediaError> {
        let len = chunk.len() as u64;
        if len > self.left() { Err(MediaError::TooLong) } else { Ok(Self { done: self.done + len, ..self }) }
    }

    /// Takes back what is done and was not given out yet.
    #[cfg(feature = "std")]
    pub(super) const fn without(self, waiting: usize) -> Self {
        Self { done: self.done.saturating_sub(waiting as u64), ..self }
    }
}

impl Add for Progress {
    type Output = Self;

    /// Sums two files. Sums beyond `u64` stay at its end.
    fn add(self, other: Self) -> Self {
        Self { done: self.done.saturating_add(other.done), total: self.total.saturating_add(other.total) }
    }
}

impl Sum for Progress {
    fn sum<I: Iterator<Item = Self>>(files: I) -> Self {
        files.fold(Self::default(), Add::add)
    }
}
