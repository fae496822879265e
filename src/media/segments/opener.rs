//! Opening any segment, in the caller's memory.

use core::fmt;

use hmac::Mac;
use subtle::ConstantTimeEq;

use super::layout::SegmentLayout;
use super::run::Run;
use super::schedule::{FileKeys, end_tag};
use super::{HEADER_LEN, SegmentKey, TAG_LEN, header};
use crate::crypto::ige;
use crate::types::error::MediaError;

/// Opens segments of one file in any order, in the caller's memory. Needs no heap, and is wiped on drop.
///
/// A segment that opens is the one with that number, of that file. Missing segments do not show here: the size that
/// came with the key says how many there must be. [`SegmentSealer`](super::SegmentSealer) has an example.
#[must_use]
pub struct SegmentOpener {
    keys: FileKeys,
    layout: SegmentLayout,
}

impl SegmentOpener {
    /// Starts with the key and the size from a message, and the first bytes of the file.
    ///
    /// # Errors
    /// [`MediaError::Empty`] and [`MediaError::TooLarge`] for the size. [`MediaError::Header`] if this is not such
    /// a file, or has a form that this version does not know. [`MediaError::NotThisFile`] if it is not the file of
    /// the message, or does not have this size (SPEC SEG-4).
    pub fn new(key: &SegmentKey, size: u64, header: &[u8; HEADER_LEN]) -> Result<Self, MediaError> {
        let (layout, salt) = header::read(size, header)?;
        let keys = FileKeys::derive(key.secret(), salt, &layout);
        if bool::from(keys.commitment().ct_eq(key.commitment())) {
            Ok(Self { keys, layout })
        } else {
            Err(MediaError::NotThisFile)
        }
    }

    /// Returns the layout of the segments.
    #[must_use]
    pub const fn layout(&self) -> &SegmentLayout {
        &self.layout
    }

    /// Verifies one segment, then decrypts it in place and returns its content.
    ///
    /// # Errors
    /// [`MediaError::OutOfRange`] if there is no such segment, [`MediaError::PartLength`] if `stored` does not have
    /// its length, [`MediaError::NotAuthentic`] if it is not what was sealed. `stored` is unchanged then.
    /// [`MediaError::Padding`] if the sender hid something in the padding. `stored` is zero then.
    pub fn open<'a>(&self, index: u64, stored: &'a mut [u8]) -> Result<&'a mut [u8], MediaError> {
        let segment = self.layout.segment(index).ok_or(MediaError::OutOfRange)?;
        if stored.len() != segment.stored_len {
            return Err(MediaError::PartLength);
        }
        let (run, _) = Run::split(&self.layout, index, stored);
        ige::swept(|| run.open(&self.keys)).1?;
        Ok(stored.get_mut(..segment.content_len).unwrap_or_default())
    }

    /// Verifies one segment and leaves it sealed. For a file that has arrived in part, this shows which segments
    /// are there.
    ///
    /// It does not detect [`MediaError::Padding`], which a receiver could not repair by requesting the segment
    /// again.
    ///
    /// # Errors
    /// [`MediaError::OutOfRange`], [`MediaError::PartLength`] and [`MediaError::NotAuthentic`], as in
    /// [`SegmentOpener::open`].
    pub fn verify(&self, index: u64, stored: &[u8]) -> Result<(), MediaError> {
        let segment = self.layout.segment(index).ok_or(MediaError::OutOfRange)?;
        let sealed = stored.split_last_chunk::<TAG_LEN>().filter(|_| stored.len() == segment.stored_len);
        let (cipher, sealed_tag) = sealed.ok_or(MediaError::PartLength)?;
        let mut tag = self.keys.begin_tag();
        tag.update(cipher);
        end_tag(&mut tag, &segment);
        // `verify` compares in constant time.
        tag.verify(sealed_tag.into()).map_err(|_| MediaError::NotAuthentic)
    }

    /// Verifies and then decrypts in place the whole segments at the start of `stored`, of which the first has that
    /// number. Eight at a time are fastest. Returns how many opened, counted from the first. Their content is where
    /// [`SegmentLayout::segment`] says, counted from the first one's offset.
    ///
    /// # Errors
    /// Besides the count, the error of the segment after those, as in [`SegmentOpener::open`]. Nothing of it, or of
    /// what follows, is left decrypted.
    pub fn open_all(&self, first: u64, stored: &mut [u8]) -> (u64, Result<(), MediaError>) {
        let (mut opened, mut rest) = (0, stored);
        loop {
            let (run, after) = Run::split(&self.layout, first + opened, rest);
            if run.len() == 0 {
                return (opened, Ok(()));
            }
            let (count, result) = ige::swept(|| run.open(&self.keys));
            opened += count as u64;
            if result.is_err() {
                return (opened, result);
            }
            rest = after;
        }
    }
}

impl fmt::Debug for SegmentOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { keys: _, layout } = self;
        f.debug_struct("SegmentOpener").field("layout", layout).finish_non_exhaustive()
    }
}
