//! Files of either form that continue after an interruption (SPEC RES-4 to RES-6, SEG-11).

use core::fmt;

use rand_core::CryptoRng;

use super::{FileForm, MediaDecryptor, MediaEncryptor, MediaKey};
use crate::media::chain::PartSize;
use crate::media::progress::Progress;
use crate::media::resume::{Border, NOTHING, Plan, Planned, RESUME_TOKEN_LEN, ResumeKey, Resuming, after_part};
use crate::types::error::MediaError;

/// A [`MediaEncryptor`] that can continue after an interruption, with exactly the bytes that would have come then.
/// Wiped on drop.
///
/// One key encrypts one content. The content is therefore read twice. A [`Plan`] takes all of it once and returns
/// the run and its first token. The run then takes each part only if it is the planned one. Whichever token the run
/// continues from, and whatever happened to the file meanwhile, no place of the file is ever encrypted with two
/// contents (SPEC RES-6).
///
/// ```
/// use secretchat::media::{FileForm, ResumableMediaEncryptor, ResumeKey};
/// # use secretchat::MediaError;
/// # fn example(form: FileForm, rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
/// let (file, host_key) = (vec![7; 300_000], ResumeKey::new([1; 32]));
/// let mut plan = ResumableMediaEncryptor::plan(form, 300_000, rng)?; // `form` is `chat.file_form()`
/// plan.take(&file)?; // in chunks of any length
/// let (mut run, mut token) = plan.finish(&host_key, rng)?;
/// let key = run.key().duplicate(); // goes into the message
/// // .. key and token are stored, then bytes may leave ..
/// let (mut rest, mut place) = (&file[..100_000], run.place());
/// while let part @ [_, ..] = run.update(&mut rest)? {
///     // .. it is carried, as what the encrypted file has from `place` on ..
///     place += part.len() as u64;
///     token = run.token(&host_key, rng); // from time to time, once what came out is carried
/// }
/// drop(run); // the program ends
///
/// let mut resuming = ResumableMediaEncryptor::resume(&key, 300_000, &token, &host_key)?;
/// let offset = resuming.offset() as usize;
/// resuming.check(&file)?; // it is still the same file
/// let mut run = resuming.finish()?;
/// assert_eq!(run.place(), place); // the place in the encrypted file where it goes on
/// let mut rest = &file[offset..];
/// while let [_, ..] = run.update(&mut rest)? {}
/// run.finish()?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct ResumableMediaEncryptor {
    encryptor: MediaEncryptor,
    planned: Planned,
}

impl ResumableMediaEncryptor {
    /// Starts a file of exactly `size` bytes of content under a new key. Padding and draws are those of
    /// [`MediaEncryptor::new`].
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`]. Nothing was drawn then.
    pub fn plan(form: FileForm, size: u64, rng: &mut dyn CryptoRng) -> Result<Plan<Self>, MediaError> {
        let run = Self { encryptor: MediaEncryptor::new(form, size, rng)?, planned: Planned::default() };
        Ok(Plan::new(run, PartSize::WINDOW, size, Self::note, Self::token))
    }

    /// Continues where `token` was sealed. The host must show all of the content, including that of later parts.
    /// Then it feeds the content from [`Resuming::offset`] on.
    ///
    /// # Errors
    /// [`MediaError::ResumeToken`] if the token is damaged, or belongs to another file, size, direction or host key
    /// (SPEC RES-5).
    pub fn resume(key: &MediaKey, size: u64, token: &[u8], host: &ResumeKey) -> Result<Resuming<Self>, MediaError> {
        let (encryptor, state) = MediaEncryptor::resumed(key, size, token, host)?;
        let offset = encryptor.progress().done;
        Ok(Resuming::encryption(Self { encryptor, planned: Planned::default() }, offset, &state, Self::note))
    }

    /// Returns the key of the file, for the message.
    #[must_use]
    pub const fn key(&self) -> &MediaKey {
        self.encryptor.key()
    }

    /// Returns how many bytes the encrypted file has.
    #[must_use]
    pub fn encrypted_len(&self) -> u64 {
        self.encryptor.encrypted_len()
    }

    /// Returns the offset in the encrypted file of the bytes that come out next.
    #[must_use]
    pub fn place(&self) -> u64 {
        self.encryptor.place()
    }

    /// Seals the position of the run, for [`ResumableMediaEncryptor::resume`]. Others learn from the
    /// [`RESUME_TOKEN_LEN`] bytes only that they are a token. The token covers what came out. Content that waits
    /// for its part must be fed again. An older token works too: bytes that were sent come out once more.
    pub fn token(&self, host: &ResumeKey, rng: &mut dyn CryptoRng) -> [u8; RESUME_TOKEN_LEN] {
        self.encryptor.state(self.planned.all()).seal(self.key().parts(), host, rng)
    }

    /// Takes bytes from the front of `chunk` and returns the next part of the encrypted file, like
    /// [`MediaEncryptor::update`].
    ///
    /// # Errors
    /// [`MediaError::TooLong`]: nothing has changed then, not even `chunk`. [`MediaError::ResumeMismatch`] if the
    /// content is not the planned one: nothing of it comes out, and each further call returns the same error.
    pub fn update(&mut self, chunk: &mut &[u8]) -> Result<&[u8], MediaError> {
        let Self { encryptor, planned } = self;
        encryptor.update_if(chunk, |number, content| planned.is_part(number, content))
    }

    /// Ends the file, like [`MediaEncryptor::finish`].
    ///
    /// # Errors
    /// [`MediaError::Truncated`].
    pub fn finish(self) -> Result<(), MediaError> {
        self.encryptor.finish()
    }

    /// Returns how many bytes of the content were taken, and the total.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.encryptor.progress()
    }

    fn note(&mut self, border: Border) {
        self.planned.note(border);
    }
}

/// A [`MediaDecryptor`] that can continue after an interruption. It continues after the content that came out
/// before, once the host has shown that content. Wiped on drop.
///
/// **A chain has no integrity check**: see the [module](crate::media).
///
/// ```
/// use secretchat::media::{self, FileForm, ResumableMediaDecryptor, ResumeKey};
/// # use secretchat::MediaError;
/// # fn example(form: FileForm, rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
/// let (file, host_key) = (vec![7; 300_000], ResumeKey::new([1; 32]));
/// let (key, encrypted) = media::seal(form, &file, rng)?;
/// let mut run = ResumableMediaDecryptor::new(&key, 300_000)?;
/// let (mut here, mut written) = (&encrypted[..100_000], Vec::new());
/// while let content @ [_, ..] = run.update(&mut here)? {
///     written.extend_from_slice(content);
/// }
/// let token = run.token(&host_key, rng);
/// drop(run); // the program ends
///
/// let mut resuming = ResumableMediaDecryptor::resume(&key, 300_000, &token, &host_key)?;
/// written.truncate(resuming.offset() as usize); // what was written behind the token comes again
/// resuming.check(&written)?;
/// let mut run = resuming.finish()?;
/// let mut rest = &encrypted[run.place() as usize..];
/// while let content @ [_, ..] = run.update(&mut rest)? {
///     written.extend_from_slice(content);
/// }
/// run.finish()?;
/// assert_eq!(written, file);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct ResumableMediaDecryptor {
    decryptor: MediaDecryptor,
    key: MediaKey,
    /// The border that was reached.
    done: Border,
}

