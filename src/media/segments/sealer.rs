//! Sealing segment by segment, in the caller's memory.

use core::{fmt, mem};

use rand_core::CryptoRng;

use super::header;
use super::layout::{Padding, Segment, SegmentLayout};
use super::run::Run;
use super::schedule::FileKeys;
use super::{HEADER_LEN, SegmentKey, SegmentShare};
use crate::media::progress::Progress;
use crate::types::error::MediaError;
use crate::types::secret::Secret;

/// Seals one new file, whole segments at a time, in the caller's memory. Needs no heap, and is wiped on drop.
///
/// It draws the key itself, so that no key is ever used for two files. The stored file is
/// [`SegmentSealer::header`], then each segment as [`SegmentSealer::seal`] leaves it.
///
/// ```
/// use secretchat::media::{Padding, SegmentOpener, SegmentSealer};
/// # use secretchat::MediaError;
/// # fn example(rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
/// let file = b"a photo";
/// let mut sealer = SegmentSealer::new(file.len() as u64, Padding::default(), rng)?;
/// let key = sealer.key().duplicate(); // goes into the message, with the size
/// let header = sealer.header();
/// let mut stored = [0; 16 + 32];
/// stored[..7].copy_from_slice(file);
/// sealer.seal(&mut stored)?;
/// sealer.finish()?;
///
/// let opener = SegmentOpener::new(&key, file.len() as u64, &header)?;
/// assert_eq!(opener.open(0, &mut stored)?, file);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct SegmentSealer {
    key: SegmentKey,
    salt: [u8; 32],
    keys: FileKeys,
    layout: SegmentLayout,
    next: u64,
}

impl SegmentSealer {
    /// Starts a file of exactly `size` bytes of content. The secret is the first draw of 32 bytes, the salt the
    /// second.
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(size: u64, padding: Padding, rng: &mut dyn CryptoRng) -> Result<Self, MediaError> {
        Ok(Self::with_layout(SegmentLayout::new(size, padding)?, rng))
    }

    /// Starts a file with that layout, whose segments may be shorter: see
    /// [`SegmentSize`](super::SegmentSize). The draws are the same.
    pub fn with_layout(layout: SegmentLayout, rng: &mut dyn CryptoRng) -> Self {
        let secret = Secret::random(rng);
        let mut salt = [0; 32];
        rng.fill_bytes(&mut salt);
        Self::at(0, secret, salt, layout)
    }

    /// Starts at a segment of a file whose secret and salt were drawn before.
    pub(super) fn at(next: u64, secret: Secret<32>, salt: [u8; 32], layout: SegmentLayout) -> Self {
        let keys = FileKeys::derive(&secret, &salt, &layout);
        let key = SegmentKey::new(secret, keys.commitment());
        Self { key, salt, keys, layout, next }
    }

    #[cfg(feature = "alloc")]
    pub(super) const fn salt(&self) -> &[u8; 32] {
        &self.salt
    }

    /// Returns the key of the file, for the message.
    #[must_use]
    pub const fn key(&self) -> &SegmentKey {
        &self.key
    }

    /// Returns the header of the stored file.
    #[must_use]
    pub fn header(&self) -> [u8; HEADER_LEN] {
        header::write(&self.layout, &self.salt)
    }

    /// Returns the layout of the segments.
    #[must_use]
    pub const fn layout(&self) -> &SegmentLayout {
        &self.layout
    }

    /// Returns the next segment, or `None` if there is none.
    #[must_use]
    pub fn next_segment(&self) -> Option<Segment> {
        self.layout.segment(self.next)
    }

    /// Seals the next segments, one or more, in place. Each begins with its content. The bytes after that, up to
    /// the stored length, are overwritten with padding and tag. Eight at a time are fastest.
    ///
    /// # Errors
    /// [`MediaError::PartLength`] if `stored` is not a whole number of the next segments. Nothing has changed then.
    pub fn seal(&mut self, stored: &mut [u8]) -> Result<(), MediaError> {
        self.next = self.seal_from(self.next, stored)?;
        Ok(())
    }

    /// Hands out all segments that are left, to seal them in several threads. This sealer has none left then, and
    /// only [`SegmentShare::finish`] notices what is not sealed.
    pub fn share(&mut self) -> SegmentShare<'_> {
        let first = mem::replace(&mut self.next, self.layout.count());
        SegmentShare::new(&self.keys, self.layout, first..self.next)
    }

    /// Returns how many bytes of the content were sealed or handed out, and the total.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress::new(self.next.saturating_mul(self.layout.segment_len()), self.layout.size())
    }

    /// Ends the file, and the sealer with it: a key seals one file (SPEC SEG-1).
    ///
    /// ```
    /// # use secretchat::{MediaError, media::{Padding, SegmentSealer}};
    /// # fn example(rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
    /// let mut sealer = SegmentSealer::new(7, Padding::None, rng)?;
    /// let mut stored = [0; 16 + 32];
    /// sealer.seal(&mut stored)?;
    /// sealer.finish()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The same with one line more does not compile:
    ///
    /// ```compile_fail,E0382
    /// # use secretchat::{MediaError, media::{Padding, SegmentSealer}};
    /// # fn at_53_an_ended_sealer_is_gone(rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
    /// let mut sealer = SegmentSealer::new(7, Padding::None, rng)?;
    /// let mut stored = [0; 16 + 32];
    /// sealer.seal(&mut stored)?;
    /// sealer.finish()?;
    /// sealer.seal(&mut stored)?; // borrow of moved value
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`MediaError::Truncated`] if segments are missing.
    pub fn finish(self) -> Result<(), MediaError> {
        if self.next < self.layout.count() { Err(MediaError::Truncated) } else { Ok(()) }
    }

    #[cfg(feature = "alloc")]
    pub(super) const fn next_index(&self) -> u64 {
        self.next
    }

    /// Seals segments from that number on, whichever come next. Returns the number after the last of them.
    pub(super) fn seal_from(&self, first: u64, stored: &mut [u8]) -> Result<u64, MediaError> {
        let end = self.layout.end_of(first, stored.len()).ok_or(MediaError::PartLength)?;
        Run::seal_all(&self.keys, &self.layout, first, stored);
        Ok(end)
    }
}

impl fmt::Debug for SegmentSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key: _, salt: _, keys: _, layout, next } = self;
        f.debug_struct("SegmentSealer").field("layout", layout).field("next", next).finish_non_exhaustive()
    }
}
