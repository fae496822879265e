//! Sealing one file in several threads.

use core::fmt;
use core::ops::Range;

use super::layout::SegmentLayout;
use super::run::Run;
use super::schedule::FileKeys;
use crate::types::error::MediaError;

/// A share of the segments of one file, for a thread of its own. Needs no heap.
///
/// One key seals one content: whoever sees a segment sealed twice with two contents learns where they begin to
/// differ, and can put either in its place (SPEC SEG-9). Shares rule this out. A segment is in one share only, and
/// each share seals its segments once, in order. To seal a segment again, because the other end lacks it, use
/// [`ResumableSealer`](super::ResumableSealer), which compares the content.
///
/// ```
/// use std::thread;
///
/// use secretchat::media::{Padding, SegmentSealer};
/// # use secretchat::MediaError;
/// # fn example(rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
/// // Four segments, of which each begins with its content.
/// let mut sealer = SegmentSealer::new(4 * 65_536, Padding::None, rng)?;
/// let mut stored = vec![7; 4 * (65_536 + 32)];
///
/// let mut front = sealer.share();
/// let mut back = front.split_off(2);
/// let (front_bytes, back_bytes) = stored.split_at_mut(2 * (65_536 + 32));
/// thread::scope(|scope| {
///     let other = scope.spawn(move || {
///         back.seal(back_bytes)?;
///         back.finish()
///     });
///     front.seal(front_bytes)?;
///     front.finish()?;
///     other.join().expect("the thread seals and nothing else")
/// })?;
/// // .. `sealer.header()` and then `stored` are carried ..
/// # Ok(())
/// # }
/// # example(&mut secretchat::rand_core::UnwrapErr(getrandom::SysRng)).unwrap();
/// ```
#[must_use]
pub struct SegmentShare<'a> {
    keys: &'a FileKeys,
    layout: SegmentLayout,
    left: Range<u64>,
}

impl<'a> SegmentShare<'a> {
    pub(super) const fn new(keys: &'a FileKeys, layout: SegmentLayout, segments: Range<u64>) -> Self {
        Self { keys, layout, left: segments }
    }

    /// Returns the numbers of the segments that this share still has to seal. [`SegmentLayout::bytes_of`] says how
    /// long they are.
    #[must_use]
    pub const fn segments(&self) -> Range<u64> {
        self.left.start..self.left.end
    }

    /// Splits the share in two: those before the segment with the number `at` stay here, and the others are
    /// returned. Either may be empty.
    pub fn split_off(&mut self, at: u64) -> Self {
        let at = at.clamp(self.left.start, self.left.end);
        let back = Self::new(self.keys, self.layout, at..self.left.end);
        self.left.end = at;
        back
    }

    /// Seals the next segments of the share, one or more, in place, like
    /// [`SegmentSealer::seal`](super::SegmentSealer::seal).
    ///
    /// # Errors
    /// [`MediaError::PartLength`] if `stored` is not a whole number of the next segments of this share. Nothing has
    /// changed then.
    pub fn seal(&mut self, stored: &mut [u8]) -> Result<(), MediaError> {
        let end = self.layout.end_of(self.left.start, stored.len()).filter(|end| *end <= self.left.end);
        let end = end.ok_or(MediaError::PartLength)?;
        Run::seal_all(self.keys, &self.layout, self.left.start, stored);
        self.left.start = end;
        Ok(())
    }

    /// Ends the share.
    ///
    /// # Errors
    /// [`MediaError::Truncated`] if segments are missing.
    pub fn finish(self) -> Result<(), MediaError> {
        if self.left.is_empty() { Ok(()) } else { Err(MediaError::Truncated) }
    }
}

impl fmt::Debug for SegmentShare<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { keys: _, layout, left } = self;
        f.debug_struct("SegmentShare").field("layout", layout).field("left", left).finish_non_exhaustive()
    }
}