impl ResumableMediaDecryptor {
    /// Starts with the key and the size from a message, like [`MediaDecryptor::new`].
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(key: &MediaKey, size: u64) -> Result<Self, MediaError> {
        Ok(Self { decryptor: MediaDecryptor::new(key, size)?, key: key.duplicate(), done: NOTHING })
    }

    /// Continues where `token` was sealed. The host must show the content that came out before. Then it feeds the
    /// encrypted file from [`ResumableMediaDecryptor::place`] on.
    ///
    /// # Errors
    /// Same as [`ResumableMediaEncryptor::resume`].
    pub fn resume(key: &MediaKey, size: u64, token: &[u8], host: &ResumeKey) -> Result<Resuming<Self>, MediaError> {
        let (decryptor, state) = MediaDecryptor::resumed(key, size, token, host)?;
        let offset = decryptor.progress().done;
        let run = Self { decryptor, key: key.duplicate(), done: state.digest };
        Ok(Resuming::decryption(run, offset, &state))
    }

    /// Returns the offset from which to feed the encrypted file to a run that has just started or continued.
    #[must_use]
    pub fn place(&self) -> u64 {
        self.decryptor.place()
    }

    /// Seals the position of the run, for [`ResumableMediaDecryptor::resume`]. The token covers the content that
    /// came out.
    pub fn token(&self, host: &ResumeKey, rng: &mut dyn CryptoRng) -> [u8; RESUME_TOKEN_LEN] {
        self.decryptor.state(self.done).seal(self.key.parts(), host, rng)
    }

    /// Takes bytes from the front of `chunk` and returns the next content, like [`MediaDecryptor::update`].
    ///
    /// # Errors
    /// Same as [`MediaDecryptor::update`].
    pub fn update(&mut self, chunk: &mut &[u8]) -> Result<&[u8], MediaError> {
        let content = self.decryptor.update(chunk)?;
        if !content.is_empty() {
            self.done = after_part(&self.done, content);
        }
        Ok(content)
    }

    /// Ends the file, like [`MediaDecryptor::finish`].
    ///
    /// # Errors
    /// Same as [`MediaDecryptor::finish`].
    pub fn finish(self) -> Result<(), MediaError> {
        self.decryptor.finish()
    }

    /// Returns how many bytes of the content came out, and the total.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.decryptor.progress()
    }
}

impl fmt::Debug for ResumableMediaEncryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { encryptor, planned: _ } = self;
        f.debug_struct("ResumableMediaEncryptor").field("encryptor", encryptor).finish_non_exhaustive()
    }
}

impl fmt::Debug for ResumableMediaDecryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { decryptor, key: _, done: _ } = self;
        f.debug_struct("ResumableMediaDecryptor").field("decryptor", decryptor).finish_non_exhaustive()
    }
}
