//! Encrypting a file in the form of the chat's profile.

use core::fmt;

use rand_core::CryptoRng;

use super::window::ChainIn;
use super::{FileForm, MediaKey};
use crate::media::chain::{ChainKey, PartEncryptor, encrypted_len};
use crate::media::progress::Progress;
use crate::media::resume::{Border, ResumeKey, RunKind, State};
use crate::media::segments::{Padding, SegmentEncryptor};
use crate::types::error::MediaError;

/// Encrypts one new file of a known size, in either form and under a new key, fed in chunks of any length. Wiped on
/// drop.
///
/// The encrypted file is the concatenated output of [`MediaEncryptor::update`]. At most 512 KiB of the file are
/// held: one part of a chain, or eight segments.
///
/// ```
/// use secretchat::media::{FileForm, MediaEncryptor};
/// # use secretchat::MediaError;
/// # fn example(form: FileForm, rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
/// let photo = b"a photo, as it comes from the camera in chunks of any length";
/// // `form` is `chat.file_form()`.
/// let mut encryptor = MediaEncryptor::new(form, photo.len() as u64, rng)?;
/// let key = encryptor.key().duplicate(); // goes into the message, with the size
///
/// let mut encrypted = Vec::new();
/// for mut chunk in photo.chunks(23) {
///     while let part @ [_, ..] = encryptor.update(&mut chunk)? {
///         encrypted.extend_from_slice(part);
///     }
/// }
/// encryptor.finish()?;
///
/// let mut decryptor = key.decryptor(photo.len() as u64)?;
/// let (mut rest, mut content) = (&encrypted[..], Vec::new());
/// while let part @ [_, ..] = decryptor.update(&mut rest)? {
///     content.extend_from_slice(part);
/// }
/// decryptor.finish()?;
/// assert_eq!(content, photo);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct MediaEncryptor {
    key: MediaKey,
    inner: Inner,
}

#[expect(clippy::large_enum_variant, reason = "there is one for each open file, not many in a row")]
enum Inner {
    Chain(ChainIn),
    Segments(SegmentEncryptor),
}

impl MediaEncryptor {
    /// Starts a file of exactly `size` bytes of content. Segments get the default [`Padding`] and
    /// [`SegmentSize`](crate::media::SegmentSize). For others use [`SegmentEncryptor`].
    ///
    /// The draws are those of [`ChainKey::random`] and then of
    /// [`PartEncryptor::new`](crate::media::PartEncryptor::new), or those of
    /// [`SegmentSealer::new`](crate::media::SegmentSealer::new).
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`]. Nothing was drawn then.
    pub fn new(form: FileForm, size: u64, rng: &mut dyn CryptoRng) -> Result<Self, MediaError> {
        match form {
            FileForm::Chain => {
                encrypted_len(size)?;
                let key = ChainKey::random(rng);
                let chain = ChainIn::new(&key, size, rng)?;
                Ok(Self { key: key.into(), inner: Inner::Chain(chain) })
            }
            FileForm::Segments => {
                let segments = SegmentEncryptor::new(size, Padding::default(), rng)?;
                Ok(Self { key: segments.key().duplicate().into(), inner: Inner::Segments(segments) })
            }
        }
    }

    /// Returns the key of the file, for the message.
    #[must_use]
    pub const fn key(&self) -> &MediaKey {
        &self.key
    }

    /// Returns how many bytes the encrypted file has.
    #[must_use]
    pub fn encrypted_len(&self) -> u64 {
        match &self.inner {
            // The size was checked when the file began.
            Inner::Chain(chain) => encrypted_len(chain.progress().total).unwrap_or(u64::MAX),
            Inner::Segments(segments) => segments.layout().encrypted_len(),
        }
    }

    /// Takes bytes from the front of `chunk` and returns the next part of the encrypted file. Call it until nothing
    /// comes out: then all of `chunk` was taken, and what is not returned yet waits for more content.
    ///
    /// # Errors
    /// [`MediaError::TooLong`] if the content would exceed its size. Nothing has changed then, not even `chunk`.
    pub fn update(&mut self, chunk: &mut &[u8]) -> Result<&[u8], MediaError> {
        self.update_if(chunk, |_, _| true)
    }

    /// Ends the file, and the encryptor with it: a key encrypts one file (SPEC MED-1, SEG-1).
    ///
    /// ```
    /// # use secretchat::{MediaError, media::{FileForm, MediaEncryptor}};
    /// # fn example(form: FileForm, rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
    /// let mut encryptor = MediaEncryptor::new(form, 7, rng)?;
    /// encryptor.update(&mut &b"a photo"[..])?;
    /// encryptor.finish()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The same with one line more does not compile:
    ///
    /// ```compile_fail,E0382
    /// # use secretchat::{MediaError, media::{FileForm, MediaEncryptor}};
    /// # fn at_53_an_ended_encryptor_is_gone(form: FileForm, rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
    /// let mut encryptor = MediaEncryptor::new(form, 7, rng)?;
    /// encryptor.update(&mut &b"a photo"[..])?;
    /// encryptor.finish()?;
    /// encryptor.update(&mut &b"another"[..])?; // borrow of moved value
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`MediaError::Truncated`] if bytes of the content are missing, or parts of the encrypted file were not returned.
    pub fn finish(self) -> Result<(), MediaError> {
        match self.inner {
            Inner::Chain(chain) => chain.finish(),
            Inner::Segments(segments) => segments.finish(),
        }
    }

    /// Returns how many bytes of the content were taken, and the total.
    #[must_use]
    pub fn progress(&self) -> Progress {
        match &self.inner {
            Inner::Chain(chain) => chain.progress(),
            Inner::Segments(segments) => segments.progress(),
        }
    }
}

