//! `std::io` readers for segmented files, from start to end.

use core::fmt;
use core::ops::Range;
use std::io::{self, Read};

use rand_core::CryptoRng;

use super::{HEADER_LEN, Padding, SegmentDecryptor, SegmentEncryptor, SegmentKey, SegmentLayout};
use crate::media::progress::Progress;
use crate::media::source::read;
use crate::types::error::MediaError;

/// Reads a plaintext of a known size from `R` and returns the stored file.
///
/// It ends and fails like [`EncryptReader`](crate::media::EncryptReader).
///
/// ```
/// use secretchat::media::{Padding, SegmentDecryptReader, SegmentEncryptReader};
/// # fn example(mut rng: impl rand_core::CryptoRng) -> std::io::Result<()> {
/// let file = b"a photo";
/// let mut sealing = SegmentEncryptReader::new(&file[..], 7, Padding::Padme, &mut rng)?;
/// let key = sealing.key().duplicate(); // goes into the message, with the size
/// let mut stored = Vec::new();
/// std::io::copy(&mut sealing, &mut stored)?;
///
/// let mut content = Vec::new();
/// std::io::copy(&mut SegmentDecryptReader::new(&stored[..], &key, 7)?, &mut content)?;
/// assert_eq!(content, file);
/// # Ok(())
/// # }
/// ```
pub struct SegmentEncryptReader<R> {
    source: R,
    encryptor: SegmentEncryptor,
    /// The range that is ready: in the header, then in the window.
    ready: Range<usize>,
    header_given: bool,
    ended: bool,
    failed: Option<MediaError>,
}

impl<R: Read> SegmentEncryptReader<R> {
    /// Reads a file of exactly `size` bytes, and seals it under a new key: see [`SegmentEncryptor::new`].
    ///
    /// # Errors
    /// Same as [`SegmentEncryptor::new`].
    pub fn new(source: R, size: u64, padding: Padding, rng: &mut dyn CryptoRng) -> Result<Self, MediaError> {
        Ok(Self::with_layout(source, SegmentLayout::new(size, padding)?, rng))
    }

    /// Reads a file of exactly the size in `layout`, and seals it with that layout under a new key: see
    /// [`SegmentSealer::with_layout`](super::SegmentSealer::with_layout).
    pub fn with_layout(source: R, layout: SegmentLayout, rng: &mut dyn CryptoRng) -> Self {
        let encryptor = SegmentEncryptor::with_layout(layout, rng);
        Self { source, encryptor, ready: 0..HEADER_LEN, header_given: false, ended: false, failed: None }
    }

    /// Seals as much as fits into the window. Returns whether there was something.
    fn fill(&mut self) -> io::Result<bool> {
        self.failed.map_or(Ok(()), Err)?;
        loop {
            let space = self.encryptor.space();
            if space.is_empty() {
                break;
            }
            match read(&mut self.source, space)? {
                0 => return Err(fail(&mut self.failed, MediaError::Truncated)),
                len => self.encryptor.filled(len),
            }
        }
        self.ready = 0..self.encryptor.seal_window()?;
        if self.ready.is_empty() && !self.ended {
            if read(&mut self.source, &mut [0])? > 0 {
                return Err(fail(&mut self.failed, MediaError::TooLong));
            }
            self.ended = true;
        }
        Ok(!self.ready.is_empty())
    }
}

impl<R> SegmentEncryptReader<R> {
    /// Returns the key of the file, for the message.
    #[must_use]
    pub const fn key(&self) -> &SegmentKey {
        self.encryptor.key()
    }

    /// Returns how many bytes of the content were read from the source, and the total.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        self.encryptor.progress()
    }
}

impl<R: Read> Read for SegmentEncryptReader<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if to.is_empty() {
            return Ok(0);
        }
        if self.ready.is_empty() {
            self.header_given = true;
            if !self.fill()? {
                return Ok(0);
            }
        }
        let from = if self.header_given { self.encryptor.window() } else { self.encryptor.header() };
        let len = from.get(self.ready.clone()).unwrap_or_default().read(to)?;
        self.ready.start += len;
        Ok(len)
    }
}

impl<R> fmt::Debug for SegmentEncryptReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source: _, encryptor, ready: _, header_given: _, ended: _, failed } = self;
        let mut shown = f.debug_struct("SegmentEncryptReader");
        shown.field("encryptor", encryptor).field("failed", failed).finish_non_exhaustive()
    }
}

/// Reads a stored file from `R` and returns its content. Nothing comes out before it is verified.
///
/// The file is complete once a read has returned 0 bytes: the source is then known to end where it should. A fault
/// comes as the source of an [`io::Error`], after all content before it, and every further read repeats it. An
/// error of the source itself is passed on, and the next read continues where it stopped. [`SegmentEncryptReader`]
/// has an example.
pub struct SegmentDecryptReader<R> {
    source: R,
    decryptor: SegmentDecryptor,
    ready: Range<usize>,
    ended: bool,
}

impl<R: Read> SegmentDecryptReader<R> {
    /// Starts with the key and the size from a message.
    ///
    /// # Errors
    /// Same as [`SegmentDecryptor::new`].
    pub fn new(source: R, key: &SegmentKey, size: u64) -> Result<Self, MediaError> {
        Ok(Self { source, decryptor: SegmentDecryptor::new(key, size)?, ready: 0..0, ended: false })
    }

    /// Opens as much as fits into the window and makes the next content ready. Returns whether there was some.
    fn fill(&mut self) -> io::Result<bool> {
        loop {
            if let Some(content) = self.decryptor.next_content()? {
                self.ready = content;
                return Ok(true);
            }
            let mut source_ended = false;
            while !source_ended {
                let space = self.decryptor.space();
                if space.is_empty() {
                    break;
                }
                match read(&mut self.source, space)? {
                    0 => source_ended = true,
                    len => self.decryptor.filled(len),
                }
            }
            if self.decryptor.open() {
                continue;
            }
            if source_ended {
                self.decryptor.fail(MediaError::Truncated);
            } else if self.ended {
                return Ok(false);
            } else if read(&mut self.source, &mut [0])? > 0 {
                self.decryptor.fail(MediaError::TooLong);
            } else {
                self.ended = true;
            }
        }
    }
}

impl<R> SegmentDecryptReader<R> {
    /// Returns how many bytes of the content were read, and the total.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.decryptor.progress().without(self.ready.len())
    }
}

impl<R: Read> Read for SegmentDecryptReader<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if to.is_empty() || (self.ready.is_empty() && !self.fill()?) {
            return Ok(0);
        }
        let len = self.decryptor.window().get(self.ready.clone()).unwrap_or_default().read(to)?;
        self.ready.start += len;
        Ok(len)
    }
}

impl<R> fmt::Debug for SegmentDecryptReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source: _, decryptor, ready: _, ended: _ } = self;
        f.debug_struct("SegmentDecryptReader").field("decryptor", decryptor).finish_non_exhaustive()
    }
}

fn fail(failed: &mut Option<MediaError>, error: MediaError) -> io::Error {
    *failed = Some(error);
    error.into()
}
