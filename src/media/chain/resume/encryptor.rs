//! Encryption that can continue: a plan of all content, then a run that accepts no other (SPEC RES-6).

use core::fmt;

use rand_core::CryptoRng;

use crate::media::chain::key::ChainKey;
use crate::media::chain::part::{Part, PartEncryptor, PartSize};
use crate::media::chain::stream::encrypted_len;
use crate::media::progress::Progress;
use crate::media::resume::{Border, Plan, Planned, RESUME_TOKEN_LEN, ResumeKey, Resuming, RunKind, State};
use crate::types::error::MediaError;

/// A [`PartEncryptor`] that can continue after an interruption, with exactly the bytes that would have come then.
/// Wiped on drop.
///
/// One key encrypts one content. The content is therefore read twice. A [`Plan`] takes all of it once and returns
/// the run and its first token. The run then takes each part only if it is the planned one. Whichever token the run
/// continues from, and whatever happened to the file meanwhile, no place of the file is ever encrypted with two
/// contents (SPEC RES-6).
///
/// ```
/// use secretchat::media::{PartSize, ResumableEncryptor, ResumeKey};
/// # use secretchat::MediaError;
/// # fn example(rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
/// let (file, host_key) = ([7; 1500], ResumeKey::new([1; 32]));
/// let mut plan = ResumableEncryptor::plan(1500, PartSize::new(1024)?, rng)?;
/// plan.take(&file)?; // in chunks of any length
/// let (mut run, token) = plan.finish(&host_key, rng)?;
/// let key = run.key().duplicate(); // goes into the message
/// // .. key and token are stored, then parts may leave ..
/// run.encrypt(&mut file[..1024].to_vec())?;
/// drop(run); // the program ends
///
/// let mut resuming = ResumableEncryptor::resume(&key, 1500, &token, &host_key)?;
/// resuming.check(&file)?; // it is still the same file
/// let mut run = resuming.finish()?;
/// let next = run.next_part().unwrap();
/// assert_eq!(next.range, 0..1024); // this token is that of the start
/// run.encrypt(&mut file[..1024].to_vec())?; // the same bytes again
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct ResumableEncryptor {
    parts: PartEncryptor,
    key: ChainKey,
    planned: Planned,
}

impl ResumableEncryptor {
    /// Starts a file of exactly `size` bytes under a new key. The draws are those of [`ChainKey::random`], then
    /// that of [`PartEncryptor::new`].
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn plan(size: u64, part_size: PartSize, rng: &mut dyn CryptoRng) -> Result<Plan<Self>, MediaError> {
        // Nothing is drawn for a size that no file has.
        encrypted_len(size)?;
        let key = ChainKey::random(rng);
        let parts = PartEncryptor::new(&key, size, part_size, rng)?;
        let run = Self { parts, key, planned: Planned::default() };
        Ok(Plan::new(run, part_size, size, Self::note, Self::token))
    }

    /// Continues where `token` was sealed, with exactly the bytes that would have come then, including the padding.
    /// The host must show all of the content, including that of later parts.
    ///
    /// # Errors
    /// [`MediaError::ResumeToken`] if the token is damaged, or belongs to another file, size, direction or host key
    /// (SPEC RES-5).
    pub fn resume(key: &ChainKey, size: u64, token: &[u8], host: &ResumeKey) -> Result<Resuming<Self>, MediaError> {
        let state = State::open(token, key.parts(), size, host, RunKind::EncryptChain)?;
        let parts = PartEncryptor::resumed(key, &state)?;
        let offset = parts.progress().done;
        let run = Self { parts, key: key.duplicate(), planned: Planned::default() };
        Ok(Resuming::encryption(run, offset, &state, Self::note))
    }

    /// Returns the key of the file, for the message.
    #[must_use]
    pub const fn key(&self) -> &ChainKey {
        &self.key
    }

    /// Seals the position of the run, for [`ResumableEncryptor::resume`]. Others learn from the
    /// [`RESUME_TOKEN_LEN`] bytes only that they are a token. An older token works too: parts that were sent come
    /// out once more.
    pub fn token(&self, host: &ResumeKey, rng: &mut dyn CryptoRng) -> [u8; RESUME_TOKEN_LEN] {
        self.parts.state(self.planned.all()).seal(self.key.parts(), host, rng)
    }

    /// Returns the next part, like [`PartEncryptor::next_part`].
    #[must_use]
    pub fn next_part(&self) -> Option<Part> {
        self.parts.next_part()
    }

    /// Encrypts the next part, like [`PartEncryptor::encrypt`].
    ///
    /// # Errors
    /// [`MediaError::PartLength`], and [`MediaError::ResumeMismatch`] if the content is not the planned one.
    /// Nothing has changed then.
    pub fn encrypt(&mut self, part: &mut [u8]) -> Result<(), MediaError> {
        let next = self.parts.chain.fits(part)?;
        let content = part.get(..next.content_len).unwrap_or_default();
        if self.planned.is_part(next.number, content) {
            self.parts.encrypt(part)
        } else {
            Err(MediaError::ResumeMismatch)
        }
    }

    /// Ends the file, like [`PartEncryptor::finish`].
    ///
    /// # Errors
    /// [`MediaError::Truncated`].
    pub fn finish(self) -> Result<(), MediaError> {
        self.parts.finish()
    }

    /// Returns how many bytes of the content were taken, and the total.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.parts.progress()
    }

    fn note(&mut self, border: Border) {
        self.planned.note(border);
    }
}

impl fmt::Debug for ResumableEncryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { parts, key: _, planned: _ } = self;
        f.debug_struct("ResumableEncryptor").field("parts", parts).finish_non_exhaustive()
    }
}
