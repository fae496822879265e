//! The start of a segmented file (SPEC SEG-2).

use super::{HEADER_LEN, Padding, SegmentLayout, SegmentSize};
use crate::types::error::MediaError;

const MAGIC: [u8; 5] = *b"scseg";
const VERSION: u8 = 1;

/// `magic[5] || version u8 || segment code u8 || padding u8`
pub(super) type Form = [u8; 8];

pub(super) const fn form(padding: Padding, segments: SegmentSize) -> Form {
    let [a, b, c, d, e] = MAGIC;
    [a, b, c, d, e, VERSION, segments.code(), padding.code()]
}

/// Writes the form, then the salt.
pub(super) fn write(layout: &SegmentLayout, salt: &[u8; 32]) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    for (to, from) in header.iter_mut().zip(form(layout.padding(), layout.segment_size()).iter().chain(salt)) {
        *to = *from;
    }
    header
}

/// Reads the layout of a file of that size, and the salt.
pub(super) fn read(size: u64, header: &[u8; HEADER_LEN]) -> Result<(SegmentLayout, &[u8; 32]), MediaError> {
    let (start, salt) = header.split_last_chunk::<32>().ok_or(MediaError::Header)?;
    let mut layouts = SegmentLayout::all(size)?;
    let layout = layouts.find(|layout| form(layout.padding(), layout.segment_size()) == *start);
    Ok((layout.ok_or(MediaError::Header)?, salt))
}
