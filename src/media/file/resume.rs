//! Files of either form that go on after an interruption (SPEC RES-4 to RES-6, SEG-11).

use core::fmt;

use rand_core::CryptoRng;

use super::{FileForm, MediaDecryptor, MediaEncryptor, MediaKey};
use crate::media::chain::PartSize;
use crate::media::progress::Progress;
use crate::media::resume::{Border, NOTHING, Plan, Planned, RESUME_TOKEN_LEN, ResumeKey, Resuming, after_part};
use crate::types::error::MediaError;

/// A [`MediaEncryptor`] that can go on after an interruption, with the very bytes that would have come then. Wiped on
/// drop.
///
/// One key encrypts one content. The content is therefore read twice: a [`Plan`] takes all of it once and returns the
/// run and its first token; then the run takes each part only if it is the planned one. Whatever token it goes on from,
/// and whatever became of the file meanwhile: no place of the file is ever encrypted with two contents (SPEC RES-6).
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
    /// Begins a file of exactly `size` bytes of content under a new key. Padding and draws are those of
    /// [`MediaEncryptor::new`].
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`]: nothing was drawn then.
    pub fn plan(form: FileForm, size: u64, rng: &mut dyn CryptoRng) -> Result<Plan<Self>, MediaError> {
        let run = Self { encryptor: MediaEncryptor::new(form, size, rng)?, planned: Planned::default() };
        Ok(Plan::new(run, PartSize::WINDOW, size, Self::note, Self::token))
    }

    /// Goes on where `token` was sealed. The host shows all of the content, that of parts to come included; then it
    /// feeds the content from [`Resuming::offset`] on.
    ///
    /// # Errors
    /// [`MediaError::ResumeToken`] if the token is not of this file, size, direction and host key, or damaged (SPEC
    /// RES-5).
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

    /// Returns where in the encrypted file the bytes belong that come out next.
    #[must_use]
    pub fn place(&self) -> u64 {
        self.encryptor.place()
    }

    /// Seals where the run is, for [`ResumableMediaEncryptor::resume`]: [`RESUME_TOKEN_LEN`] bytes that tell others
    /// only that they are a token. It stands for what came out; content that waits for its part is fed again. An older
    /// token serves as well: bytes that have left come out once more.
    pub fn token(&self, host: &ResumeKey, rng: &mut dyn CryptoRng) -> [u8; RESUME_TOKEN_LEN] {
        self.encryptor.state(self.planned.all()).seal(self.key().parts(), host, rng)
    }

    /// Takes bytes from the front of `chunk` and returns the next part of the encrypted file, as
    /// [`MediaEncryptor::update`].
    ///
    /// # Errors
    /// [`MediaError::TooLong`]: nothing has changed then, `chunk` neither. [`MediaError::ResumeMismatch`] if the content
    /// is not the planned one: nothing of it comes out, and each further call returns the same error.
    pub fn update(&mut self, chunk: &mut &[u8]) -> Result<&[u8], MediaError> {
        let Self { encryptor, planned } = self;
        encryptor.update_if(chunk, |number, content| planned.is_part(number, content))
    }

    /// Ends the file, as [`MediaEncryptor::finish`].
    ///
    /// # Errors
    /// [`MediaError::Truncated`].
    pub fn finish(self) -> Result<(), MediaError> {
        self.encryptor.finish()
    }

    /// Returns how many bytes of the content were taken, out of how many.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.encryptor.progress()
    }

    fn note(&mut self, border: Border) {
        self.planned.note(border);
    }
}

/// A [`MediaDecryptor`] that can go on after an interruption, behind the content that came out before, once the host has
/// shown that content. Wiped on drop.
///
/// **A chain carries no integrity of its own**; see the [module](crate::media).
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
    /// The border that is reached.
    done: Border,
}

impl ResumableMediaDecryptor {
    /// Begins with the key and the size of a message, as [`MediaDecryptor::new`].
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(key: &MediaKey, size: u64) -> Result<Self, MediaError> {
        Ok(Self { decryptor: MediaDecryptor::new(key, size)?, key: key.duplicate(), done: NOTHING })
    }

    /// Goes on where `token` was sealed. The host shows the content that came out before; then it feeds the encrypted
    /// file from [`ResumableMediaDecryptor::place`] on.
    ///
    /// # Errors
    /// As [`ResumableMediaEncryptor::resume`].
    pub fn resume(key: &MediaKey, size: u64, token: &[u8], host: &ResumeKey) -> Result<Resuming<Self>, MediaError> {
        let (decryptor, state) = MediaDecryptor::resumed(key, size, token, host)?;
        let offset = decryptor.progress().done;
        let run = Self { decryptor, key: key.duplicate(), done: state.digest };
        Ok(Resuming::decryption(run, offset, &state))
    }

    /// Returns from where on a run that has just begun or goes on is fed the encrypted file.
    #[must_use]
    pub fn place(&self) -> u64 {
        self.decryptor.place()
    }

    /// Seals where the run is, for [`ResumableMediaDecryptor::resume`]. It stands for the content that came out.
    pub fn token(&self, host: &ResumeKey, rng: &mut dyn CryptoRng) -> [u8; RESUME_TOKEN_LEN] {
        self.decryptor.state(self.done).seal(self.key.parts(), host, rng)
    }

    /// Takes bytes from the front of `chunk` and returns the next content, as [`MediaDecryptor::update`].
    ///
    /// # Errors
    /// As [`MediaDecryptor::update`].
    pub fn update(&mut self, chunk: &mut &[u8]) -> Result<&[u8], MediaError> {
        let content = self.decryptor.update(chunk)?;
        if !content.is_empty() {
            self.done = after_part(&self.done, content);
        }
        Ok(content)
    }

    /// Ends the file, as [`MediaDecryptor::finish`].
    ///
    /// # Errors
    /// As [`MediaDecryptor::finish`].
    pub fn finish(self) -> Result<(), MediaError> {
        self.decryptor.finish()
    }

    /// Returns how many bytes of the content came out, out of how many.
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
