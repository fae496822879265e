//! Decryption that goes on after what came out before (SPEC RES-6).

use core::fmt;

use rand_core::CryptoRng;

use crate::media::chain::key::ChainKey;
use crate::media::chain::part::{Part, PartDecryptor, PartSize};
use crate::media::progress::Progress;
use crate::media::resume::{Border, NOTHING, RESUME_TOKEN_LEN, ResumeKey, Resuming, RunKind, State, after_part};
use crate::types::error::MediaError;

/// A [`PartDecryptor`] that can go on after an interruption, as a [`ResumableEncryptor`](super::ResumableEncryptor)
/// can. Wiped on drop.
///
/// **One chain carries no integrity of its own**; see the [module](crate::media).
#[must_use]
pub struct ResumableDecryptor {
    parts: PartDecryptor,
    key: ChainKey,
    /// The border that is reached.
    done: Border,
}

impl ResumableDecryptor {
    /// Begins a file, as [`PartDecryptor::new`].
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(key: &ChainKey, size: u64, part_size: PartSize) -> Result<Self, MediaError> {
        Ok(Self { parts: PartDecryptor::new(key, size, part_size)?, key: key.duplicate(), done: NOTHING })
    }

    /// Goes on where `token` was sealed. The host shows the content that came out before.
    ///
    /// # Errors
    /// As [`ResumableEncryptor::resume`](super::ResumableEncryptor::resume).
    pub fn resume(key: &ChainKey, size: u64, token: &[u8], host: &ResumeKey) -> Result<Resuming<Self>, MediaError> {
        let state = State::open(token, key.parts(), size, host, RunKind::DecryptChain)?;
        let parts = PartDecryptor::resumed(key, &state)?;
        let offset = parts.progress().done;
        let run = Self { parts, key: key.duplicate(), done: state.digest };
        Ok(Resuming::decryption(run, offset, &state))
    }

    /// Seals where the run is, for [`ResumableDecryptor::resume`].
    pub fn token(&self, host: &ResumeKey, rng: &mut dyn CryptoRng) -> [u8; RESUME_TOKEN_LEN] {
        self.parts.state(self.done).seal(self.key.parts(), host, rng)
    }

    /// Returns the part that comes next, as [`PartDecryptor::next_part`].
    #[must_use]
    pub fn next_part(&self) -> Option<Part> {
        self.parts.next_part()
    }

    /// Decrypts the next part, as [`PartDecryptor::decrypt`].
    ///
    /// # Errors
    /// [`MediaError::PartLength`]: nothing has changed then.
    pub fn decrypt<'a>(&mut self, part: &'a mut [u8]) -> Result<&'a mut [u8], MediaError> {
        let content = self.parts.decrypt(part)?;
        self.done = after_part(&self.done, content);
        Ok(content)
    }

    /// Ends the file, as [`PartDecryptor::finish`].
    ///
    /// # Errors
    /// [`MediaError::Truncated`].
    pub fn finish(self) -> Result<(), MediaError> {
        self.parts.finish()
    }

    /// Returns how many bytes of the content came out, out of how many.
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
