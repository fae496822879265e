//! A chain that takes chunks of any length through a window of memory, as segments do.

use rand_core::CryptoRng;

use crate::media::chain::{ChainKey, Part, PartDecryptor, PartEncryptor, PartSize, encrypted_len};
use crate::media::chunk::copy_from_front;
use crate::media::progress::Progress;
use crate::types::buffer::Buffer;
use crate::types::error::MediaError;

/// Encrypts a chain. Holds one part, of 64 KiB unless a token says otherwise.
pub(super) struct ChainIn {
    parts: PartEncryptor,
    window: Window,
}

impl ChainIn {
    pub(super) fn new(key: &ChainKey, size: u64, rng: &mut dyn CryptoRng) -> Result<Self, MediaError> {
        Ok(Self::over(PartEncryptor::new(key, size, PartSize::WINDOW, rng)?))
    }

    /// Continues where an encryptor is.
    pub(super) fn over(parts: PartEncryptor) -> Self {
        Self { window: Window::of(parts.next_part()), parts }
    }

    /// Encrypts only the content planned for the part with that number.
    pub(super) fn update_if(
        &mut self,
        chunk: &mut &[u8],
        is_planned: impl Fn(u64, &[u8]) -> bool,
    ) -> Result<&[u8], MediaError> {
        if chunk.len() as u64 > self.progress().left() {
            return Err(MediaError::TooLong);
        }
        let Some(next) = self.parts.next_part() else { return Ok(&[]) };
        if !self.window.fill(chunk, next.content_len) {
            return Ok(&[]);
        }
        if !is_planned(next.number, self.window.bytes.get(..next.content_len).unwrap_or_default()) {
            return Err(MediaError::ResumeMismatch);
        }
        let part = self.window.take(next.len);
        self.parts.encrypt(part)?;
        Ok(part)
    }

    /// Returns the encryptor, at the part that comes out next.
    pub(super) const fn parts(&self) -> &PartEncryptor {
        &self.parts
    }

    /// Returns where that part begins.
    pub(super) fn place(&self) -> u64 {
        start_of(self.parts.next_part(), self.parts.progress().total)
    }

    pub(super) fn finish(self) -> Result<(), MediaError> {
        self.parts.finish()
    }

    /// Returns the progress in bytes of content that were taken.
    pub(super) fn progress(&self) -> Progress {
        let Progress { done, total } = self.parts.progress();
        Progress { done: done + self.window.filled as u64, total }
    }
}

/// Decrypts a chain. Holds one part, of 64 KiB unless a token says otherwise.
pub(super) struct ChainOut {
    parts: PartDecryptor,
    window: Window,
    /// Whether more came than the file has.
    is_too_long: bool,
}

impl ChainOut {
    pub(super) fn new(key: &ChainKey, size: u64) -> Result<Self, MediaError> {
        Ok(Self::over(PartDecryptor::new(key, size, PartSize::WINDOW)?))
    }

    /// Continues where a decryptor is.
    pub(super) fn over(parts: PartDecryptor) -> Self {
        Self { window: Window::of(parts.next_part()), parts, is_too_long: false }
    }

    pub(super) fn update(&mut self, chunk: &mut &[u8]) -> Result<&[u8], MediaError> {
        let Some(next) = self.parts.next_part() else {
            self.is_too_long |= !chunk.is_empty();
            return if self.is_too_long { Err(MediaError::TooLong) } else { Ok(&[]) };
        };
        if !self.window.fill(chunk, next.len) {
            return Ok(&[]);
        }
        Ok(self.parts.decrypt(self.window.take(next.len))?)
    }

    /// Returns the decryptor, at the part that comes out next.
    pub(super) const fn parts(&self) -> &PartDecryptor {
        &self.parts
    }

    /// Returns where that part begins.
    pub(super) fn place(&self) -> u64 {
        start_of(self.parts.next_part(), self.parts.progress().total)
    }

    pub(super) fn finish(self) -> Result<(), MediaError> {
        if self.is_too_long { Err(MediaError::TooLong) } else { self.parts.finish() }
    }

    /// Returns the progress in bytes of content that came out.
    pub(super) fn progress(&self) -> Progress {
        self.parts.progress()
    }
}

/// Returns where a part begins, or the end of the ciphertext after the last one.
fn start_of(part: Option<Part>, size: u64) -> u64 {
    part.map_or_else(|| encrypted_len(size).unwrap_or(size), |part| part.range.start)
}

/// The next part, as far as it has arrived.
struct Window {
    bytes: Buffer,
    filled: usize,
}

impl Window {
    /// Creates a window as long as the first part, which is the longest.
    fn of(first: Option<Part>) -> Self {
        Self { bytes: Buffer::new(first.map_or(0, |part| part.len)), filled: 0 }
    }

    /// Takes bytes from the front of `chunk`. Returns whether `wanted` of them are there.
    fn fill(&mut self, chunk: &mut &[u8], wanted: usize) -> bool {
        self.filled += copy_from_front(chunk, self.bytes.get_mut(self.filled..wanted).unwrap_or_default());
        self.filled == wanted
    }

    /// Returns the part, and starts the next one.
    fn take(&mut self, len: usize) -> &mut [u8] {
        self.filled = 0;
        self.bytes.get_mut(..len).unwrap_or_default()
    }
}
