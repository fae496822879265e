//! One content for several chats, and a received file for another one: each sealed anew (SPEC SEG-1, RIGHT-1).

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;

use super::{FileForm, MediaDecryptor, MediaEncryptor, MediaKey};
use crate::media::progress::Progress;
use crate::types::error::MediaError;

/// Encrypts one content for several chats: it is read once, and each chat gets a file of its own, in its form and under
/// its own key. Wiped on drop.
///
/// A file is never shared between chats: whoever holds its key can make other content that opens under it (SPEC SEG-4).
/// It holds at most half a MiB for each chat.
///
/// ```
/// use secretchat::media::{FileForm, MediaCopies, open};
/// # use secretchat::MediaError;
/// # fn example(rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
/// let photo = b"a photo";
/// let forms = [FileForm::Segments, FileForm::Chain]; // `chat.file_form()` of each
/// let mut copies = MediaCopies::new(&forms, photo.len() as u64, rng)?;
/// let mut files = vec![Vec::new(); forms.len()];
/// copies.update(photo, |chat, part| {
///     files[chat].extend_from_slice(part);
///     Ok::<_, MediaError>(())
/// })?;
/// let keys = copies.finish()?; // each goes into the message of its chat
/// for (key, file) in keys.iter().zip(&files) {
///     assert_eq!(open(key, photo.len() as u64, file)?, photo);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct MediaCopies(Vec<MediaEncryptor>);

impl MediaCopies {
    /// Begins one file for each form, of exactly `size` bytes of content. The draws are those of
    /// [`MediaEncryptor::new`] for each, in their order.
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(forms: &[FileForm], size: u64, rng: &mut dyn CryptoRng) -> Result<Self, MediaError> {
        forms.iter().map(|form| MediaEncryptor::new(*form, size, rng)).collect::<Result<_, _>>().map(Self)
    }

    /// Returns the encryptors, in the order of the forms: their keys, lengths and progress.
    pub fn encryptors(&self) -> &[MediaEncryptor] {
        &self.0
    }

    /// Takes the next bytes of the content, and gives `out` what comes next of each file, with its number.
    ///
    /// # Errors
    /// [`MediaError::TooLong`], and what `out` returns. After an error of `out` the files are not whole: give them up.
    pub fn update<E: From<MediaError>>(
        &mut self,
        content: &[u8],
        mut out: impl FnMut(usize, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        for (number, encryptor) in self.0.iter_mut().enumerate() {
            let mut rest = content;
            while let part @ [_, ..] = encryptor.update(&mut rest)? {
                out(number, part)?;
            }
        }
        Ok(())
    }

    /// Ends the files and returns their keys, in the order of the forms.
    ///
    /// # Errors
    /// [`MediaError::Truncated`] if content is missing.
    pub fn finish(self) -> Result<Vec<MediaKey>, MediaError> {
        let finish = |encryptor: MediaEncryptor| {
            let key = encryptor.key().duplicate();
            encryptor.finish().map(|()| key)
        };
        self.0.into_iter().map(finish).collect()
    }

    /// Returns how many bytes of the content were taken for all files together, out of how many.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.0.iter().map(MediaEncryptor::progress).sum()
    }
}

/// Sends a received file on: opens it under the key that came, and seals its content anew for other chats, a few
/// segments at a time in memory. The content touches no disk, and neither the old key nor the stored bytes go on.
///
/// It takes a [`MediaKey`], which comes with messages whose content may be sent again (SPEC RIGHT-1); what has a timer
/// comes without. **A chain carries no integrity**: whoever sends it on sends what its carrier made of it, under an own
/// word. Only [`MediaReseal::finish`] says that the file was whole; what came out before is given up if it fails.
///
/// ```
/// use secretchat::media::{self, FileForm, MediaReseal};
/// # use secretchat::MediaError;
/// # fn example(rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
/// let (key, stored) = media::seal(FileForm::Segments, b"a photo", rng)?; // as it came
/// let mut reseal = MediaReseal::new(&key, 7, &[FileForm::Segments], rng)?;
/// let mut file = Vec::new();
/// reseal.update(&stored, |_, part| {
///     file.extend_from_slice(part);
///     Ok::<_, MediaError>(())
/// })?;
/// let keys = reseal.finish()?;
/// assert_eq!(media::open(&keys[0], 7, &file)?, b"a photo");
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct MediaReseal {
    from: MediaDecryptor,
    to: MediaCopies,
}

impl MediaReseal {
    /// Begins with the key and the size of the message that came, and the form of each chat that it goes to. The draws
    /// are those of [`MediaCopies::new`].
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(key: &MediaKey, size: u64, forms: &[FileForm], rng: &mut dyn CryptoRng) -> Result<Self, MediaError> {
        Ok(Self { from: MediaDecryptor::new(key, size)?, to: MediaCopies::new(forms, size, rng)? })
    }

    /// Takes the next bytes of the file that came, and gives `out` what comes next of each new file, with its number.
    ///
    /// # Errors
    /// As [`MediaDecryptor::update`], and what `out` returns: give the new files up then.
    pub fn update<E: From<MediaError>>(
        &mut self,
        encrypted: &[u8],
        mut out: impl FnMut(usize, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rest = encrypted;
        while let content @ [_, ..] = self.from.update(&mut rest)? {
            self.to.update(content, &mut out)?;
        }
        Ok(())
    }

    /// Ends all files and returns the new keys, in the order of the forms.
    ///
    /// # Errors
    /// As [`MediaDecryptor::finish`].
    pub fn finish(self) -> Result<Vec<MediaKey>, MediaError> {
        self.from.finish()?;
        self.to.finish()
    }

    /// Returns how many bytes of the content came out of the old file, out of how many.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.from.progress()
    }
}

impl fmt::Debug for MediaCopies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(encryptors) = self;
        f.debug_tuple("MediaCopies").field(encryptors).finish()
    }
}

impl fmt::Debug for MediaReseal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        f.debug_struct("MediaReseal").field("from", from).field("to", to).finish()
    }
}
