//! One content for several chats, and forwarding of a received file. Each copy is sealed again (SPEC SEG-1,
//! RIGHT-1).

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;

use super::{FileForm, MediaDecryptor, MediaEncryptor, MediaKey};
use crate::media::progress::Progress;
use crate::types::error::MediaError;

/// Encrypts one content for several chats. It is read once, and each chat gets its own file, in its form and under
/// its own key. Wiped on drop.
///
/// Never share a file between chats: anyone who holds its key can make other content that opens under it (SPEC
/// SEG-4). This type holds at most 512 KiB for each chat.
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
    /// Starts one file for each form, of exactly `size` bytes of content. The draws are those of
    /// [`MediaEncryptor::new`] for each, in order.
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

    /// Takes the next bytes of the content, and passes the next bytes of each file to `out`, with the file's
    /// number.
    ///
    /// # Errors
    /// [`MediaError::TooLong`], and what `out` returns. After an error of `out` the files are incomplete: give them
    /// up.
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

    /// Returns how many bytes of the content were taken for all files together, and the total.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.0.iter().map(MediaEncryptor::progress).sum()
    }
}

/// Forwards a received file: opens it under its key, and seals its content again for other chats, with a few
/// segments at a time in memory. The content touches no disk. Neither the old key nor the stored bytes are passed
/// on.
///
/// It takes a [`MediaKey`], which comes only with messages whose content may be forwarded (SPEC RIGHT-1). Messages
/// with a timer come without one. **A chain has no integrity check**: if you forward it, you send under your own
/// name what its carrier made of it. Only [`MediaReseal::finish`] confirms that the file was complete. If it fails,
/// give up what came out before.
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
    /// Starts with the key and the size of the received message, and the form of each target chat. The draws are
    /// those of [`MediaCopies::new`].
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(key: &MediaKey, size: u64, forms: &[FileForm], rng: &mut dyn CryptoRng) -> Result<Self, MediaError> {
        Ok(Self { from: MediaDecryptor::new(key, size)?, to: MediaCopies::new(forms, size, rng)? })
    }

    /// Takes the next bytes of the received file, and passes the next bytes of each new file to `out`, with the
    /// file's number.
    ///
    /// # Errors
    /// The errors of [`MediaDecryptor::update`], and what `out` returns. Give up the new files then.
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
    /// Same as [`MediaDecryptor::finish`].
    pub fn finish(self) -> Result<Vec<MediaKey>, MediaError> {
        self.from.finish()?;
        self.to.finish()
    }

    /// Returns how many bytes of the content came out of the old file, and the total.
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
