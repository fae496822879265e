//! The layout of the segments of a file (SPEC SEG-2, SEG-5, SEG-6, SEG-12).

use core::ops::Range;

use super::{HEADER_LEN, TAG_LEN};
use crate::types::error::MediaError;

/// How much of a file's exact size its carrier can see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Padding {
    /// Pads to the next multiple of 16 bytes, for a file whose size reveals nothing, or where 12 % are too much.
    None,
    /// Pads with zero bytes up to the next size of the Padmé scheme, at most 12 % more, so that many sizes look
    /// alike. This is the default, as every message is padded too (SPEC SEG-6).
    #[default]
    Padme,
}

impl Padding {
    /// Returns the code in the header (SPEC SEG-2).
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Padme => 1,
        }
    }
}

/// How long the segments of a file are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SegmentSize {
    /// 4 KiB, for an end with little memory: it holds 4,128 bytes of the file at a time. Tags are 0.8 % of such a
    /// file, and it is sealed and opened more slowly. Versions before this one refuse it with
    /// [`MediaError::Header`], so choose it only for a peer that is known to read it.
    Kib4,
    /// 64 KiB.
    #[default]
    Kib64,
}

impl SegmentSize {
    /// Returns the length in bytes of the content of each segment except the last.
    #[must_use]
    pub const fn bytes(self) -> usize {
        1 << self.code()
    }

    /// Returns the code in the header: the length is two to this power (SPEC SEG-2).
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Kib4 => 12,
            Self::Kib64 => 16,
        }
    }
}

/// The segments of a file of a known size and padding. They have 64 KiB, unless
/// [`SegmentLayout::with_segment_size`] says otherwise.
///
/// ```
/// use secretchat::media::{Padding, SegmentLayout};
///
/// let layout = SegmentLayout::new(100_000, Padding::None)?;
/// assert_eq!((layout.count(), layout.encrypted_len()), (2, 40 + 65_536 + 32 + 34_464 + 32));
/// let last = layout.segment(1).unwrap();
/// assert_eq!((last.offset, last.content_len, last.stored_len), (40 + 65_536 + 32, 34_464, 34_464 + 32));
/// # Ok::<(), secretchat::MediaError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentLayout {
    size: u64,
    padding: Padding,
    segment_size: SegmentSize,
}

/// One segment of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Segment {
    /// The number of the segment, from 0.
    pub index: u64,
    /// The offset of the segment in the stored file.
    pub offset: u64,
    /// How many bytes of content it has; 0 in a segment that is only padding.
    pub content_len: usize,
    /// The length of the segment in the stored file, including its tag.
    pub stored_len: usize,
    /// Whether the content ends in it.
    pub is_last: bool,
}

impl SegmentLayout {
    /// The largest size of a file, 1 TiB.
    pub const MAX_SIZE: u64 = 1 << 40;

    /// Computes the layout of a file with `size` bytes of content.
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`] above [`SegmentLayout::MAX_SIZE`] (SPEC SEG-1).
    pub const fn new(size: u64, padding: Padding) -> Result<Self, MediaError> {
        match size {
            0 => Err(MediaError::Empty),
            1..=Self::MAX_SIZE => Ok(Self { size, padding, segment_size: SegmentSize::Kib64 }),
            _ => Err(MediaError::TooLarge),
        }
    }

    /// Returns the layout of the same file in segments of another size.
    ///
    /// ```
    /// use secretchat::media::{Padding, SegmentLayout, SegmentSize};
    ///
    /// let layout = SegmentLayout::new(100_000, Padding::None)?.with_segment_size(SegmentSize::Kib4);
    /// assert_eq!((layout.count(), layout.encrypted_len()), (25, 40 + 100_000 + 25 * 32));
    /// # Ok::<(), secretchat::MediaError>(())
    /// ```
    #[must_use]
    pub const fn with_segment_size(self, segment_size: SegmentSize) -> Self {
        Self { segment_size, ..self }
    }

    /// Returns the layouts that a file of that size can have.
    pub(in crate::media) fn all(size: u64) -> Result<impl Iterator<Item = Self>, MediaError> {
        let layout = Self::new(size, Padding::None)?;
        let paddings = [Padding::None, Padding::Padme].into_iter();
        let layouts = paddings.flat_map(move |padding| {
            [SegmentSize::Kib4, SegmentSize::Kib64].map(|segment_size| Self { padding, segment_size, ..layout })
        });
        Ok(layouts)
    }

    /// Returns the size of the content in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Returns the padding that hides the size.
    #[must_use]
    pub const fn padding(&self) -> Padding {
        self.padding
    }

    /// Returns the size of the segments.
    #[must_use]
    pub const fn segment_size(&self) -> SegmentSize {
        self.segment_size
    }

