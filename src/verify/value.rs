//! The value itself, and what was compared of it (SPEC VER-1, VER-3, VER-4).

use subtle::ConstantTimeEq;

/// A 36-byte value that both users see if nobody sits between them.
///
/// Until both users have compared it over another way, a relay may sit in the middle and nothing is claimed.
/// [`Chat::verification`](crate::Chat::verification) is made from the first handshake and never changes.
///
/// Compare all of it. A part of n bytes is worth 8n bits and no more: whoever sits in the middle tries keys until that part
/// is the same at both ends. At least 16 bytes are compared (SPEC VER-3); four take one core 42 hours.
///
/// | shown as | by | bytes |
/// |---|---|---|
/// | picture | [`cells`](Self::cells), [`rows`](Self::rows), [`svg`](Self::svg) | all 36 |
/// | numbers | [`hex_lines`](Self::hex_lines) | the first 32 |
/// | words, to be read aloud | [`words`](Self::words) | all 36 |
/// | code, to be scanned | [`scan_code`](Self::scan_code) | all 36 |
///
/// Two values are compared in constant time.
///
/// ```
/// # #[cfg(feature = "alloc")] {
#[doc = include_str!("../guide/two_ends.txt")]
/// // Both users see the same, or somebody sits between them.
/// let (seen_by_alice, seen_by_bob) = (alice.verification(), bob.verification());
/// assert_eq!(seen_by_alice, seen_by_bob);
///
/// let value = seen_by_alice.ok_or("there is no key yet")?;
/// println!("Read these words to each other: {}", value.words().join(" "));
/// // The user says that they are the same: the mark is kept with the chat.
/// alice.mark_verified(value, env)?;
/// assert!(alice.verified().is_some());
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Verification([u8; 36]);

impl Verification {
    /// Creates a value from the bytes that the profile computes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 36]) -> Self {
        Self(bytes)
    }

    /// Returns all 36 bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 36] {
        self.0
    }
}

impl PartialEq for Verification {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Verification {}

/// What the users of a chat have compared, as [`Chat::mark_verified`](crate::Chat::mark_verified) was told. Only a chat
/// makes it, so there is no constructor.
///
/// The value of the handshake was, or one that speaks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// How many keys had followed the first one when the users compared [`Chat::check`](crate::Chat::check), as long as
    /// no other has followed since; `None` if they did not, or one has.
    pub check: Option<u32>,
}

#[cfg(feature = "alloc")]
impl Verified {
    pub(crate) const fn new(check: Option<u32>) -> Self {
        Self { check }
    }
}
