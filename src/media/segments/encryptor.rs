//! Sealing a file that is fed in chunks of any length.

use core::{fmt, mem};

use rand_core::CryptoRng;

use super::layout::{Padding, SegmentLayout};
use super::run::LANES;
use super::{HEADER_LEN, SegmentKey, SegmentSealer, TAG_LEN};
use crate::media::chunk::copy_from_front;
use crate::media::progress::Progress;
use crate::types::buffer::Buffer;
use crate::types::error::MediaError;

/// Seals one new file of a known size, fed in chunks of any length. It holds at most eight segments, and seals as
/// many at once as were fed. Wiped on drop.
///
/// The stored file is the concatenated output of [`SegmentEncryptor::update`].
///
/// ```
/// use secretchat::media::{Padding, SegmentDecryptor, SegmentEncryptor};
/// # use secretchat::MediaError;
/// # fn example(rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
/// let file = b"a photo, as it comes from the camera in chunks of any length";
/// let mut encryptor = SegmentEncryptor::new(file.len() as u64, Padding::default(), rng)?;
/// let key = encryptor.key().duplicate(); // goes into the message, with the size
///
/// let mut stored = Vec::new();
/// for mut chunk in file.chunks(23) {
///     while let part @ [_, ..] = encryptor.update(&mut chunk)? {
///         stored.extend_from_slice(part);
///     }
/// }
/// encryptor.finish()?;
///
/// let mut decryptor = SegmentDecryptor::new(&key, file.len() as u64)?;
/// let (mut rest, mut content) = (&stored[..], Vec::new());
/// while let part @ [_, ..] = decryptor.update(&mut rest)? {
///     content.extend_from_slice(part);
/// }
/// decryptor.finish()?;
/// assert_eq!(content, file);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct SegmentEncryptor {
    sealer: SegmentSealer,
    /// The segments that come next, as they will lie in the file.
    window: Buffer,
    /// Content in the window that is not sealed yet.
    waiting: usize,
    /// Segments in the window that are sealed.
    sealed: usize,
    header: [u8; HEADER_LEN],
    header_given: bool,
    progress: Progress,
}

impl SegmentEncryptor {
    /// Starts a file of exactly `size` bytes of content, under a new key: see [`SegmentSealer::new`].
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(size: u64, padding: Padding, rng: &mut dyn CryptoRng) -> Result<Self, MediaError> {
        Ok(Self::over(SegmentSealer::new(size, padding, rng)?))
    }

    /// Starts a file with that layout: see [`SegmentSealer::with_layout`].
    pub fn with_layout(layout: SegmentLayout, rng: &mut dyn CryptoRng) -> Self {
        Self::over(SegmentSealer::with_layout(layout, rng))
    }

    /// Continues where a sealer is.
    pub(super) fn over(sealer: SegmentSealer) -> Self {
        Self {
            header: sealer.header(),
            header_given: sealer.next_index() > 0,
            window: Buffer::new(window_len(sealer.layout())),
            waiting: 0,
            sealed: 0,
            progress: sealer.progress(),
            sealer,
        }
    }

    /// Returns the key of the file, for the message.
    #[must_use]
    pub const fn key(&self) -> &SegmentKey {
        self.sealer.key()
    }

    /// Returns the layout of the segments.
    #[must_use]
    pub const fn layout(&self) -> &SegmentLayout {
        self.sealer.layout()
    }

    /// Takes bytes from the front of `chunk` and returns the next part of the stored file. Call it until nothing comes
    /// out: then all of `chunk` was taken, and its whole segments were returned.
    ///
    /// # Errors
    /// [`MediaError::TooLong`] if the content would exceed its size. Nothing has changed then, not even `chunk`.
    pub fn update(&mut self, chunk: &mut &[u8]) -> Result<&[u8], MediaError> {
        self.update_if(chunk, |_, _| true)
    }