    /// Returns the number of segments, including those that are only padding.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.padded_len().div_ceil(self.segment_len())
    }

    /// Returns the length of the stored file in bytes.
    #[must_use]
    pub const fn encrypted_len(&self) -> u64 {
        HEADER_LEN as u64 + self.padded_len() + self.count() * TAG_LEN as u64
    }

    /// Returns the segment with that number.
    #[must_use]
    pub fn segment(&self, index: u64) -> Option<Segment> {
        if index >= self.count() {
            return None;
        }
        let start = index * self.segment_len();
        let cipher_len = self.up_to_segment(self.padded_len() - start);
        let content_len = self.up_to_segment(self.size.saturating_sub(start));
        Some(Segment {
            index,
            offset: HEADER_LEN as u64 + start + index * TAG_LEN as u64,
            content_len,
            stored_len: cipher_len + TAG_LEN,
            is_last: index == (self.size - 1) / self.segment_len(),
        })
    }

    /// Returns the range of these segments in the stored file, for requesting them if they are missing. Returns
    /// `None` if `segments` is empty or contains one that does not exist.
    ///
    /// ```
    /// # use secretchat::media::{Padding, SegmentLayout};
    /// let layout = SegmentLayout::new(200_000, Padding::None)?;
    /// assert_eq!(layout.bytes_of(1..3), Some(65_608..196_744));
    /// // 100,000 bytes from there on are one whole segment and a piece of the next.
    /// assert_eq!(layout.whole_within(&(65_608..165_608)), 1..2);
    /// assert_eq!(layout.touched_by(&(65_608..165_608)), 1..3);
    /// # Ok::<(), secretchat::MediaError>(())
    /// ```
    #[must_use]
    pub fn bytes_of(&self, segments: Range<u64>) -> Option<Range<u64>> {
        let first = self.segment(segments.start)?;
        let last = self.segment(segments.end.checked_sub(1).filter(|last| *last >= first.index)?)?;
        Some(first.offset..last.offset + last.stored_len as u64)
    }

    /// Returns the segments that lie completely within these bytes of the stored file.
    #[must_use]
    pub const fn whole_within(&self, bytes: &Range<u64>) -> Range<u64> {
        let first = self.starting_before(bytes.start);
        let end = if bytes.end >= self.encrypted_len() { self.count() } else { self.ended_before(bytes.end) };
        first..if end < first { first } else { end }
    }

    /// Returns the segments that overlap these bytes of the stored file.
    #[must_use]
    pub const fn touched_by(&self, bytes: &Range<u64>) -> Range<u64> {
        let (first, end) = (self.ended_before(bytes.start), self.starting_before(bytes.end));
        let first = if bytes.start < self.encrypted_len() { first } else { self.count() };
        first..if bytes.end <= bytes.start { first } else { end }
    }

    /// Returns the number after the last segment, if those from `first` on have `len` bytes in total.
    pub(super) fn end_of(&self, first: u64, len: usize) -> Option<u64> {
        let (mut next, mut left) = (first, len);
        while left > 0 {
            left = left.checked_sub(self.segment(next)?.stored_len)?;
            next += 1;
        }
        Some(next)
    }

    /// Returns the numbers and the contents of the whole segments at the start of `stored`, of which the first has
    /// that number. Leaves out segments that are only padding.
    #[cfg(feature = "alloc")]
    pub(super) fn contents<'a>(&self, first: u64, stored: &'a [u8]) -> impl Iterator<Item = (u64, &'a [u8])> {
        let layout = *self;
        let mut rest = stored;
        let whole = (first..).map_while(move |index| {
            let segment = layout.segment(index)?;
            let content = rest.split_off(..segment.stored_len)?.get(..segment.content_len)?;
            Some((index, content))
        });
        whole.filter(|(_, content)| !content.is_empty())
    }

    /// Returns how many segments begin before that place of the stored file.
    const fn starting_before(&self, place: u64) -> u64 {
        let begun = place.saturating_sub(HEADER_LEN as u64).div_ceil(self.stride());
        if begun < self.count() { begun } else { self.count() }
    }

    /// Returns how many segments of full length end at or before that place of the stored file.
    const fn ended_before(&self, place: u64) -> u64 {
        place.saturating_sub(HEADER_LEN as u64) / self.stride()
    }

    /// Returns the distance between the starts of two segments.
    const fn stride(&self) -> u64 {
        self.segment_len() + TAG_LEN as u64
    }

    pub(super) const fn segment_len(&self) -> u64 {
        self.segment_size.bytes() as u64
    }

    #[expect(clippy::cast_possible_truncation, reason = "at most the length of a segment")]
    const fn up_to_segment(&self, len: u64) -> usize {
        if len < self.segment_len() { len as usize } else { self.segment_size.bytes() }
    }

    /// Returns the length of content and padding, a multiple of 16 bytes.
    const fn padded_len(&self) -> u64 {
        let len = match self.padding {
            Padding::None => self.size,
            Padding::Padme => padme(self.size),
        };
        len.next_multiple_of(16)
    }
}

/// Returns the next length of which only the leading bits are set, as many as the length of the exponent has bits.
///
/// Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", `PoPETs` 2019,
/// algorithm 1.
const fn padme(len: u64) -> u64 {
    if len < 2 {
        return len;
    }
    let exponent = len.ilog2();
    let bits_of_exponent = exponent.ilog2() + 1;
    len.next_multiple_of(1 << (exponent - bits_of_exponent))
}
