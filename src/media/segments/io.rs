//! Segmented files between readers of `std::io`.

use core::fmt;
use core::ops::Range;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::vec;
use std::vec::Vec;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{
    HEADER_LEN, Padding, SEGMENT_LEN, SegmentDecryptor, SegmentEncryptor, SegmentKey, SegmentLayout, SegmentOpener,
};
use crate::media::source::read;
use crate::types::error::MediaError;

/// Reads a plaintext of a known size from `R` and returns the stored file.
///
/// How it ends and fails is as with [`EncryptReader`](crate::media::EncryptReader).
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
    /// In the header, then in the window.
    ready: Range<usize>,
    header_given: bool,
    ended: bool,
    failed: Option<MediaError>,
}

impl<R: Read> SegmentEncryptReader<R> {
    /// Reads a file of exactly `size` bytes, and seals it under a new key: see [`SegmentEncryptor::new`].
    ///
    /// # Errors
    /// As [`SegmentEncryptor::new`].
    pub fn new(source: R, size: u64, padding: Padding, rng: &mut dyn CryptoRng) -> Result<Self, MediaError> {
        let encryptor = SegmentEncryptor::new(size, padding, rng)?;
        Ok(Self { source, encryptor, ready: 0..HEADER_LEN, header_given: false, ended: false, failed: None })
    }

    /// Returns the key of the file, for the message.
    #[must_use]
    pub const fn key(&self) -> &SegmentKey {
        self.encryptor.key()
    }

    /// Seals as much as fits into the window; returns whether there was something.
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

/// Reads a stored file from `R` and returns its content, none of it before it is verified.
///
/// The file is whole once a read has returned 0 bytes: then the source is known to end where it should. What is wrong
/// comes as the source of an [`io::Error`], after all content before it, and again with each further read. An error of
/// the source is passed on; the next read goes on where it stopped. An example is with [`SegmentEncryptReader`].
pub struct SegmentDecryptReader<R> {
    source: R,
    decryptor: SegmentDecryptor,
    ready: Range<usize>,
    ended: bool,
}

impl<R: Read> SegmentDecryptReader<R> {
    /// Reads with the key and the size of a message.
    ///
    /// # Errors
    /// As [`SegmentDecryptor::new`].
    pub fn new(source: R, key: &SegmentKey, size: u64) -> Result<Self, MediaError> {
        Ok(Self { source, decryptor: SegmentDecryptor::new(key, size)?, ready: 0..0, ended: false })
    }

    /// Opens as much as fits into the window and makes the next content ready; returns whether there was some.
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

/// Reads any place of a stored file, such as a film that is played from its middle. It holds one segment, wiped on
/// drop.
///
/// It returns only verified content of the right place. It does not read what it is not asked for, so it does not find
/// out that other segments are wrong or missing; and whoever carries the file sees which ones are read. Each failed
/// read fails again as long as the source stays as it is; reads elsewhere go on.
///
/// ```
/// use std::io::{Cursor, Read, Seek, SeekFrom};
///
/// use secretchat::media::{Padding, SegmentEncryptReader, SegmentReader};
/// # fn example(mut rng: impl rand_core::CryptoRng) -> std::io::Result<()> {
/// let mut sealing = SegmentEncryptReader::new(&b"a photo"[..], 7, Padding::default(), &mut rng)?;
/// let key = sealing.key().duplicate();
/// let mut stored = Vec::new();
/// sealing.read_to_end(&mut stored)?;
///
/// let mut reader = SegmentReader::new(Cursor::new(stored), &key, 7)?;
/// reader.seek(SeekFrom::End(-3))?;
/// let mut end = String::new();
/// reader.read_to_string(&mut end)?;
/// assert_eq!(end, "oto");
/// # Ok(())
/// # }
/// ```
pub struct SegmentReader<R> {
    source: R,
    opener: SegmentOpener,
    position: u64,
    buffer: Zeroizing<Vec<u8>>,
    /// The segment in the buffer and the length of its content.
    open: Option<(u64, usize)>,
}

impl<R: Read + Seek> SegmentReader<R> {
    /// Reads the header from the start of `source`.
    ///
    /// # Errors
    /// Those of `source` and of [`SegmentOpener::new`]; [`MediaError::Truncated`] if there is no whole header.
    pub fn new(mut source: R, key: &SegmentKey, size: u64) -> io::Result<Self> {
        SegmentLayout::new(size, Padding::None)?;
        source.rewind()?;
        let mut header = [0; HEADER_LEN];
        read_whole(&mut source, &mut header)?;
        let opener = SegmentOpener::new(key, size, &header)?;
        let longest = opener.layout().segment(0).map_or(0, |segment| segment.stored_len);
        Ok(Self { source, opener, position: 0, buffer: Zeroizing::new(vec![0; longest]), open: None })
    }

    /// Returns the content of that segment.
    fn segment(&mut self, index: u64) -> io::Result<&[u8]> {
        let len = match self.open {
            Some((open, len)) if open == index => len,
            _ => {
                self.open = None;
                let len = self.load(index)?;
                self.open = Some((index, len));
                len
            }
        };
        Ok(self.buffer.get(..len).unwrap_or_default())
    }

    fn load(&mut self, index: u64) -> io::Result<usize> {
        let segment = self.opener.layout().segment(index).ok_or(MediaError::OutOfRange)?;
        let stored = self.buffer.get_mut(..segment.stored_len).unwrap_or_default();
        self.source.seek(SeekFrom::Start(segment.offset))?;
        read_whole(&mut self.source, stored)?;
        Ok(self.opener.open(index, stored)?.len())
    }
}

impl<R: Read + Seek> Read for SegmentReader<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if to.is_empty() || self.position >= self.opener.layout().size() {
            return Ok(0);
        }
        let (index, within) = (self.position / SEGMENT_LEN as u64, self.position % SEGMENT_LEN as u64);
        let within = usize::try_from(within).unwrap_or(usize::MAX);
        let len = self.segment(index)?.get(within..).unwrap_or_default().read(to)?;
        self.position += len as u64;
        Ok(len)
    }
}

impl<R> Seek for SegmentReader<R> {
    /// Takes a place after the end, too, as files do; nothing can be read there.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.opener.layout().size().checked_add_signed(by),
        };
        self.position = position.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

impl<R> fmt::Debug for SegmentReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source: _, opener, position, buffer: _, open: _ } = self;
        let mut shown = f.debug_struct("SegmentReader");
        shown.field("opener", opener).field("position", position).finish_non_exhaustive()
    }
}

fn read_whole(source: &mut impl Read, to: &mut [u8]) -> io::Result<()> {
    let mut rest = to;
    while !rest.is_empty() {
        match read(source, rest)? {
            0 => return Err(MediaError::Truncated.into()),
            len => rest = rest.get_mut(len..).unwrap_or_default(),
        }
    }
    Ok(())
}

fn fail(failed: &mut Option<MediaError>, error: MediaError) -> io::Error {
    *failed = Some(error);
    error.into()
}