    /// Does the same as [`SegmentEncryptor::update`], but seals only the content planned for the segment with that
    /// number.
    pub(in crate::media) fn update_if(
        &mut self,
        chunk: &mut &[u8],
        is_planned: impl Fn(u64, &[u8]) -> bool,
    ) -> Result<&[u8], MediaError> {
        if chunk.len() as u64 > self.progress.left() {
            return Err(MediaError::TooLong);
        }
        while let len @ 1.. = copy_from_front(chunk, self.space()) {
            self.filled(len);
        }
        if !mem::replace(&mut self.header_given, true) {
            return Ok(&self.header);
        }
        let len = self.seal_window_if(is_planned)?;
        Ok(self.window.get(..len).unwrap_or_default())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`MediaError::Truncated`] if bytes of the content are missing, or what was sealed was not returned.
    pub fn finish(self) -> Result<(), MediaError> {
        self.sealer.finish()
    }

    /// Returns how many bytes of the content were taken, and the total.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    /// Returns the space for the next bytes of the content. Empty if the window is full or the content complete.
    pub(super) fn space(&mut self) -> &mut [u8] {
        self.drop_sealed();
        let (segment, within) = (self.waiting / self.segment_len(), self.waiting % self.segment_len());
        let left = usize::try_from(self.progress.left()).unwrap_or(usize::MAX).min(self.segment_len() - within);
        let start = segment * self.stride() + within;
        self.window.get_mut(start..start + left).unwrap_or_default()
    }

    /// Takes what was written into the space.
    pub(super) fn filled(&mut self, len: usize) {
        self.waiting += len;
        self.progress.done += len as u64;
    }

    /// Seals the whole segments at the front of the window. Returns their length.
    #[cfg(feature = "std")]
    pub(super) fn seal_window(&mut self) -> Result<usize, MediaError> {
        self.seal_window_if(|_, _| true)
    }

    fn seal_window_if(&mut self, is_planned: impl Fn(u64, &[u8]) -> bool) -> Result<usize, MediaError> {
        self.drop_sealed();
        let whole = if self.progress.left() == 0 { LANES } else { self.waiting / self.segment_len() };
        let first = self.sealer.next_index();
        let segments = (first..).take(whole).map_while(|index| self.sealer.layout().segment(index));
        let (count, len) = segments.fold((0, 0), |(count, len), segment| (count + 1, len + segment.stored_len));
        let stored = self.window.get_mut(..len).unwrap_or_default();
        if !self.sealer.layout().contents(first, stored).all(|(index, content)| is_planned(index, content)) {
            return Err(MediaError::ResumeMismatch);
        }
        self.sealer.seal(stored)?;
        self.sealed = count;
        Ok(len)
    }

    pub(super) const fn header_is_given(&self) -> bool {
        self.header_given
    }

    pub(super) const fn sealer(&self) -> &SegmentSealer {
        &self.sealer
    }

    #[cfg(feature = "std")]
    pub(super) fn window(&self) -> &[u8] {
        &self.window
    }

    #[cfg(feature = "std")]
    pub(super) const fn header(&self) -> &[u8] {
        &self.header
    }

    /// Moves the content after the sealed segments to the front.
    fn drop_sealed(&mut self) {
        let sealed = mem::take(&mut self.sealed);
        if sealed == 0 {
            return;
        }
        self.waiting = self.waiting.saturating_sub(sealed * self.segment_len());
        let start = sealed * self.stride();
        if self.waiting > 0 {
            self.window.copy_within(start..start + self.waiting, 0);
        }
    }

    const fn segment_len(&self) -> usize {
        self.layout().segment_size().bytes()
    }

    /// Returns the distance between the starts of two segments.
    const fn stride(&self) -> usize {
        self.segment_len() + TAG_LEN
    }
}

/// Returns the length of the first segments of a file.
pub(super) fn window_len(layout: &SegmentLayout) -> usize {
    let segments = (0..LANES as u64).map_while(|index| layout.segment(index));
    segments.map(|segment| segment.stored_len).sum()
}

impl fmt::Debug for SegmentEncryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sealer: _, window: _, waiting: _, sealed: _, header: _, header_given: _, progress } = self;
        f.debug_struct("SegmentEncryptor").field("progress", progress).finish_non_exhaustive()
    }
}
