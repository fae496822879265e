//! The key of a file in either form: what a message carries.

use crate::error::MediaError;
#[cfg(feature = "std")]
use crate::media::chain::DecryptReader;
use crate::media::chain::{ChainDecryptor, ChainKey};
#[cfg(feature = "std")]
use crate::media::segments::SegmentDecryptReader;
use crate::media::segments::{Padding, SegmentDecryptor, SegmentKey, SegmentLayout};

/// The key of one file. Its form is that of the chat's profile (SPEC MED-1): segments in X25519, a chain in Telegram's.
///
/// It stays between the two ends of one chat. Whoever holds it can make other content of the same size that opens under it
/// (SPEC SEG-4), so handing it to a third person hands on the power to replace the file for the others. A file is sent on by
/// encrypting its content anew, as a message of one's own (SPEC RIGHT-1).
#[derive(Debug)]
pub enum MediaKey {
    /// Of a file as one chain, **without integrity**.
    Chain(ChainKey),
    /// Of a file in segments.
    Segments(SegmentKey),
}

/// Opens a file of either form.
#[expect(clippy::large_enum_variant, reason = "there is one for each open file, not many in a row")]
#[derive(Debug)]
pub enum MediaDecryptor {
    /// Of a file as one chain, **without integrity**.
    Chain(ChainDecryptor),
    /// Of a file in segments.
    Segments(SegmentDecryptor),
}

/// The content of a file of either form, from a reader of the stored file.
#[cfg(feature = "std")]
#[expect(clippy::large_enum_variant, reason = "there is one for each open file, not many in a row")]
#[derive(Debug)]
pub enum MediaReader<R> {
    /// Of a file as one chain, **without integrity**.
    Chain(DecryptReader<R>),
    /// Of a file in segments.
    Segments(SegmentDecryptReader<R>),
}

impl MediaKey {
    /// The fields `key` and `iv` of a message. Copies are the caller's to wipe.
    #[must_use]
    pub fn parts(&self) -> (&[u8; 32], &[u8; 32]) {
        match self {
            Self::Chain(key) => key.parts(),
            Self::Segments(key) => key.parts(),
        }
    }

    /// A second holder of the same key, to open the file again. It is never for another file, nor for another chat.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        match self {
            Self::Chain(key) => Self::Chain(key.duplicate()),
            Self::Segments(key) => Self::Segments(key.duplicate()),
        }
    }

    /// A decryptor of the file with `size` bytes of content.
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn decryptor(&self, size: u64) -> Result<MediaDecryptor, MediaError> {
        Ok(match self {
            Self::Chain(key) => MediaDecryptor::Chain(ChainDecryptor::new(key, size)?),
            Self::Segments(key) => MediaDecryptor::Segments(SegmentDecryptor::new(key, size)?),
        })
    }

    /// The content of the file with `size` bytes of it. A file in segments is whole once the reader has come to its end
    /// without an error; of one that fails, what came before is authentic.
    ///
    /// # Errors
    /// As [`MediaKey::decryptor`].
    #[cfg(feature = "std")]
    pub fn reader<R: std::io::Read>(&self, source: R, size: u64) -> Result<MediaReader<R>, MediaError> {
        Ok(match self {
            Self::Chain(key) => MediaReader::Chain(DecryptReader::new(source, key, size)?),
            Self::Segments(key) => MediaReader::Segments(SegmentDecryptReader::new(source, key, size)?),
        })
    }

    pub(crate) const fn form(&self) -> FileForm {
        match self {
            Self::Chain(_) => FileForm::Chain,
            Self::Segments(_) => FileForm::Segments,
        }
    }

    /// Whether a stored file of `len` bytes can have `size` bytes of content (SPEC MED-3).
    pub(crate) fn fits(&self, size: u64, len: u64) -> bool {
        match self {
            Self::Chain(_) => size == 0 || (size..size.saturating_add(16)).contains(&len),
            Self::Segments(_) => [Padding::None, Padding::Padme]
                .into_iter()
                .any(|padding| SegmentLayout::new(size, padding).is_ok_and(|layout| layout.encrypted_len() == len)),
        }
    }
}

/// What the fields `key` and `iv` of a message hold. No message says it: the profile does (SPEC SEG-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileForm {
    Chain,
    Segments,
}

impl FileForm {
    /// The key in a message that says `size`; none if a file of this form cannot have that size.
    pub(crate) fn key(self, size: u64, key: [u8; 32], iv: [u8; 32]) -> Option<MediaKey> {
        self.allows(size).then(|| match self {
            Self::Chain => ChainKey::from_parts(key, iv).into(),
            Self::Segments => SegmentKey::from_parts(key, iv).into(),
        })
    }

    /// Whether a file of this form can have that size. A chain's may be unknown, 0: the host has it from elsewhere.
    pub(crate) fn allows(self, size: u64) -> bool {
        match self {
            Self::Chain => true,
            Self::Segments => SegmentLayout::new(size, Padding::None).is_ok(),
        }
    }
}

impl From<ChainKey> for MediaKey {
    fn from(key: ChainKey) -> Self {
        Self::Chain(key)
    }
}

impl From<SegmentKey> for MediaKey {
    fn from(key: SegmentKey) -> Self {
        Self::Segments(key)
    }
}

#[cfg(feature = "std")]
impl<R: std::io::Read> std::io::Read for MediaReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Chain(reader) => reader.read(buffer),
            Self::Segments(reader) => reader.read(buffer),
        }
    }
}
