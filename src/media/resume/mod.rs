//! Files that continue after an interruption: the common parts of both forms (SPEC RES-4 to RES-6).
//!
//! A token records the position of a run. To continue from it, the host shows the content once more: all of it for
//! encryption, what came out for decryption. [`Plan`] and [`Resuming`] are these two readings. The runs belong to
//! one form, or to either.

mod content;
mod token;

use core::fmt;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;

use self::content::Shown;
pub(super) use self::content::{Border, NOTHING, Planned, after_part};
pub use self::token::{RESUME_TOKEN_LEN, ResumeKey};
pub(super) use self::token::{RunKind, State};
use crate::media::chain::PartSize;
use crate::media::progress::Progress;
use crate::types::error::MediaError;

/// The first reading of a file. It takes all of the content and then returns a run. It keeps 32 bytes for each
/// part, which has 64 KiB unless the host chose another part size. Wiped on drop.
#[must_use]
pub struct Plan<T> {
    run: T,
    shown: Shown,
    /// Stores in the run what was found at each border.
    note: fn(&mut T, Border),
    token: fn(&T, &ResumeKey, &mut dyn CryptoRng) -> [u8; RESUME_TOKEN_LEN],
}

impl<T> Plan<T> {
    pub(super) fn new(
        run: T,
        part_size: PartSize,
        size: u64,
        note: fn(&mut T, Border),
        token: fn(&T, &ResumeKey, &mut dyn CryptoRng) -> [u8; RESUME_TOKEN_LEN],
    ) -> Self {
        Self { run, shown: Shown::nothing(part_size, size), note, token }
    }

    /// Takes the next bytes of the content, in chunks of any length.
    ///
    /// # Errors
    /// [`MediaError::TooLong`] beyond the size of the file. Nothing has changed then.
    pub fn take(&mut self, content: &[u8]) -> Result<(), MediaError> {
        let Self { run, shown, note, .. } = self;
        if shown.take(content, |border| note(run, border)) { Ok(()) } else { Err(MediaError::TooLong) }
    }

    /// Returns how many bytes of the content were taken, and the total.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        self.shown.progress
    }

    /// Returns the run, and the token of its start. Store the key and the token before the first byte is sent.
    /// Without them the file starts over, with a new key.
    ///
    /// # Errors
    /// [`MediaError::Truncated`] if content is missing.
    pub fn finish(self, host: &ResumeKey, rng: &mut dyn CryptoRng) -> Result<(T, [u8; RESUME_TOKEN_LEN]), MediaError> {
        if self.shown.progress.left() != 0 {
            return Err(MediaError::Truncated);
        }
        let token = (self.token)(&self.run, host, rng);
        Ok((self.run, token))
    }
}

impl<T> fmt::Debug for Plan<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run: _, shown, note: _, token: _ } = self;
        f.debug_struct("Plan").field("progress", &shown.progress).finish_non_exhaustive()
    }
}

/// A run that waits until the content is shown again: all of it for encryption, what came out for decryption.
#[must_use]
pub struct Resuming<T> {
    run: T,
    offset: u64,
    shown: Shown,
    expected: Border,
    /// Stores in the run what was found at each border.
    note: fn(&mut T, Border),
}

impl<T> Resuming<T> {
    /// Creates a run that waits for all of the content.
    pub(super) fn encryption(run: T, offset: u64, state: &State, note: fn(&mut T, Border)) -> Self {
        let shown = Shown::nothing(state.part_size, state.size);
        Self { run, offset, shown, expected: state.digest, note }
    }

    /// Creates a run that waits for the content that came out.
    pub(super) fn decryption(run: T, offset: u64, state: &State) -> Self {
        let shown = Shown::nothing(state.part_size, offset);
        Self { run, offset, shown, expected: state.digest, note: |_, _| () }
    }

    /// Returns where the run continues: how many bytes of content were done.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns how many bytes of content were shown, and the total.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        self.shown.progress
    }

    /// Takes the next bytes of the content, from its start on and in chunks of any length.
    ///
    /// # Errors
    /// [`MediaError::ResumeMismatch`] beyond what is to be shown. Nothing has changed then.
    pub fn check(&mut self, content: &[u8]) -> Result<(), MediaError> {
        let Self { run, shown, note, .. } = self;
        if shown.take(content, |border| note(run, border)) { Ok(()) } else { Err(MediaError::ResumeMismatch) }
    }

    /// Returns the run if the content shown is the one that the token covers.
    ///
    /// # Errors
    /// [`MediaError::ResumeMismatch`] if it is not, or if not all of it was shown. Start over then, with a new key
    /// for an encryption (SPEC RES-6).
    pub fn finish(self) -> Result<T, MediaError> {
        if self.shown.progress.left() == 0 && bool::from(self.shown.digest.ct_eq(&self.expected)) {
            Ok(self.run)
        } else {
            Err(MediaError::ResumeMismatch)
        }
    }
}

impl<T> fmt::Debug for Resuming<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run: _, offset, shown, expected: _, note: _ } = self;
        f.debug_struct("Resuming").field("offset", offset).field("progress", &shown.progress).finish_non_exhaustive()
    }
}
