//! A file in segments of 64 KiB or 4 KiB, each verified before its content comes out (SPEC SEG-1 to SEG-11).

#[cfg(feature = "alloc")]
mod decryptor;
#[cfg(feature = "alloc")]
mod encryptor;
mod header;
#[cfg(feature = "std")]
mod io;
mod key;
mod layout;
mod opener;
#[cfg(feature = "std")]
mod reader;
#[cfg(feature = "alloc")]
mod resume;
mod run;
mod schedule;
mod sealer;
mod share;

#[cfg(feature = "alloc")]
pub use decryptor::SegmentDecryptor;
#[cfg(feature = "alloc")]
pub use encryptor::SegmentEncryptor;
#[cfg(feature = "std")]
pub use io::{SegmentDecryptReader, SegmentEncryptReader};
pub use key::SegmentKey;
pub use layout::{Padding, Segment, SegmentLayout, SegmentSize};
pub use opener::SegmentOpener;
#[cfg(feature = "std")]
pub use reader::SegmentReader;
#[cfg(feature = "alloc")]
pub use resume::ResumableSealer;
pub use sealer::SegmentSealer;
pub use share::SegmentShare;

/// The length of the content of each segment except the last, in bytes, unless the sender chose another
/// [`SegmentSize`].
pub const SEGMENT_LEN: usize = 1 << 16;
/// The length of the header before the first segment, in bytes.
pub const HEADER_LEN: usize = 40;
/// The length of the tag at the end of each segment, in bytes.
pub const TAG_LEN: usize = 32;
