//! Common parts of the `std::io` adapters.

use std::io::{self, ErrorKind, Read};

use crate::types::error::MediaError;

impl From<MediaError> for io::Error {
    /// Uses [`ErrorKind::UnexpectedEof`] for [`MediaError::Truncated`], and [`ErrorKind::InvalidData`] otherwise.
    fn from(error: MediaError) -> Self {
        let kind = if error == MediaError::Truncated { ErrorKind::UnexpectedEof } else { ErrorKind::InvalidData };
        Self::new(kind, error)
    }
}

/// Reads until a read is not interrupted. A source that claims to have read more than requested counts as full.
pub(super) fn read(source: &mut impl Read, to: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(to) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result.map(|len| len.min(to.len())),
        }
    }
}
