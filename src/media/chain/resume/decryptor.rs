//! Decryption that continues after what came out before (SPEC RES-6).

use core::fmt;

use rand_core::CryptoRng;

use crate::media::chain::key::ChainKey;
use crate::media::chain::part::{Part, PartDecryptor, PartSize};
use crate::media::progress::Progress;
use crate::media::resume::{Border, NOTHING, RESUME_TOKEN_LEN, ResumeKey, Resuming, RunKind, State, after_part};
use crate::types::error::MediaError;

/// A [`PartDecryptor`] that can continue after an interruption, like a
/// [`ResumableEncryptor`](super::ResumableEncryptor). Wiped on drop.
///
/// **A chain has no integrity check**: see the [module](crate::media).
#[must_use]
pub struct ResumableDecryptor {
    parts: PartDecryptor,
    key: ChainKey,
    /// The border that was reached.
    done: Border,
}

impl ResumableDecryptor {
    /// Starts a file, like [`PartDecryptor::new`].
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(key: &ChainKey, size: u64, part_size: PartSize) -> Result<Self, MediaError> {
        Ok(Self { parts: PartDecryptor::new(key, size, part_size)?, key: key.duplicate(), done: NOTHING })
    }

    /// Continues where `token` was sealed. The host must show the content that came out before.
    ///
    /// # Errors
    /// Same as [`ResumableEncryptor::resume`](super::ResumableEncryptor::resume).
    pub fn resume(key: &ChainKey, size: u64, token: &[u8], host: &ResumeKey) -> Result<Resuming<Self>, MediaError> {
        let state = State::open(token, key.parts(), size, host, RunKind::DecryptChain)?;
        let parts = PartDecryptor::resumed(key, &state)?;
        let offset = parts.progress().done;
        let run = Self { parts, key: key.duplicate(), done: state.digest };
        Ok(Resuming::decryption(run, offset, &state))
    }

    /// Seals the position of the run, for [`ResumableDecryptor::resume`].
    pub fn token(&self, host: &ResumeKey, rng: &mut dyn CryptoRng) -> [u8; RESUME_TOKEN_LEN] {
        self.parts.state(self.done).seal(self.key.parts(), host, rng)
    }

    /// Returns the next part, like [`PartDecryptor::next_part`].
    #[must_use]
    pub fn next_part(&self) -> Option<Part> {
        self.parts.next_part()
    }

    /// Decrypts the next part, like [`PartDecryptor::decrypt`].
    ///
    /// # Errors
    /// [`MediaError::PartLength`]. Nothing has changed then.
    pub fn decrypt<'a>(&mut self, part: &'a mut [u8]) -> Result<&'a mut [u8], MediaError> {
        let content = self.parts.decrypt(part)?;
        self.done = after_part(&self.done, content);
        Ok(content)
    }

    /// Ends the file, like [`PartDecryptor::finish`].
    ///
    /// # Errors
    /// [`MediaError::Truncated`].
    pub fn finish(self) -> Result<(), MediaError> {
        self.parts.finish()
    }

    /// Returns how many bytes of the content came out, and the total.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.parts.progress()
    }
}

impl fmt::Debug for ResumableDecryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { parts, key: _, done: _ } = self;
        f.debug_struct("ResumableDecryptor").field("parts", parts).finish_non_exhaustive()
    }
}
