//! The key of a segmented file, as a message carries it.

use core::fmt;

use subtle::{Choice, ConstantTimeEq};

use crate::types::secret::Secret;

/// The secret and the commitment of **one** segmented file (SPEC SEG-3, SEG-4). It travels inside the message that
/// names the file, in the fields for key and iv, together with the file's size.
///
/// Anyone who has it can make other content of the same size that opens under it (SPEC SEG-4): the content of a
/// file is only as trustworthy as everyone who has its key. To forward a file, seal its content again.
///
/// Nothing converts it to a [`ChainKey`](crate::media::ChainKey) or back, or encrypts a second file under it:
/// [`SegmentSealer`](super::SegmentSealer) draws a new one for each file.
///
/// ```
/// use secretchat::media::SegmentKey;
///
/// let key = SegmentKey::from_parts([1; 32], [2; 32]);
/// assert_eq!(key.parts(), (&[1; 32], &[2; 32]));
/// assert_eq!(format!("{key:?}"), "SegmentKey(..)");
/// ```
pub struct SegmentKey {
    secret: Secret<32>,
    commitment: Secret<32>,
}

impl SegmentKey {
    /// Takes the key and the iv from a message.
    #[must_use]
    pub fn from_parts(secret: [u8; 32], commitment: [u8; 32]) -> Self {
        Self { secret: Secret::new(secret), commitment: Secret::new(commitment) }
    }

    /// Returns the key and the iv of a message. The caller must wipe any copy.
    #[must_use]
    pub fn parts(&self) -> (&[u8; 32], &[u8; 32]) {
        (self.secret.expose(), self.commitment.expose())
    }

    /// Copies the key, for opening the file again. Never use it for another chat (SPEC SEG-1).
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self { secret: self.secret.duplicate(), commitment: self.commitment.duplicate() }
    }

    pub(super) const fn new(secret: Secret<32>, commitment: Secret<32>) -> Self {
        Self { secret, commitment }
    }

    pub(super) const fn secret(&self) -> &Secret<32> {
        &self.secret
    }

    pub(super) const fn commitment(&self) -> &Secret<32> {
        &self.commitment
    }
}

impl ConstantTimeEq for SegmentKey {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.secret.ct_eq(&other.secret) & self.commitment.ct_eq(&other.commitment)
    }
}

impl fmt::Debug for SegmentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { secret: _, commitment: _ } = self;
        f.write_str("SegmentKey(..)")
    }
}
