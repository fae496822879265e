//! What the adapters of `std::io` share.

use std::io::{self, ErrorKind, Read};

use crate::types::error::MediaError;

impl From<MediaError> for io::Error {
    /// Takes [`ErrorKind::UnexpectedEof`] for [`MediaError::Truncated`], otherwise [`ErrorKind::InvalidData`].
    fn from(error: MediaError) -> Self {
        let kind = if error == MediaError::Truncated { ErrorKind::UnexpectedEof } else { ErrorKind::InvalidData };
        Self::new(kind, error)
    }
}

/// Reads until a read is not interrupted. Of a source that claims more than it was asked for, only that counts.
pub(super) fn read(source: &mut impl Read, to: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(to) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result.map(|len| len.min(to.len())),
        }
    }
}
