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

#[cfg(test)]
mod tests {
    use super::*;

    /// Interrupts the first reads, and fails for good after that.
    struct Broken(u32);

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            Err(if self.0 < 3 { ErrorKind::Interrupted } else { ErrorKind::BrokenPipe }.into())
        }
    }

    #[test]
    fn what_fails_for_good_is_read_once() {
        let mut source = Broken(0);
        assert_eq!(read(&mut source, &mut [0; 4]).map_err(|error| error.kind()), Err(ErrorKind::BrokenPipe));
        assert_eq!(source.0, 3);
    }
}
