//! A chain that goes on after an interruption (SPEC RES-4 to RES-6). **No integrity** against the file's carrier.

mod token;

use core::fmt;

use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use self::token::{Direction, State};
pub use self::token::{RESUME_TOKEN_LEN, ResumeKey};
use super::chain::Progress;
use super::key::ChainKey;
use super::part::{Part, PartDecryptor, PartEncryptor, PartSize};
use crate::error::MediaError;

const PART: &[u8] = b"secretchat/1 resume part";

/// A [`PartEncryptor`] that can go on after an interruption: it hashes the content that is done, and
/// [`ResumableEncryptor::token`] seals where it is. Wiped on drop.
///
/// ```
/// use secretchat::media::{ChainKey, PartSize, ResumableEncryptor, ResumeKey};
/// # use secretchat::MediaError;
/// # fn example(rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
/// let (file, key, host_key) = ([7; 1500], ChainKey::random(rng), ResumeKey::new([1; 32]));
/// let mut run = ResumableEncryptor::new(&key, 1500, PartSize::new(1024)?, rng)?;
/// run.encrypt(&mut file[..1024].to_vec())?;
/// let token = run.token(&host_key, rng); // is stored; then the program ends
/// drop(run);
///
/// let mut resuming = ResumableEncryptor::resume(&key, 1500, &token, &host_key)?;
/// resuming.check(&file[..resuming.offset() as usize])?; // it is still the same file
/// let mut run = resuming.finish()?;
/// let next = run.next_part().unwrap();
/// assert_eq!(next.range, 1024..1504);
/// let mut last = file[1024..].to_vec();
/// last.resize(next.len, 0);
/// run.encrypt(&mut last)?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct ResumableEncryptor {
    parts: PartEncryptor,
    done: Done,
}

impl ResumableEncryptor {
    /// As [`PartEncryptor::new`].
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(key: &ChainKey, size: u64, part_size: PartSize, rng: &mut dyn CryptoRng) -> Result<Self, MediaError> {
        Ok(Self { parts: PartEncryptor::new(key, size, part_size, rng)?, done: Done::nothing(key) })
    }

    /// Goes on where `token` was sealed, with the very bytes that would have come then, padding included.
    ///
    /// # Errors
    /// [`MediaError::ResumeToken`] if the token is not of this file, size, direction and host key, or damaged (SPEC RES-5).
    pub fn resume(key: &ChainKey, size: u64, token: &[u8], host: &ResumeKey) -> Result<Resuming<Self>, MediaError> {
        let state = State::open(token, key, host, Direction::Encrypt)?;
        let mut parts = PartEncryptor::resumed(key, size, state.part_size, state.padding.clone())?;
        state.enter(&mut parts.chain)?;
        let progress = parts.progress();
        Ok(Resuming::new(Self { parts, done: Done { key: key.duplicate(), digest: state.digest } }, progress, &state))
    }

    /// Where it is, for [`ResumableEncryptor::resume`]: [`RESUME_TOKEN_LEN`] bytes that tell nobody else anything but that
    /// they are a token.
    pub fn token(&self, host: &ResumeKey, rng: &mut dyn CryptoRng) -> [u8; RESUME_TOKEN_LEN] {
        let state = State::of(&self.parts.chain, self.parts.padding.clone(), self.done.digest);
        state.seal(&self.done.key, host, Direction::Encrypt, rng)
    }

    /// As [`PartEncryptor::next_part`].
    #[must_use]
    pub fn next_part(&self) -> Option<Part> {
        self.parts.next_part()
    }

    /// As [`PartEncryptor::encrypt`].
    ///
    /// # Errors
    /// [`MediaError::PartLength`]: nothing has changed then.
    pub fn encrypt(&mut self, part: &mut [u8]) -> Result<(), MediaError> {
        let next = self.parts.chain.fits(part)?;
        let digest = self.done.after(part.get(..next.content_len).unwrap_or_default());
        self.parts.encrypt(part)?;
        self.done.digest = digest;
        Ok(())
    }

    /// As [`PartEncryptor::finish`].
    ///
    /// # Errors
    /// [`MediaError::Truncated`].
    pub fn finish(self) -> Result<(), MediaError> {
        self.parts.finish()
    }

    /// How many bytes of the content were taken, out of how many.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.parts.progress()
    }
}

/// A [`PartDecryptor`] that can go on after an interruption, as a [`ResumableEncryptor`] can. Wiped on drop.
///
/// **One chain carries no integrity of its own**; see the [module](super).
#[must_use]
pub struct ResumableDecryptor {
    parts: PartDecryptor,
    done: Done,
}

impl ResumableDecryptor {
    /// As [`PartDecryptor::new`].
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(key: &ChainKey, size: u64, part_size: PartSize) -> Result<Self, MediaError> {
        Ok(Self { parts: PartDecryptor::new(key, size, part_size)?, done: Done::nothing(key) })
    }

