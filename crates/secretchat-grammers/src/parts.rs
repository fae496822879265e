//! The parts of an upload.

use std::fmt;

/// The most parts of a file, for accounts without Premium (`upload_max_fileparts_default` of the app configuration).
pub const MAX_PARTS: u32 = 4_000;

/// The largest part, which is also the default.
const MAX_PART_SIZE: u32 = 512 * 1_024;
/// Parts are multiples of this.
const PART_UNIT: u32 = 1_024;
/// Above this size files are uploaded as big ones.
const BIG_ABOVE: u64 = 10 * 1_024 * 1_024;

/// How a sealed file is cut into parts. All have the same size except the last one, which may be shorter.
///
/// ```
/// use secretchat_grammers::PartPlan;
///
/// let plan = PartPlan::new(10 * 1_048_576 + 1)?;
/// assert!(plan.is_big());
/// assert_eq!((plan.part_size(), plan.count()), (524_288, 21));
/// assert_eq!(plan.range(20), Some((10_485_760, 1)));
/// # Ok::<(), secretchat_grammers::PartError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartPlan {
    size: u64,
    part_size: u32,
    count: u32,
}

impl PartPlan {
    /// Plans parts of 512 KiB, as the server's documentation advises.
    ///
    /// # Errors
    /// [`PartError::Empty`], [`PartError::TooLarge`].
    pub fn new(size: u64) -> Result<Self, PartError> {
        Self::with_part_size(size, MAX_PART_SIZE)
    }

    /// Plans parts of a size that the server allows: a multiple of 1 KiB that divides 512 KiB.
    ///
    /// # Errors
    /// [`PartError`].
    pub fn with_part_size(size: u64, part_size: u32) -> Result<Self, PartError> {
        if part_size == 0 || !part_size.is_multiple_of(PART_UNIT) || !MAX_PART_SIZE.is_multiple_of(part_size) {
            return Err(PartError::PartSize);
        }
        if size == 0 {
            return Err(PartError::Empty);
        }
        let count = u32::try_from(size.div_ceil(part_size.into())).ok().filter(|count| *count <= MAX_PARTS);
        Ok(Self { size, part_size, count: count.ok_or(PartError::TooLarge)? })
    }

    /// Returns the size of the file in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Returns the size of every part but the last.
    #[must_use]
    pub const fn part_size(&self) -> u32 {
        self.part_size
    }

    /// Returns the number of parts.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Returns whether the file goes by `upload.saveBigFilePart`: above 10 MiB.
    #[must_use]
    pub const fn is_big(&self) -> bool {
        self.size > BIG_ABOVE
    }

    /// Returns the offset and the length of a part, or `None` if there is no such part.
    #[must_use]
    pub fn range(&self, part: u32) -> Option<(u64, u32)> {
        if part >= self.count {
            return None;
        }
        let offset = u64::from(part) * u64::from(self.part_size);
        let rest = self.size - offset;
        Some((offset, u32::try_from(rest).map_or(self.part_size, |rest| rest.min(self.part_size))))
    }
}

/// A file cannot be uploaded in such parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartError {
    /// The file is empty. The server takes none.
    Empty,
    /// The file has too many parts.
    TooLarge,
    /// The server does not allow parts of this size.
    PartSize,
}

impl fmt::Display for PartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the server takes no empty file",
            Self::TooLarge => "the file is too large: it would have more than 4000 parts",
            Self::PartSize => "a part must be a multiple of 1 KiB that divides 512 KiB",
        })
    }
}

impl std::error::Error for PartError {}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1_048_576;

    /// Size, big, parts, length of the last part. From the rules at core.telegram.org/api/files.
    #[test]
    fn sizes_at_the_edges() {
        for (size, big, count, last) in [
            (1, false, 1, 1),
            (16, false, 1, 16),
            (524_287, false, 1, 524_287),
            (524_288, false, 1, 524_288),
            (524_289, false, 2, 1),
            (10 * MIB - 1, false, 20, 524_287),
            (10 * MIB, false, 20, 524_288),
            (10 * MIB + 1, true, 21, 1),
            (2_000 * MIB, true, 4_000, 524_288),
        ] {
            let plan = PartPlan::new(size).unwrap();
            assert_eq!((plan.is_big(), plan.count()), (big, count), "{size}");
            assert_eq!(plan.range(count - 1), Some((u64::from(count - 1) * 524_288, last)), "{size}");
            assert_eq!(plan.range(count), None, "{size}");
            let sum: u64 = (0..count).map(|part| u64::from(plan.range(part).unwrap().1)).sum();
            assert_eq!(sum, size);
        }
        assert_eq!(PartPlan::new(0), Err(PartError::Empty));
        assert_eq!(PartPlan::new(2_000 * MIB + 1), Err(PartError::TooLarge));
        assert_eq!(PartPlan::new(u64::MAX), Err(PartError::TooLarge));
    }

    #[test]
    fn only_part_sizes_that_the_server_allows() {
        // 524,288 = 2^19, so the multiples of 1,024 that divide it are these powers of two.
        let allowed: Vec<u32> =
            (1..=MAX_PART_SIZE * 2).filter(|size| PartPlan::with_part_size(1, *size).is_ok()).collect();
        assert_eq!(allowed, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map(|kib| kib * 1_024));
        assert_eq!(PartPlan::with_part_size(1, 0), Err(PartError::PartSize));
        assert_eq!(PartPlan::with_part_size(4_000 * 1_024, 1_024).unwrap().count(), 4_000);
        assert_eq!(PartPlan::with_part_size(4_000 * 1_024 + 1, 1_024), Err(PartError::TooLarge));
    }
}
