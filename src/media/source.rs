//! What the adapters of `std::io` share.

use std::io::{self, ErrorKind, Read};

use crate::types::error::MediaError;

impl From<MediaError> for io::Error {
    /// [`ErrorKind::UnexpectedEof`] for [`MediaError::Truncated`], else [`ErrorKind::InvalidData`].
    fn from(error: MediaError) -> Self {
        let kind = if error == MediaError::Truncated { ErrorKind::UnexpectedEof } else { ErrorKind::InvalidData };
        Self::new(kind, error)
    }
}

/// One read that was not interrupted. A source that claims more than it was asked for is taken at what it was asked for.
pub(super) fn read(source: &mut impl Read, to: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(to) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result.map(|len| len.min(to.len())),
        }
    }
}
