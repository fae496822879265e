//! The value itself, and what the users have compared (SPEC VER-1, VER-3, VER-4).

use subtle::ConstantTimeEq;

/// A 36-byte value that is the same for both users if nobody sits between them.
///
/// Until both users have compared it through another channel, a relay may sit in the middle and nothing is claimed.
/// [`Chat::verification`](crate::Chat::verification) comes from the first handshake and never changes.
///
/// Compare all of it. A part of n bytes gives 8n bits and no more, because an attacker in the middle can try keys
/// until that part is the same at both ends. Compare at least 16 bytes (SPEC VER-3). Four bytes take one core 42
/// hours.
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

/// The comparison that the users of a chat have made, as recorded by [`Chat::mark_verified`](crate::Chat::mark_verified). Only
/// a chat makes it, so there is no constructor.
///
/// They have compared the value of the handshake, or one that covers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// How many keys had followed the first one when the users compared [`Chat::check`](crate::Chat::check), as
    /// long as no other key has followed since. `None` if they did not compare it, or if another key has followed.
    pub check: Option<u32>,
}

#[cfg(feature = "alloc")]
impl Verified {
    pub(crate) const fn new(check: Option<u32>) -> Self {
        Self { check }
    }
}
