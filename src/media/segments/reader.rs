//! Random access to a segmented file, and what is missing of it.

use core::fmt;
use core::ops::Range;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::vec::Vec;

use super::{HEADER_LEN, Padding, SegmentKey, SegmentLayout, SegmentOpener};
use crate::media::progress::Progress;
use crate::media::source::read;
use crate::types::buffer::Buffer;
use crate::types::error::MediaError;

/// Reads any place of a stored file, for example a film that is played from the middle. It holds one segment, wiped
/// on drop.
///
/// It returns only verified content of the right place. It reads only what you ask for, so it does not notice that
/// other segments are wrong or missing, and the carrier of the file sees which ones are read. A failed read fails
/// again as long as the source stays as it is. Reads elsewhere still work.
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
    buffer: Buffer,
    /// The segment in the buffer and the length of its content.
    open: Option<(u64, usize)>,
}

impl<R: Read + Seek> SegmentReader<R> {
    /// Reads the header from the start of `source`.
    ///
    /// # Errors
    /// The errors of `source` and of [`SegmentOpener::new`]; [`MediaError::Truncated`] if the header is incomplete.
    pub fn new(mut source: R, key: &SegmentKey, size: u64) -> io::Result<Self> {
        SegmentLayout::new(size, Padding::None)?;
        source.rewind()?;
        let mut header = [0; HEADER_LEN];
        read_whole(&mut source, &mut header)?;
        let opener = SegmentOpener::new(key, size, &header)?;
        let longest = opener.layout().segment(0).map_or(0, |segment| segment.stored_len);
        Ok(Self { source, opener, position: 0, buffer: Buffer::new(longest), open: None })
    }

    /// Returns the missing segments: the numbers of those that the source lacks or that do not open, in order.
    /// Reads the whole source. [`SegmentLayout::bytes_of`] returns the bytes to request for them.
    ///
    /// If a source arrived in part, with zeros or anything else in the gaps, this finds the gaps without any notes
    /// about what came (SPEC SEG-10).
    ///
    /// # Errors
    /// The errors of the source, except for its end.
    pub fn missing(&mut self) -> io::Result<Vec<Range<u64>>> {
        self.open = None;
        let mut missing: Vec<Range<u64>> = Vec::new();
        for index in 0..self.opener.layout().count() {
            let Self { source, opener, buffer, .. } = self;
            let is_there = match fetch(source, opener.layout(), index, buffer) {
                Ok(stored) => opener.verify(index, stored).is_ok(),
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => false,
                Err(error) => return Err(error),
            };
            match missing.last_mut() {
                _ if is_there => {}
                Some(range) if range.end == index => range.end += 1,
                _ => missing.push(index..index + 1),
            }
        }
        Ok(missing)
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
        let Self { source, opener, buffer, .. } = self;
        let stored = fetch(source, opener.layout(), index, buffer)?;
        Ok(opener.open(index, stored)?.len())
    }
}

impl<R> SegmentReader<R> {
    /// Returns the position of the next read in the content, and the total bytes. For a film this is how far it was
    /// played.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        Progress::new(self.position, self.opener.layout().size())
    }
}

impl<R: Read + Seek> Read for SegmentReader<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if to.is_empty() || self.position >= self.opener.layout().size() {
            return Ok(0);
        }
        let len = self.opener.layout().segment_len();
        let (index, within) = (self.position / len, self.position % len);
        let within = usize::try_from(within).unwrap_or(usize::MAX);
        let len = self.segment(index)?.get(within..).unwrap_or_default().read(to)?;
        self.position += len as u64;
        Ok(len)
    }
}

impl<R> Seek for SegmentReader<R> {
    /// Accepts a position after the end, as files do. Nothing can be read there.
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

/// Reads one segment as it is stored.
fn fetch<'a>(
    source: &mut (impl Read + Seek),
    layout: &SegmentLayout,
    index: u64,
    buffer: &'a mut [u8],
) -> io::Result<&'a mut [u8]> {
    let segment = layout.segment(index).ok_or(MediaError::OutOfRange)?;
    let stored = buffer.get_mut(..segment.stored_len).unwrap_or_default();
    source.seek(SeekFrom::Start(segment.offset))?;
    read_whole(source, stored)?;
    Ok(stored)
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
