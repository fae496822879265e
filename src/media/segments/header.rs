//! The start of a segmented file (SPEC SEG-2).

use super::{HEADER_LEN, Padding};
use crate::types::error::MediaError;

const MAGIC: [u8; 5] = *b"scseg";
const VERSION: u8 = 1;
/// The segment length is two to this power. There is one length so far.
const SEGMENT_CODE: u8 = 16;

/// `magic[5] || version u8 || segment code u8 || padding u8`
pub(super) type Form = [u8; 8];

pub(super) const fn form(padding: Padding) -> Form {
    let [a, b, c, d, e] = MAGIC;
    [a, b, c, d, e, VERSION, SEGMENT_CODE, padding.code()]
}

/// Writes the form, then the salt.
pub(super) fn write(padding: Padding, salt: &[u8; 32]) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    for (to, from) in header.iter_mut().zip(form(padding).iter().chain(salt)) {
        *to = *from;
    }
    header
}

/// Reads the padding and the salt.
pub(super) fn read(header: &[u8; HEADER_LEN]) -> Result<(Padding, &[u8; 32]), MediaError> {
    let (start, salt) = header.split_last_chunk::<32>().ok_or(MediaError::Header)?;
    let padding = [Padding::None, Padding::Padme].into_iter().find(|padding| form(*padding) == *start);
    Ok((padding.ok_or(MediaError::Header)?, salt))
}
