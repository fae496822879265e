//! Opening a file that arrives in chunks of any length.

use alloc::boxed::Box;
use core::fmt;
use core::ops::Range;

use super::encryptor::window_len;
use super::layout::{Padding, SegmentLayout};
use super::{HEADER_LEN, SegmentKey, SegmentOpener};
use crate::media::chunk::copy_from_front;
use crate::media::progress::Progress;
use crate::types::buffer::Buffer;
use crate::types::error::MediaError;

/// Opens one file, fed in chunks of any length, and returns only verified content. It holds at most eight segments,
/// and opens as many at once as were fed. Wiped on drop.
///
/// Feed the whole stored file, including its padding: a reader who stops earlier shows the carrier where the
/// content ends. [`SegmentEncryptor`](super::SegmentEncryptor) has an example.
#[must_use]
pub struct SegmentDecryptor {
    stage: Stage,
    /// The header, then segments as they lie in the file.
    window: Buffer,
    filled: usize,
    progress: Progress,
    /// The error after the segments that opened.
    failed: Option<MediaError>,
}

enum Stage {
    Header(SegmentKey),
    Segments(Box<Front>),
}

/// The segments at the front of the window that are open.
struct Front {
    opener: SegmentOpener,
    header: [u8; HEADER_LEN],
    first: u64,
    opened: u64,
    given: u64,
    /// How many of their bytes were returned.
    given_len: usize,
}

impl Front {
    const fn new(opener: SegmentOpener, header: [u8; HEADER_LEN], first: u64) -> Self {
        Self { opener, header, first, opened: 0, given: 0, given_len: 0 }
    }
}

impl SegmentDecryptor {
    /// Starts with the key and the size from a message.
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(key: &SegmentKey, size: u64) -> Result<Self, MediaError> {
        SegmentLayout::new(size, Padding::None)?;
        let stage = Stage::Header(key.duplicate());
        let window = Buffer::new(HEADER_LEN);
        Ok(Self { stage, window, filled: 0, progress: Progress::new(0, size), failed: None })
    }

    /// Continues at a segment of a file whose header is here. This is the one after the whole segments of content
    /// that were written before an interruption: those of full length, and one that ends the content.
    /// Feed the stored file from [`Segment::offset`](super::Segment::offset) of that segment on.
    ///
    /// What was written before is not checked here.
    /// [`ResumableMediaDecryptor`](crate::media::ResumableMediaDecryptor) checks it.
    ///
    /// # Errors
    /// The errors of [`SegmentOpener::new`], and [`MediaError::OutOfRange`] beyond the end of the file.
    pub fn starting_at(first: u64, key: &SegmentKey, size: u64, header: &[u8; HEADER_LEN]) -> Result<Self, MediaError> {
        let opener = SegmentOpener::new(key, size, header)?;
        if first > opener.layout().count() {
            return Err(MediaError::OutOfRange);
        }
        let window = Buffer::new(window_len(opener.layout()));
        let progress = Progress::new(first.saturating_mul(opener.layout().segment_len()), size);
        let stage = Stage::Segments(Box::new(Front::new(opener, *header, first)));
        Ok(Self { stage, window, filled: 0, progress, failed: None })
    }

