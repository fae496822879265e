//! Decrypting a file in the form of its key.

use core::fmt;

use super::window::ChainOut;
use super::{FileForm, MediaKey};
use crate::media::chain::PartDecryptor;
use crate::media::progress::Progress;
use crate::media::resume::{Border, ResumeKey, RunKind, State};
use crate::media::segments::SegmentDecryptor;
use crate::types::error::MediaError;

/// Decrypts one file of either form, fed in chunks of any length. Wiped on drop.
///
/// **A chain has no integrity check**: the carrier of the file decides what comes out. See the
/// [module](crate::media). Content of a file in segments comes out verified, or not at all. Only
/// [`MediaDecryptor::finish`] confirms that nothing is missing. [`MediaEncryptor`](crate::media::MediaEncryptor)
/// has an example.
///
/// ```
/// use getrandom::SysRng;
/// use secretchat::media::{self, FileForm, MediaDecryptor};
/// use secretchat::rand_core::UnwrapErr;
///
/// let (key, sealed) = media::seal(FileForm::Segments, &[7; 100_000], &mut UnwrapErr(SysRng))?;
/// // The key and the size come with the message.
/// let (mut decryptor, mut content) = (MediaDecryptor::new(&key, 100_000)?, Vec::new());
/// for mut chunk in sealed.chunks(1500) {
///     while let part @ [_, ..] = decryptor.update(&mut chunk)? {
///         content.extend_from_slice(part);
///     }
/// }
/// decryptor.finish()?; // only this says that nothing is missing
/// assert_eq!(content, [7; 100_000]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub struct MediaDecryptor(Inner);

enum Inner {
    Chain(ChainOut),
    Segments(SegmentDecryptor),
}

impl MediaKey {
    /// Returns a decryptor of the file with `size` bytes of content.
    ///
    /// # Errors
    /// Same as [`MediaDecryptor::new`].
    pub fn decryptor(&self, size: u64) -> Result<MediaDecryptor, MediaError> {
        MediaDecryptor::new(self, size)
    }
}

impl MediaDecryptor {
    /// Starts with the key and the size from a message. It holds at most 512 KiB of the file.
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(key: &MediaKey, size: u64) -> Result<Self, MediaError> {
        Ok(Self(match key {
            MediaKey::Chain(key) => Inner::Chain(ChainOut::new(key, size)?),
            MediaKey::Segments(key) => Inner::Segments(SegmentDecryptor::new(key, size)?),
        }))
    }

    /// Takes bytes from the front of `chunk` and returns the next content. Call it until nothing comes out: then
    /// all of `chunk` was taken, and what is not returned yet waits for more of the file.
    ///
    /// # Errors
    /// [`MediaError::TooLong`] if bytes come after the end of the file. Each further call returns the same error. A
    /// file in segments also has the errors of [`SegmentDecryptor::update`].
    pub fn update(&mut self, chunk: &mut &[u8]) -> Result<&[u8], MediaError> {
        match &mut self.0 {
            Inner::Chain(chain) => chain.update(chunk),
            Inner::Segments(segments) => segments.update(chunk),
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// The error of the last [`MediaDecryptor::update`]; [`MediaError::Truncated`] if bytes are missing or content
    /// was not returned. What came out is then not the whole file.
    pub fn finish(self) -> Result<(), MediaError> {
        match self.0 {
            Inner::Chain(chain) => chain.finish(),
            Inner::Segments(segments) => segments.finish(),
        }
    }

    /// Returns how many bytes of the content came out, and the total.
    #[must_use]
    pub fn progress(&self) -> Progress {
        match &self.0 {
            Inner::Chain(chain) => chain.progress(),
            Inner::Segments(segments) => segments.progress(),
        }
    }
}

impl MediaDecryptor {
    /// Returns which parts came out, and the border of their content.
    pub(super) fn state(&self, done: Border) -> State {
        match &self.0 {
            Inner::Chain(chain) => chain.parts().state(done),
            Inner::Segments(segments) => segments.state(done),
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
                let state = open(RunKind::DecryptChain)?;
                (Inner::Chain(ChainOut::over(PartDecryptor::resumed(key, &state)?)), state)
            }
            MediaKey::Segments(key) => {
                let state = open(RunKind::OpenSegments)?;
                (Inner::Segments(SegmentDecryptor::resumed(key, &state)?), state)
            }
        };
        Ok((Self(inner), state))
    }

    /// Returns the offset in the encrypted file of the part that comes out next.
    pub(super) fn place(&self) -> u64 {
        match &self.0 {
            Inner::Chain(chain) => chain.place(),
            Inner::Segments(segments) => segments.place(),
        }
    }
}

impl fmt::Debug for MediaDecryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match &self.0 {
            Inner::Chain(_) => FileForm::Chain,
            Inner::Segments(_) => FileForm::Segments,
        };
        let mut shown = f.debug_struct("MediaDecryptor");
        shown.field("form", &form).field("progress", &self.progress()).finish_non_exhaustive()
    }
}