    /// Goes on where `token` was sealed. What is to be checked is the content that came out before.
    ///
    /// # Errors
    /// As [`ResumableEncryptor::resume`].
    pub fn resume(key: &ChainKey, size: u64, token: &[u8], host: &ResumeKey) -> Result<Resuming<Self>, MediaError> {
        let state = State::open(token, key, host, Direction::Decrypt)?;
        let mut parts = PartDecryptor::new(key, size, state.part_size)?;
        state.enter(&mut parts.chain)?;
        let progress = parts.progress();
        Ok(Resuming::new(Self { parts, done: Done { key: key.duplicate(), digest: state.digest } }, progress, &state))
    }

    /// As [`ResumableEncryptor::token`].
    pub fn token(&self, host: &ResumeKey, rng: &mut dyn CryptoRng) -> [u8; RESUME_TOKEN_LEN] {
        let state = State::of(&self.parts.chain, Zeroizing::default(), self.done.digest);
        state.seal(&self.done.key, host, Direction::Decrypt, rng)
    }

    /// As [`PartDecryptor::next_part`].
    #[must_use]
    pub fn next_part(&self) -> Option<Part> {
        self.parts.next_part()
    }

    /// As [`PartDecryptor::decrypt`].
    ///
    /// # Errors
    /// [`MediaError::PartLength`]: nothing has changed then.
    pub fn decrypt<'a>(&mut self, part: &'a mut [u8]) -> Result<&'a mut [u8], MediaError> {
        let content = self.parts.decrypt(part)?;
        self.done.digest = self.done.after(content);
        Ok(content)
    }

    /// As [`PartDecryptor::finish`].
    ///
    /// # Errors
    /// [`MediaError::Truncated`].
    pub fn finish(self) -> Result<(), MediaError> {
        self.parts.finish()
    }

    /// How many bytes of the content came out, out of how many.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.parts.progress()
    }
}

/// A run that waits to be shown the content that was done before the interruption.
#[must_use]
pub struct Resuming<T> {
    run: T,
    /// Of the content that was checked, out of what was done.
    progress: Progress,
    part_size: PartSize,
    expected: [u8; 32],
    digest: [u8; 32],
    /// Of the part that was checked in part.
    hash: Sha256,
}

impl<T> Resuming<T> {
    fn new(run: T, done: Progress, state: &State) -> Self {
        let progress = Progress { done: 0, total: done.done };
        let digest = NOTHING_DONE;
        let hash = begin_part(&digest);
        Self { run, progress, part_size: state.part_size, expected: state.digest, digest, hash }
    }

    /// How many bytes of content were done: the run goes on behind them.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.progress.total
    }

    /// Takes the next bytes of the content that was done, from its start on and in chunks of any length.
    ///
    /// # Errors
    /// [`MediaError::ResumeMismatch`] beyond [`Resuming::offset`]: nothing has changed then.
    pub fn check(&mut self, content: &[u8]) -> Result<(), MediaError> {
        if content.len() as u64 > self.progress.left() {
            return Err(MediaError::ResumeMismatch);
        }
        let mut rest = content;
        while !rest.is_empty() {
            let part_len = u64::from(self.part_size.bytes());
            let left_of_part = self.progress.left().min(part_len - self.progress.done % part_len);
            let len = usize::try_from(left_of_part).unwrap_or(usize::MAX).min(rest.len());
            self.hash.update(rest.split_off(..len).unwrap_or_default());
            self.progress.done += len as u64;
            if len as u64 == left_of_part {
                self.digest = self.hash.finalize_reset().into();
                self.hash = begin_part(&self.digest);
            }
        }
        Ok(())
    }

    /// The run, if what was checked is what was done.
    ///
    /// # Errors
    /// [`MediaError::ResumeMismatch`] if it is not, or not all of it was checked: start again, with a new key for an
    /// encryption (SPEC RES-6).
    pub fn finish(self) -> Result<T, MediaError> {
        if self.progress.left() == 0 && bool::from(self.digest.ct_eq(&self.expected)) {
            Ok(self.run)
        } else {
            Err(MediaError::ResumeMismatch)
        }
    }
}

/// The content that is done, as a chain of hashes of its parts; and of which file.
struct Done {
    key: ChainKey,
    digest: [u8; 32],
}

const NOTHING_DONE: [u8; 32] = [0; 32];

impl Done {
    fn nothing(key: &ChainKey) -> Self {
        Self { key: key.duplicate(), digest: NOTHING_DONE }
    }

    fn after(&self, part: &[u8]) -> [u8; 32] {
        begin_part(&self.digest).chain_update(part).finalize().into()
    }
}

fn begin_part(digest: &[u8; 32]) -> Sha256 {
    Sha256::new().chain_update(PART).chain_update(digest)
}

impl fmt::Debug for ResumableEncryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { parts, done: _ } = self;
        f.debug_struct("ResumableEncryptor").field("parts", parts).finish_non_exhaustive()
    }
}

impl fmt::Debug for ResumableDecryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { parts, done: _ } = self;
        f.debug_struct("ResumableDecryptor").field("parts", parts).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Resuming<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run: _, progress, part_size: _, expected: _, digest: _, hash: _ } = self;
        f.debug_struct("Resuming").field("progress", progress).finish_non_exhaustive()
    }
}
