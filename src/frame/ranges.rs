//! Ranges of bytes of a file: in memory, and as a frame names them (SPEC FRM-6).

use alloc::vec::Vec;
use core::ops::Range;

use super::layout::{FrameError, MAX_RANGES};

/// The length of a range in a frame, in bytes.
pub(super) const RANGE_LEN: usize = 8 + 8;

/// Ranges of bytes of a file: in ascending order, none empty, none touching the next.
///
/// ```
/// use secretchat::frame::Ranges;
///
/// let mut there = Ranges::from(0..100);
/// there.insert(300..400);
/// assert_eq!(there.within(0..500).missing(500), Ranges::from_iter([100..300, 400..500]));
/// there.insert(50..300);
/// assert_eq!(there, Ranges::from(0..400));
/// assert_eq!(Ranges::from_bytes(&there.to_bytes())?, there);
/// # Ok::<(), secretchat::frame::FrameError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges(Vec<Range<u64>>);

impl Ranges {
    /// Creates an empty set of ranges.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Returns whether there are no bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns how many ranges there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.0.len()
    }

    /// Returns how many bytes there are in total.
    #[must_use]
    pub fn byte_count(&self) -> u64 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }

    /// Returns the end of the last range, or 0 if there is none.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.0.last().map_or(0, |range| range.end)
    }

    /// Returns the ranges in order.
    pub fn iter(&self) -> impl Iterator<Item = Range<u64>> {
        self.0.iter().cloned()
    }

    /// Adds bytes. Bytes that are already present change nothing.
    pub fn insert(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        // Merge all ranges that overlap or touch it.
        let first = self.0.partition_point(|other| other.end < range.start);
        let behind = self.0.partition_point(|other| other.start <= range.end);
        let joined = self.0.get(first..behind).unwrap_or_default();
        let start = joined.first().map_or(range.start, |other| other.start.min(range.start));
        let end = joined.last().map_or(range.end, |other| other.end.max(range.end));
        self.0.splice(first..behind, core::iter::once(start..end));
    }

    /// Removes bytes. Bytes that are not present change nothing.
    pub fn remove(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let first = self.0.partition_point(|other| other.end <= range.start);
        let behind = self.0.partition_point(|other| other.start < range.end);
        let cut = self.0.get(first..behind).unwrap_or_default();
        let before = cut.first().map(|other| other.start..range.start);
        let after = cut.last().map(|other| range.end..other.end);
        let left: Vec<_> = before.into_iter().chain(after).filter(|left| !left.is_empty()).collect();
        self.0.splice(first..behind, left);
    }

    /// Returns the bytes that lie within a range.
    #[must_use]
    pub fn within(&self, range: Range<u64>) -> Self {
        let mut within = self.clone();
        within.remove(0..range.start);
        within.remove(range.end..u64::MAX);
        within
    }

    /// Returns the absent bytes from 0 (inclusive) to `total` (exclusive).
    #[must_use]
    pub fn missing(&self, total: u64) -> Self {
        let mut missing = Self::from(0..total);
        self.iter().for_each(|range| missing.remove(range));
        missing
    }

    /// Returns the encoding for a frame, of at most the first 64 ranges: 16 bytes each. A host may also store it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let numbers = self.0.iter().take(MAX_RANGES).flat_map(|range| [range.start, range.end]);
        numbers.flat_map(u64::to_le_bytes).collect()
    }

    /// Reads what [`Ranges::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] for more than 64 ranges, [`FrameError::Malformed`] if they are out of order, empty,
    /// or touch.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrameError> {
        RangeList::try_from(bytes).map(|list| list.iter().collect())
    }
}

impl From<Range<u64>> for Ranges {
    fn from(range: Range<u64>) -> Self {
        Self::from_iter(core::iter::once(range))
    }
}

impl FromIterator<Range<u64>> for Ranges {
    fn from_iter<I: IntoIterator<Item = Range<u64>>>(ranges: I) -> Self {
        let mut all = Self::new();
        ranges.into_iter().for_each(|range| all.insert(range));
        all
    }
}

/// Ranges as a frame names them, already checked: at most 64, in ascending order, none empty, none touching the
/// next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeList<'a>(&'a [u8]);

impl<'a> RangeList<'a> {
    /// Returns the ranges in order.
    pub fn iter(self) -> impl Iterator<Item = Range<u64>> + 'a {
        let (ranges, _) = self.0.as_chunks::<RANGE_LEN>();
        ranges.iter().map(range_of)
    }

    /// Wraps what [`Ranges::to_bytes`] wrote.
    pub(crate) const fn of_written(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes in the frame.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }
}

impl<'a> TryFrom<&'a [u8]> for RangeList<'a> {
    type Error = FrameError;

    fn try_from(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let (ranges, rest) = bytes.as_chunks::<RANGE_LEN>();
        if ranges.len() > MAX_RANGES {
            return Err(FrameError::TooLong);
        }
        let apart = ranges.windows(2).all(|pair| match pair {
            [range, next] => range_of(range).end < range_of(next).start,
            _ => true,
        });
        let well_formed = rest.is_empty() && apart && ranges.iter().all(|range| !range_of(range).is_empty());
        if well_formed { Ok(Self(bytes)) } else { Err(FrameError::Malformed) }
    }
}

fn range_of(bytes: &[u8; RANGE_LEN]) -> Range<u64> {
    match bytes.as_chunks() {
        ([start, end], _) => u64::from_le_bytes(*start)..u64::from_le_bytes(*end),
        _ => 0..0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    use super::*;

    fn numbers(ranges: &Ranges) -> BTreeSet<u64> {
        ranges.iter().flatten().collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// A set of single numbers predicts the result.
        #[test]
        fn ranges_are_sets(steps in prop::collection::vec((any::<bool>(), 0..60_u64, 0..20_u64), 0..40)) {
            let (mut ranges, mut set) = (Ranges::new(), BTreeSet::new());
            for (insert, start, len) in steps {
                if insert {
                    ranges.insert(start..start + len);
                    set.extend(start..start + len);
                } else {
                    ranges.remove(start..start + len);
                    set.retain(|number| !(start..start + len).contains(number));
                }
                prop_assert_eq!(numbers(&ranges), set.clone());
                prop_assert_eq!(ranges.byte_count(), set.len() as u64);
                prop_assert_eq!(Ranges::from_bytes(&ranges.to_bytes()), Ok(ranges.clone()), "one form");
                prop_assert_eq!(numbers(&ranges.missing(50)), (0..50).filter(|n| !set.contains(n)).collect());
                let within: BTreeSet<u64> = set.iter().copied().filter(|n| (10..30).contains(n)).collect();
                prop_assert_eq!(numbers(&ranges.within(10..30)), within);
            }
        }
    }

    #[test]
    fn the_ends_of_all_numbers_are_reached() {
        let mut ranges = Ranges::from(0..u64::MAX);
        ranges.insert(u64::MAX - 1..u64::MAX);
        assert_eq!(ranges.byte_count(), u64::MAX);
        ranges.remove(1..u64::MAX - 1);
        assert_eq!(ranges, Ranges::from_iter([0..1, u64::MAX - 1..u64::MAX]));
        ranges.remove(0..u64::MAX);
        assert!(ranges.is_empty());
    }

    #[test]
    fn more_than_a_frame_names_are_named_later() {
        let many: Ranges = (0..100).map(|n| 2 * n..2 * n + 1).collect();
        assert_eq!(many.count(), 100);
        let named = Ranges::from_bytes(&many.to_bytes()).unwrap();
        assert_eq!(named, (0..64).map(|n| 2 * n..2 * n + 1).collect());
    }
}