    /// Takes bytes of the stored file from the front of `chunk` and returns the content of one segment. Call it until
    /// nothing comes out: then all of `chunk` was taken, and its whole segments were returned.
    /// # Errors
    /// The errors of [`SegmentOpener::new`]; [`MediaError::NotAuthentic`] or [`MediaError::Padding`] in place of
    /// the first segment that is wrong; [`MediaError::TooLong`] if bytes come after the last one. Each further call
    /// returns the same error.
    pub fn update(&mut self, chunk: &mut &[u8]) -> Result<&[u8], MediaError> {
        loop {
            if let Some(content) = self.next_content()? {
                return Ok(self.window.get(content).unwrap_or_default());
            }
            while let len @ 1.. = copy_from_front(chunk, self.space()) {
                self.filled(len);
            }
            if !self.open() {
                if chunk.is_empty() {
                    return Ok(&[]);
                }
                self.failed = Some(MediaError::TooLong);
            }
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// The error of the last [`SegmentDecryptor::update`]; [`MediaError::Truncated`] if segments are missing or
    /// were not returned. What came out is then not the whole file.
    pub fn finish(self) -> Result<(), MediaError> {
        self.failed.map_or(Ok(()), Err)?;
        match self.stage {
            Stage::Segments(front) if front.first + front.given == front.opener.layout().count() => Ok(()),
            _ => Err(MediaError::Truncated),
        }
    }

    /// Returns how many bytes of the content came out, and the total.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    /// Returns the range of the content of the next open segment. Skips segments that are only padding.
    pub(super) fn next_content(&mut self) -> Result<Option<Range<usize>>, MediaError> {
        if let Stage::Segments(front) = &mut self.stage {
            while front.given < front.opened {
                let Some(segment) = front.opener.layout().segment(front.first + front.given) else { break };
                let start = front.given_len;
                front.given += 1;
                front.given_len += segment.stored_len;
                if segment.content_len > 0 {
                    self.progress.done += segment.content_len as u64;
                    return Ok(Some(start..start + segment.content_len));
                }
            }
        }
        self.failed.map_or(Ok(None), Err)
    }

    /// Returns the space for the next bytes of the stored file. Empty if the window is full or the file complete.
    pub(super) fn space(&mut self) -> &mut [u8] {
        self.drop_given();
        let left_of_file = match &self.stage {
            Stage::Header(_) => HEADER_LEN as u64,
            Stage::Segments(front) => {
                let layout = front.opener.layout();
                layout.segment(front.first).map_or(0, |first| layout.encrypted_len() - first.offset)
            }
        };
        let end = usize::try_from(left_of_file).unwrap_or(usize::MAX).min(self.window.len());
        self.window.get_mut(self.filled..end).unwrap_or_default()
    }

    /// Takes what was written into the space. The space after a header is larger than that before it.
    pub(super) fn filled(&mut self, len: usize) {
        self.filled += len;
        let (Stage::Header(key), Some(header)) = (&self.stage, self.window.first_chunk()) else { return };
        if self.filled < HEADER_LEN || self.failed.is_some() {
            return;
        }
        match Self::starting_at(0, key, self.progress.total, header) {
            Ok(opened) => *self = opened,
            Err(error) => self.failed = Some(error),
        }
    }

    /// Opens the whole segments in the window. Returns whether there was one, or something is wrong.
    pub(super) fn open(&mut self) -> bool {
        self.drop_given();
        if let (Stage::Segments(front), None) = (&mut self.stage, self.failed) {
            let stored = self.window.get_mut(..self.filled).unwrap_or_default();
            let (opened, result) = front.opener.open_all(front.first, stored);
            front.opened = opened;
            self.failed = result.err();
            return opened > 0 || self.failed.is_some();
        }
        self.failed.is_some()
    }

    /// Returns the header and where the segments lie, once they are known.
    pub(super) fn opened(&self) -> Option<(&[u8; HEADER_LEN], &SegmentLayout)> {
        match &self.stage {
            Stage::Header(_) => None,
            Stage::Segments(front) => Some((&front.header, front.opener.layout())),
        }
    }

    #[cfg(feature = "std")]
    pub(super) fn window(&self) -> &[u8] {
        &self.window
    }

    #[cfg(feature = "std")]
    pub(super) const fn fail(&mut self, error: MediaError) {
        self.failed = Some(error);
    }

    /// Moves what comes after the returned segments to the front.
    fn drop_given(&mut self) {
        let Stage::Segments(front) = &mut self.stage else { return };
        if front.given == 0 || front.given < front.opened {
            return;
        }
        self.window.copy_within(front.given_len..self.filled, 0);
        self.filled -= front.given_len;
        front.first += front.given;
        (front.opened, front.given, front.given_len) = (0, 0, 0);
    }
}

impl fmt::Debug for SegmentDecryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stage: _, window: _, filled: _, progress, failed } = self;
        let mut shown = f.debug_struct("SegmentDecryptor");
        shown.field("progress", progress).field("failed", failed).finish_non_exhaustive()
    }
}
