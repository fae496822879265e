//! `std::io` readers for files of either form.

use std::io::{self, Read};

use rand_core::CryptoRng;

use super::{FileForm, MediaKey};
use crate::media::chain::{ChainKey, DecryptReader, EncryptReader, encrypted_len};
use crate::media::progress::Progress;
use crate::media::segments::{Padding, SegmentDecryptReader, SegmentEncryptReader};
use crate::types::error::MediaError;

/// Reads a plaintext of a known size from `R` and returns its encrypted file, in either form and under a new key.
///
/// Segments get the default [`Padding`] and [`SegmentSize`](crate::media::SegmentSize). It ends and fails like [`EncryptReader`].
///
/// ```
/// use secretchat::media::{FileForm, MediaEncryptReader};
/// # fn example(form: FileForm, mut rng: impl rand_core::CryptoRng) -> std::io::Result<()> {
/// let file = b"a photo";
/// let mut source = MediaEncryptReader::new(&file[..], form, 7, &mut rng)?; // `form` is `chat.file_form()`
/// let key = source.key().duplicate(); // goes into the message, with the size
/// let mut encrypted = Vec::new();
/// std::io::copy(&mut source, &mut encrypted)?;
///
/// let mut content = Vec::new();
/// std::io::copy(&mut key.reader(&encrypted[..], 7)?, &mut content)?;
/// assert_eq!(content, file);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct MediaEncryptReader<R, G> {
    key: MediaKey,
    inner: Encrypting<R, G>,
}

#[derive(Debug)]
enum Encrypting<R, G> {
    Chain(EncryptReader<R, G>),
    Segments(SegmentEncryptReader<R>),
}

impl<R: Read, G: CryptoRng> MediaEncryptReader<R, G> {
    /// Reads a file of exactly `size` bytes. A chain draws its padding from `rng` at its end.
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(source: R, form: FileForm, size: u64, mut rng: G) -> Result<Self, MediaError> {
        match form {
            FileForm::Chain => {
                encrypted_len(size)?;
                let key = ChainKey::random(&mut rng);
                let inner = Encrypting::Chain(EncryptReader::new(source, &key, size, rng)?);
                Ok(Self { key: key.into(), inner })
            }
            FileForm::Segments => {
                let segments = SegmentEncryptReader::new(source, size, Padding::default(), &mut rng)?;
                Ok(Self { key: segments.key().duplicate().into(), inner: Encrypting::Segments(segments) })
            }
        }
    }
}

impl<R, G> MediaEncryptReader<R, G> {
    /// Returns the key of the file, for the message.
    #[must_use]
    pub const fn key(&self) -> &MediaKey {
        &self.key
    }

    /// Returns how many bytes of the content were read from the source, and the total.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        match &self.inner {
            Encrypting::Chain(reader) => reader.progress(),
            Encrypting::Segments(reader) => reader.progress(),
        }
    }
}

impl<R: Read, G: CryptoRng> Read for MediaEncryptReader<R, G> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match &mut self.inner {
            Encrypting::Chain(reader) => reader.read(to),
            Encrypting::Segments(reader) => reader.read(to),
        }
    }
}

/// Reads an encrypted file of either form from `R` and returns its content.
///
/// A file in segments is complete once the reader has come to its end without an error. If it fails, the content
/// before is still authentic. **A chain has no integrity check**: see the [module](crate::media).
/// [`MediaEncryptReader`] has an example.
///
/// ```
/// use getrandom::SysRng;
/// use secretchat::media::{self, FileForm, MediaDecryptReader};
/// use secretchat::rand_core::UnwrapErr;
///
/// let (key, sealed) = media::seal(FileForm::Segments, &[7; 100_000], &mut UnwrapErr(SysRng))?;
/// let mut content = Vec::new();
/// std::io::copy(&mut MediaDecryptReader::new(&sealed[..], &key, 100_000)?, &mut content)?; // two files, say
/// assert_eq!(content, [7; 100_000]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MediaDecryptReader<R>(Decrypting<R>);

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one for each open file, not many in a row")]
enum Decrypting<R> {
    Chain(DecryptReader<R>),
    Segments(SegmentDecryptReader<R>),
}

impl MediaKey {
    /// Returns a reader of the content, which has `size` bytes.
    ///
    /// # Errors
    /// Same as [`MediaDecryptor::new`](crate::media::MediaDecryptor::new).
    pub fn reader<R: Read>(&self, source: R, size: u64) -> Result<MediaDecryptReader<R>, MediaError> {
        MediaDecryptReader::new(source, self, size)
    }
}

impl<R: Read> MediaDecryptReader<R> {
    /// Starts with the key and the size from a message.
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(source: R, key: &MediaKey, size: u64) -> Result<Self, MediaError> {
        Ok(Self(match key {
            MediaKey::Chain(key) => Decrypting::Chain(DecryptReader::new(source, key, size)?),
            MediaKey::Segments(key) => Decrypting::Segments(SegmentDecryptReader::new(source, key, size)?),
        }))
    }
}

impl<R> MediaDecryptReader<R> {
    /// Returns how many bytes of the content were read, and the total.
    #[must_use]
    pub fn progress(&self) -> Progress {
        match &self.0 {
            Decrypting::Chain(reader) => reader.progress(),
            Decrypting::Segments(reader) => reader.progress(),
        }
    }
}

impl<R: Read> Read for MediaDecryptReader<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Decrypting::Chain(reader) => reader.read(to),
            Decrypting::Segments(reader) => reader.read(to),
        }
    }
}