impl MediaEncryptor {
    /// Does the same as [`MediaEncryptor::update`], but encrypts only the content planned for the part with that
    /// number.
    pub(super) fn update_if(
        &mut self,
        chunk: &mut &[u8],
        is_planned: impl Fn(u64, &[u8]) -> bool,
    ) -> Result<&[u8], MediaError> {
        match &mut self.inner {
            Inner::Chain(chain) => chain.update_if(chunk, is_planned),
            Inner::Segments(segments) => segments.update_if(chunk, is_planned),
        }
    }

    /// Returns the position, and the border of all content that it encrypts.
    pub(super) fn state(&self, planned: Border) -> State {
        match &self.inner {
            Inner::Chain(chain) => chain.parts().state(planned),
            Inner::Segments(segments) => segments.state(planned),
        }
    }

    /// Opens a token of the file with that key, and continues where it was sealed.
    pub(super) fn resumed(
        key: &MediaKey,
        size: u64,
        token: &[u8],
        host: &ResumeKey,
    ) -> Result<(Self, State), MediaError> {
        let open = |kind| State::open(token, key.parts(), size, host, kind);
        let (inner, state) = match key {
            MediaKey::Chain(key) => {
                let state = open(RunKind::EncryptChain)?;
                (Inner::Chain(ChainIn::over(PartEncryptor::resumed(key, &state)?)), state)
            }
            MediaKey::Segments(key) => {
                let state = open(RunKind::SealSegments)?;
                (Inner::Segments(SegmentEncryptor::resumed(key, &state)?), state)
            }
        };
        Ok((Self { key: key.duplicate(), inner }, state))
    }

    /// Returns the offset in the encrypted file of the bytes that come out next.
    pub(super) fn place(&self) -> u64 {
        match &self.inner {
            Inner::Chain(chain) => chain.place(),
            Inner::Segments(segments) => segments.place(),
        }
    }
}

impl fmt::Debug for MediaEncryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, inner: _ } = self;
        let mut shown = f.debug_struct("MediaEncryptor");
        shown.field("form", &key.form()).field("progress", &self.progress()).finish_non_exhaustive()
    }
}
