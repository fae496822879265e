//! A chain in parts of the length that a transport carries, in place (SPEC RES-1, RES-2). **No integrity check.**

use core::fmt;
use core::ops::Range;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::key::ChainKey;
use super::stream::encrypted_len;
use crate::crypto::ige::{self, Job};
use crate::media::progress::Progress;
use crate::types::error::MediaError;
use crate::types::secret::Secret;

/// The length of all parts except the last: a power of two from 1 KiB to 512 KiB, as Telegram's servers require.
///
/// ```
/// use secretchat::media::PartSize;
///
/// let size = PartSize::new(1 << 19)?;
/// // The ciphertext of 5,000,000,001 bytes has 16 bytes for the last of them.
/// assert_eq!((size.count(5_000_000_001), size.range(5_000_000_001, 9536)), (9537, Some(4_999_610_368..5_000_000_016)));
/// # Ok::<(), secretchat::MediaError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PartSize {
    /// The power: the length is 1 KiB times two to this power.
    power: u8,
}

impl PartSize {
    /// The largest size, 512 KiB.
    pub const MAX: Self = Self { power: Self::MAX_POWER };
    /// The size of a segment, 64 KiB: the window for chunks of any length.
    #[cfg(feature = "alloc")]
    pub(in crate::media) const WINDOW: Self = Self { power: 6 };
    /// The size of a small segment, 4 KiB.
    #[cfg(feature = "alloc")]
    pub(in crate::media) const SMALL_SEGMENT: Self = Self { power: 2 };
    const MAX_POWER: u8 = 9;
    const MIN_LEN: u32 = 1 << 10;

    /// Creates a size of that many bytes.
    ///
    /// # Errors
    /// [`MediaError::PartSize`] (SPEC RES-1).
    pub fn new(bytes: u32) -> Result<Self, MediaError> {
        let powers = (0..=Self::MAX_POWER).map(|power| Self { power });
        powers.into_iter().find(|size| size.bytes() == bytes).ok_or(MediaError::PartSize)
    }

    /// Returns the size in bytes.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        Self::MIN_LEN << self.power
    }

    /// Returns how many parts the ciphertext of `size` bytes has, or 0 for a size that a file cannot have.
    #[must_use]
    pub const fn count(self, size: u64) -> u64 {
        match encrypted_len(size) {
            Ok(len) => len.div_ceil(self.bytes() as u64),
            Err(_) => 0,
        }
    }

    /// Returns the range of the part with that number in the ciphertext of `size` bytes.
    #[must_use]
    pub fn range(self, size: u64, number: u64) -> Option<Range<u64>> {
        let len = encrypted_len(size).ok()?;
        let start = number.checked_mul(self.bytes().into()).filter(|start| *start < len)?;
        Some(start..len.min(start.saturating_add(self.bytes().into())))
    }

    #[cfg(feature = "alloc")]
    pub(in crate::media) const fn power(self) -> u8 {
        self.power
    }

    #[cfg(feature = "alloc")]
    pub(in crate::media) fn from_power(power: u8) -> Option<Self> {
        (power <= Self::MAX_POWER).then_some(Self { power })
    }
}

/// The part that comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// The number of the part, from 0.
    pub number: u64,
    /// The range of the part in the ciphertext.
    pub range: Range<u64>,
    /// The length of the part in bytes.
    pub len: usize,
    /// How many bytes of content it has. The rest of the last part is padding.
    pub content_len: usize,
}

/// The common state of both directions: the chain before the next part.
pub(super) struct Chain {
    pub(super) key: Secret<32>,
    pub(super) iv: Zeroizing<[u8; 32]>,
    pub(super) part_size: PartSize,
    pub(super) size: u64,
    pub(super) next: u64,
}

impl Chain {
    pub(super) fn new(key: &ChainKey, size: u64, part_size: PartSize) -> Result<Self, MediaError> {
        encrypted_len(size)?;
        let (key, iv) = key.parts();
        Ok(Self { key: Secret::new(*key), iv: Zeroizing::new(*iv), part_size, size, next: 0 })
    }

    pub(super) fn next_part(&self) -> Option<Part> {
        let range = self.part_size.range(self.size, self.next)?;
        let length = |end: u64| usize::try_from(end - range.start).ok();
        let (len, content_len) = (length(range.end)?, length(range.end.min(self.size))?);
        Some(Part { number: self.next, range, len, content_len })
    }

    /// Returns the next part, if `bytes` has its length.
    pub(super) fn fits(&self, bytes: &[u8]) -> Result<Part, MediaError> {
        self.next_part().filter(|part| part.len == bytes.len()).ok_or(MediaError::PartLength)
    }

    pub(super) fn job<'a>(&'a mut self, part: &'a mut [u8]) -> Job<'a> {
        Job { key: self.key.expose(), iv: &mut self.iv, blocks: part.as_chunks_mut().0 }
    }

    /// Returns the progress in bytes of content.
    pub(super) fn progress(&self) -> Progress {
        Progress::new(self.next.saturating_mul(self.part_size.bytes().into()), self.size)
    }

    fn finish(&self) -> Result<(), MediaError> {
        if self.next_part().is_some() { Err(MediaError::Truncated) } else { Ok(()) }
    }
}

