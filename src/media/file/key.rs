//! The key of a file in either form, as a message carries it.

use super::FileForm;
use crate::media::chain::{ChainKey, PartSize};
use crate::media::segments::{SegmentKey, SegmentLayout};

/// The key of one file. Its form is that of the chat's profile (SPEC MED-1): segments in X25519, a chain in Telegram's.
///
/// It must stay between the two ends of one chat. Anyone who holds it can make other content of the same size that
/// opens under it (SPEC SEG-4). Giving it to a third person therefore also gives the power to replace the file for
/// the others. To forward a file, encrypt its content again, as a message of your own (SPEC RIGHT-1).
///
/// ```
/// use getrandom::SysRng;
/// use secretchat::rand_core::UnwrapErr;
/// use secretchat::media::{self, FileForm, MediaKey};
///
/// let (key, sealed) = media::seal(FileForm::Segments, b"a photo", &mut UnwrapErr(SysRng))?;
/// // Kept by an app that shows the photo again later, as safely as the photo itself.
/// let (form, bytes, iv) = (key.form(), *key.parts().0, *key.parts().1);
/// let key = MediaKey::from_parts(form, bytes, iv);
/// assert_eq!(media::open(&key, 7, &sealed)?, b"a photo");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum MediaKey {
    /// The key of a file as one chain, **without integrity**.
    Chain(ChainKey),
    /// The key of a file in segments.
    Segments(SegmentKey),
}

impl MediaKey {
    /// Creates the key of a file of that form from the fields `key` and `iv` of a message.
    #[must_use]
    pub fn from_parts(form: FileForm, key: [u8; 32], iv: [u8; 32]) -> Self {
        match form {
            FileForm::Chain => ChainKey::from_parts(key, iv).into(),
            FileForm::Segments => SegmentKey::from_parts(key, iv).into(),
        }
    }

    /// Returns the fields `key` and `iv` of a message. The caller must wipe any copy.
    #[must_use]
    pub fn parts(&self) -> (&[u8; 32], &[u8; 32]) {
        match self {
            Self::Chain(key) => key.parts(),
            Self::Segments(key) => key.parts(),
        }
    }

    /// Returns the form of the file.
    #[must_use]
    pub const fn form(&self) -> FileForm {
        match self {
            Self::Chain(_) => FileForm::Chain,
            Self::Segments(_) => FileForm::Segments,
        }
    }

    /// Copies the key, for opening the file again. Never use it for another file or another chat.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        match self {
            Self::Chain(key) => Self::Chain(key.duplicate()),
            Self::Segments(key) => Self::Segments(key.duplicate()),
        }
    }

    /// Returns whether a stored file of `len` bytes can have `size` bytes of content (SPEC MED-3).
    pub(crate) fn fits(&self, size: u64, len: u64) -> bool {
        match self {
            Self::Chain(_) => size == 0 || (size..=filled(size)).contains(&len),
            Self::Segments(_) => {
                SegmentLayout::all(size).is_ok_and(|mut layouts| layouts.any(|layout| layout.encrypted_len() == len))
            }
        }
    }
}

/// Returns the length of a chain whose last part is filled to the largest part size.
fn filled(size: u64) -> u64 {
    size.checked_next_multiple_of(PartSize::MAX.bytes().into()).unwrap_or(u64::MAX)
}

impl FileForm {
    /// Returns the key in a message that states `size`, or `None` if a file of this form cannot have that size.
    pub(crate) fn key(self, size: u64, key: [u8; 32], iv: [u8; 32]) -> Option<MediaKey> {
        self.allows(size).then(|| MediaKey::from_parts(self, key, iv))
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
