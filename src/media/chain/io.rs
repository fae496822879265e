//! `std::io` readers for chains.

use core::fmt;
use core::ops::Range;
use std::io::{self, Read};

use rand_core::CryptoRng;

use super::{ChainDecryptor, ChainEncryptor, ChainKey};
use crate::media::progress::Progress;
use crate::media::source::read;
use crate::types::buffer::Buffer;
use crate::types::error::MediaError;

/// The buffer of one reader, large enough for few calls to the source.
const BUFFER_LEN: usize = 1 << 16;

/// Reads a plaintext of a known size from `R` and returns its ciphertext.
///
/// **A chain has no integrity check**: see the [module](crate::media).
///
/// The file is complete once a read has returned 0 bytes: the source is then known to end where it should. If the
/// source is too long, that read fails with [`MediaError::TooLong`], and if it is too short, with
/// [`MediaError::Truncated`]. Both are the source of an [`io::Error`] that every further read repeats. An error of
/// the source itself is passed on, and the next read continues where it stopped.
///
/// ```
/// use secretchat::media::{ChainKey, DecryptReader, EncryptReader};
/// # fn example(mut rng: impl rand_core::CryptoRng) -> std::io::Result<()> {
/// let (file, key) = (b"a photo", ChainKey::random(&mut rng));
///
/// let mut ciphertext = Vec::new();
/// std::io::copy(&mut EncryptReader::new(&file[..], &key, 7, rng)?, &mut ciphertext)?;
///
/// let mut plaintext = Vec::new();
/// std::io::copy(&mut DecryptReader::new(&ciphertext[..], &key, 7)?, &mut plaintext)?;
/// assert_eq!(plaintext, file);
/// # Ok(())
/// # }
/// ```
pub struct EncryptReader<R, G> {
    /// The chain, removed once it is finished.
    chain: Option<ChainEncryptor>,
    /// The progress in bytes of content.
    progress: Progress,
    feed: Feed<R>,
    rng: G,
}

impl<R: Read, G: CryptoRng> EncryptReader<R, G> {
    /// Reads a file of exactly `size` bytes. The padding is drawn from `rng`.
    ///
    /// # Errors
    /// Same as [`ChainEncryptor::new`].
    pub fn new(source: R, key: &ChainKey, size: u64, rng: G) -> Result<Self, MediaError> {
        let chain = ChainEncryptor::new(key, size)?;
        Ok(Self { progress: chain.progress(), chain: Some(chain), feed: Feed::new(source), rng })
    }
}

impl<R, G> EncryptReader<R, G> {
    /// Returns how many bytes of the content were read from the source, and the total.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        self.progress
    }
}

impl<R: Read, G: CryptoRng> Read for EncryptReader<R, G> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let Self { chain, progress, feed, rng } = self;
        while !to.is_empty() && feed.is_drained()? {
            let Some(open) = chain else {
                return feed.end();
            };
            if progress.left() > 0 {
                feed.fill(*progress, |chunk| Ok(open.update(chunk)?.body.len()))?;
                *progress = open.progress();
            } else if let Some(complete) = chain.take() {
                feed.put(complete.finish(rng)?.as_slice());
            }
        }
        feed.give(to)
    }
}

impl<R, G> fmt::Debug for EncryptReader<R, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chain, progress: _, feed: _, rng: _ } = self;
        f.debug_struct("EncryptReader").field("chain", chain).finish_non_exhaustive()
    }
}

/// Reads a ciphertext from `R` and returns its plaintext of a known size.
///
/// **A chain has no integrity check**: see the [module](crate::media). It ends and fails like [`EncryptReader`],
/// which has an example.
pub struct DecryptReader<R> {
    chain: ChainDecryptor,
    feed: Feed<R>,
}

impl<R: Read> DecryptReader<R> {
    /// Reads a file of exactly `size` bytes of plaintext, the size in the message.
    ///
    /// # Errors
    /// Same as [`ChainDecryptor::new`].
    pub fn new(source: R, key: &ChainKey, size: u64) -> Result<Self, MediaError> {
        Ok(Self { chain: ChainDecryptor::new(key, size)?, feed: Feed::new(source) })
    }
}

impl<R> DecryptReader<R> {
    /// Returns how many bytes of the content were read, and the total.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.chain.progress().without(self.feed.ready.len())
    }
}

impl<R: Read> Read for DecryptReader<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let Self { chain, feed } = self;
        while !to.is_empty() && feed.is_drained()? {
            let taken = chain.taken();
            if taken.left() == 0 {
                return feed.end();
            }
            feed.fill(taken, |chunk| Ok(chain.update(chunk)?.body.len()))?;
        }
        feed.give(to)
    }
}

impl<R> fmt::Debug for DecryptReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chain, feed: _ } = self;
        f.debug_struct("DecryptReader").field("chain", chain).finish_non_exhaustive()
    }
}

/// A source, and a buffer of a fixed size between it and the chain, wiped on drop.
struct Feed<R> {
    source: R,
    buffer: Buffer,
    /// The bytes that are processed but not returned yet.
    ready: Range<usize>,
    /// The bytes that are read but not processed yet, less than a block.
    raw: Range<usize>,
    /// Whether the source ended where it should.
    ended: bool,
    failed: Option<MediaError>,
}

impl<R: Read> Feed<R> {
    fn new(source: R) -> Self {
        let buffer = Buffer::new(BUFFER_LEN);
        Self { source, buffer, ready: 0..0, raw: 0..0, ended: false, failed: None }
    }

    /// Returns whether nothing is ready.
    fn is_drained(&self) -> Result<bool, MediaError> {
        self.failed.map_or(Ok(self.ready.is_empty()), Err)
    }

    /// Reads until there is a block, or all that is left. `process` then turns the whole blocks, or all that is
    /// left, into that many ready bytes at the start of its chunk.
    fn fill(
        &mut self,
        progress: Progress,
        process: impl FnOnce(&mut [u8]) -> Result<usize, MediaError>,
    ) -> io::Result<()> {
        self.buffer.copy_within(self.raw.clone(), 0);
        self.raw = 0..self.raw.len();
        let left = usize::try_from(progress.left()).unwrap_or(usize::MAX).min(BUFFER_LEN);
        while self.raw.end < left.min(16) {
            let space = self.buffer.get_mut(self.raw.end..left).unwrap_or_default();
            match read(&mut self.source, space)? {
                0 => return Err(self.fail(MediaError::Truncated)),
                len => self.raw.end += len,
            }
        }
        let len = if self.raw.end == left { left } else { self.raw.end - self.raw.end % 16 };
        self.ready = 0..process(self.buffer.get_mut(..len).unwrap_or_default())?;
        self.raw.start = len;
        Ok(())
    }

    /// Checks that the source has no more bytes.
    fn end(&mut self) -> io::Result<usize> {
        if !self.ended && read(&mut self.source, &mut [0])? > 0 {
            return Err(self.fail(MediaError::TooLong));
        }
        self.ended = true;
        Ok(0)
    }

    /// Makes `bytes` ready.
    fn put(&mut self, bytes: &[u8]) {
        self.ready = 0..bytes.len();
        if let Some(ready) = self.buffer.get_mut(..bytes.len()) {
            ready.copy_from_slice(bytes);
        }
    }

    /// Moves what is ready to the reader.
    fn give(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let len = self.buffer.get(self.ready.clone()).unwrap_or_default().read(to)?;
        self.ready.start += len;
        Ok(len)
    }

    fn fail(&mut self, error: MediaError) -> io::Error {
        self.failed = Some(error);
        error.into()
    }
}