/// Encrypts one file of a known size part by part, in place. Needs no heap, and is wiped on drop. The output equals
/// that of [`ChainEncryptor`](super::ChainEncryptor), which takes chunks of any length.
///
/// **A chain has no integrity check**: see the [module](crate::media).
///
/// ```
/// use secretchat::media::{ChainKey, PartDecryptor, PartEncryptor, PartSize};
/// # use secretchat::MediaError;
/// # fn example(rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
/// let (file, key) = ([7; 1500], ChainKey::random(rng));
/// let part_size = PartSize::new(1024)?;
/// let mut encryptor = PartEncryptor::new(&key, file.len() as u64, part_size, rng)?;
/// let mut decryptor = PartDecryptor::new(&key, file.len() as u64, part_size)?;
/// let mut content = Vec::new();
/// while let Some(next) = encryptor.next_part() {
///     let mut part = vec![0; next.len]; // the memory to work in
///     part[..next.content_len].copy_from_slice(&file[content.len()..][..next.content_len]);
///     encryptor.encrypt(&mut part)?;
///     // .. the transport carries it ..
///     content.extend_from_slice(decryptor.decrypt(&mut part)?);
/// }
/// encryptor.finish()?;
/// decryptor.finish()?;
/// assert_eq!(content, file);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct PartEncryptor {
    pub(super) chain: Chain,
    /// The padding, drawn at the start, so that the last part is always the same.
    pub(super) padding: Zeroizing<[u8; 16]>,
}

impl PartEncryptor {
    /// Starts a file of exactly `size` bytes under a key that no other file has or will have. Draws the padding
    /// once: the bytes up to a multiple of 16.
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(key: &ChainKey, size: u64, part_size: PartSize, rng: &mut dyn CryptoRng) -> Result<Self, MediaError> {
        let mut padding = Zeroizing::new([0; 16]);
        let missing = usize::try_from(encrypted_len(size)? - size).unwrap_or_default();
        if let Some(padding) = padding.get_mut(..missing).filter(|padding| !padding.is_empty()) {
            rng.fill_bytes(padding);
        }
        Ok(Self { chain: Chain::new(key, size, part_size)?, padding })
    }

    /// Returns the next part, or `None` if the file is complete.
    #[must_use]
    pub fn next_part(&self) -> Option<Part> {
        self.chain.next_part()
    }

    /// Encrypts the next part in place. It begins with the content. In the last part, the bytes after the content
    /// are overwritten.
    ///
    /// # Errors
    /// [`MediaError::PartLength`] if `part` does not have the length of the next part. Nothing has changed then.
    pub fn encrypt(&mut self, part: &mut [u8]) -> Result<(), MediaError> {
        let next = self.chain.fits(part)?;
        self.pad(&next, part);
        ige::swept(|| ige::encrypt_many(&mut [self.chain.job(part)]));
        self.chain.next += 1;
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`MediaError::Truncated`] if parts are missing.
    pub fn finish(self) -> Result<(), MediaError> {
        self.chain.finish()
    }

    /// Returns how many bytes of the content were taken, and the total.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.chain.progress()
    }

    pub(super) fn pad(&self, next: &Part, part: &mut [u8]) {
        for (to, from) in part.iter_mut().skip(next.content_len).zip(self.padding.iter()) {
            *to = *from;
        }
    }
}

impl fmt::Debug for PartEncryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chain, padding: _ } = self;
        f.debug_struct("PartEncryptor").field("progress", &chain.progress()).finish_non_exhaustive()
    }
}

/// Decrypts one file of a known size part by part, in place. Needs no heap, and is wiped on drop.
///
/// **A chain has no integrity check**: the carrier of the file decides what comes out. See the
/// [module](crate::media). [`PartEncryptor`] has an example.
#[must_use]
pub struct PartDecryptor {
    pub(super) chain: Chain,
}

impl PartDecryptor {
    /// Starts a file of exactly `size` bytes of content, the size in the message.
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(key: &ChainKey, size: u64, part_size: PartSize) -> Result<Self, MediaError> {
        Ok(Self { chain: Chain::new(key, size, part_size)? })
    }

    /// Returns the next part, or `None` if the file is complete.
    #[must_use]
    pub fn next_part(&self) -> Option<Part> {
        self.chain.next_part()
    }

    /// Decrypts the next part in place and returns its content.
    ///
    /// # Errors
    /// [`MediaError::PartLength`] if `part` does not have the length of the next part. Nothing has changed then.
    pub fn decrypt<'a>(&mut self, part: &'a mut [u8]) -> Result<&'a mut [u8], MediaError> {
        let next = self.chain.fits(part)?;
        ige::swept(|| ige::decrypt_many(&mut [self.chain.job(part)]));
        self.chain.next += 1;
        Ok(part.get_mut(..next.content_len).unwrap_or_default())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`MediaError::Truncated`] if parts are missing. What came out is then not the whole file.
    pub fn finish(self) -> Result<(), MediaError> {
        self.chain.finish()
    }

    /// Returns how many bytes of the content came out, and the total.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.chain.progress()
    }
}

impl fmt::Debug for PartDecryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chain } = self;
        f.debug_struct("PartDecryptor").field("progress", &chain.progress()).finish_non_exhaustive()
    }
}
