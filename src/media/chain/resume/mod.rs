//! A chain that goes on after an interruption (SPEC RES-4 to RES-6). **No integrity** against the file's carrier.

mod content;
mod decryptor;
mod encryptor;
mod token;

use core::fmt;

use subtle::ConstantTimeEq;

use self::content::{Border, Shown};
pub use self::decryptor::ResumableDecryptor;
pub use self::encryptor::{Plan, ResumableEncryptor};
pub use self::token::{RESUME_TOKEN_LEN, ResumeKey};
use crate::media::progress::Progress;
use crate::types::error::MediaError;

/// A run that waits to be shown the content again: all of it to encrypt, what came out to decrypt.
#[must_use]
pub struct Resuming<T> {
    run: T,
    offset: u64,
    shown: Shown,
    expected: Border,
    /// Notes in the run what was found at each border.
    note: fn(&mut T, Border),
}

impl<T> Resuming<T> {
    /// Returns where the run goes on: how many bytes of content were done.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns how many bytes of content were shown, out of how many.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        self.shown.progress
    }

    /// Takes the next bytes of the content, from its start on and in chunks of any length.
    ///
    /// # Errors
    /// [`MediaError::ResumeMismatch`] beyond what is to be shown: nothing has changed then.
    pub fn check(&mut self, content: &[u8]) -> Result<(), MediaError> {
        let Self { run, shown, note, .. } = self;
        if shown.take(content, |border| note(run, border)) { Ok(()) } else { Err(MediaError::ResumeMismatch) }
    }

    /// Returns the run, if what was shown is what the token is about.
    ///
    /// # Errors
    /// [`MediaError::ResumeMismatch`] if it is not, or not all of it was shown: start again, with a new key for an
    /// encryption (SPEC RES-6).
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
