//! One part of a sealed file, and the call that saves it.

use std::fmt;

use crate::tl::{Serializable, functions};

/// A part of a sealed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The number of the part.
    pub index: u32,
    /// Where it begins.
    pub offset: u64,
    /// Its length in bytes.
    pub len: u32,
}

impl Part {
    /// Returns the bytes of the part in a file that is in memory.
    ///
    /// # Panics
    /// Panics where `usize` is too small for the file.
    #[must_use]
    pub fn range(&self) -> std::ops::Range<usize> {
        let start = usize::try_from(self.offset).expect("a file that is in memory");
        start..start + self.len as usize
    }
}

/// The call that saves a part. Both return a `Bool`.
#[derive(Clone, PartialEq)]
pub enum SavePart {
    /// A part of a file up to 10 MiB.
    Small(functions::upload::SaveFilePart),
    /// A part of a larger file.
    Big(functions::upload::SaveBigFilePart),
}

impl SavePart {
    /// Returns the call as the server reads it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Small(call) => call.to_bytes(),
            Self::Big(call) => call.to_bytes(),
        }
    }
}

impl fmt::Debug for SavePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Small(call) => write!(f, "Small({})", call.file_part),
            Self::Big(call) => write!(f, "Big({} of {})", call.file_part, call.file_total_parts),
        }
    }
}
