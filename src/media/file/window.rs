//! A chain that takes chunks of any length through a window of memory, as segments do.

use alloc::vec;
use alloc::vec::Vec;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::media::chain::{ChainKey, Part, PartDecryptor, PartEncryptor, PartSize};
use crate::media::chunk::copy_from_front;
use crate::media::progress::Progress;
use crate::types::error::MediaError;

/// Encrypts a chain; holds one part of 64 KiB.
pub(super) struct ChainIn {
    parts: PartEncryptor,
    window: Window,
}

impl ChainIn {
    pub(super) fn new(key: &ChainKey, size: u64, rng: &mut dyn CryptoRng) -> Result<Self, MediaError> {
        let parts = PartEncryptor::new(key, size, PartSize::WINDOW, rng)?;
        Ok(Self { window: Window::of(parts.next_part()), parts })
    }

    pub(super) fn update(&mut self, chunk: &mut &[u8]) -> Result<&[u8], MediaError> {
        if chunk.len() as u64 > self.progress().left() {
            return Err(MediaError::TooLong);
        }
        let Some(next) = self.parts.next_part() else { return Ok(&[]) };
        let Some(part) = self.window.fill(chunk, next.content_len, next.len) else { return Ok(&[]) };
        self.parts.encrypt(part)?;
        Ok(part)
    }

    pub(super) fn finish(self) -> Result<(), MediaError> {
        self.parts.finish()
    }

    /// In bytes of content that were taken.
    pub(super) fn progress(&self) -> Progress {
        let Progress { done, total } = self.parts.progress();
        Progress { done: done + self.window.filled as u64, total }
    }
}

/// Decrypts a chain; holds one part of 64 KiB.
pub(super) struct ChainOut {
    parts: PartDecryptor,
    window: Window,
    /// More came than the file has.
    is_too_long: bool,
}

impl ChainOut {
    pub(super) fn new(key: &ChainKey, size: u64) -> Result<Self, MediaError> {
        let parts = PartDecryptor::new(key, size, PartSize::WINDOW)?;
        Ok(Self { window: Window::of(parts.next_part()), parts, is_too_long: false })
    }

    pub(super) fn update(&mut self, chunk: &mut &[u8]) -> Result<&[u8], MediaError> {
        let Some(next) = self.parts.next_part() else {
            self.is_too_long |= !chunk.is_empty();
            return if self.is_too_long { Err(MediaError::TooLong) } else { Ok(&[]) };
        };
        let Some(part) = self.window.fill(chunk, next.len, next.len) else { return Ok(&[]) };
        Ok(self.parts.decrypt(part)?)
    }

    pub(super) fn finish(self) -> Result<(), MediaError> {
        if self.is_too_long { Err(MediaError::TooLong) } else { self.parts.finish() }
    }

    /// In bytes of content that came out.
    pub(super) fn progress(&self) -> Progress {
        self.parts.progress()
    }
}

/// The part that comes next, as far as it is there.
struct Window {
    bytes: Zeroizing<Vec<u8>>,
    filled: usize,
}

impl Window {
    /// The first part is the longest.
    fn of(first: Option<Part>) -> Self {
        Self { bytes: Zeroizing::new(vec![0; first.map_or(0, |part| part.len)]), filled: 0 }
    }

    /// Takes bytes from the front of `chunk`; returns `len` bytes once `wanted` of them are there.
    fn fill(&mut self, chunk: &mut &[u8], wanted: usize, len: usize) -> Option<&mut [u8]> {
        self.filled += copy_from_front(chunk, self.bytes.get_mut(self.filled..wanted)?);
        if self.filled < wanted {
            return None;
        }
        self.filled = 0;
        self.bytes.get_mut(..len)
    }
}
