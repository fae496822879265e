//! What a message says of a segmented file.

use core::fmt;

use subtle::{Choice, ConstantTimeEq};

use crate::types::secret::Secret;

/// The secret and the commitment of **one** segmented file (SPEC SEG-3, SEG-4). It travels inside the message that
/// names the file, in the places of key and iv, beside the file's size.
///
/// Whoever has it can make other content of the same size that opens under it (SPEC SEG-4): the content of a file is
/// the word of those who have its key. To send a file on, seal its content anew.
///
/// Nothing turns it into a [`ChainKey`](crate::media::ChainKey) or back, or encrypts a second file under it:
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
    /// Takes the key and the iv of a message.
    #[must_use]
    pub fn from_parts(secret: [u8; 32], commitment: [u8; 32]) -> Self {
        Self { secret: Secret::new(secret), commitment: Secret::new(commitment) }
    }

    /// Returns the key and the iv of a message. Copies are the caller's to wipe.
    #[must_use]
    pub fn parts(&self) -> (&[u8; 32], &[u8; 32]) {
        (self.secret.expose(), self.commitment.expose())
    }

    /// Returns a second holder of the same key, to open the file again. It is never for another chat (SPEC SEG-1).
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
