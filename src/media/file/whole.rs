//! Small files, in memory as a whole.

use alloc::vec::Vec;
use core::mem;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{FileForm, MediaDecryptor, MediaEncryptor, MediaKey};
use crate::types::error::MediaError;
use crate::types::secret::swept;

/// Encrypts a whole file under a new key, and returns both. For photos and other files that fit into memory.
///
/// It needs memory for the result, which is at most an eighth longer than `content` plus some bytes, and for a
/// [`MediaEncryptor`], at most 512 KiB.
///
/// ```
/// use secretchat::media::{self, FileForm};
/// # use secretchat::MediaError;
/// # fn example(form: FileForm, rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
/// let photo = b"a photo";
/// let (key, encrypted) = media::seal(form, photo, rng)?; // `form` is `chat.file_form()`
/// // .. `encrypted` is carried, the key and the size go into the message ..
/// assert_eq!(media::open(&key, photo.len() as u64, &encrypted)?, photo);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`MediaError::Empty`], [`MediaError::TooLarge`].
pub fn seal(form: FileForm, content: &[u8], rng: &mut dyn CryptoRng) -> Result<(MediaKey, Vec<u8>), MediaError> {
    swept(|| {
        let mut encryptor = MediaEncryptor::new(form, content.len() as u64, rng)?;
        let mut encrypted = Vec::with_capacity(usize::try_from(encryptor.encrypted_len()).unwrap_or_default());
        let mut rest = content;
        while let part @ [_, ..] = encryptor.update(&mut rest)? {
            encrypted.extend_from_slice(part);
        }
        let key = encryptor.key().duplicate();
        encryptor.finish()?;
        Ok((key, encrypted))
    })
}

/// Decrypts a whole file with the key and the size from a message. The caller must wipe the content.
///
/// It needs memory for the result, which is never longer than `encrypted` whatever the message says, and for a
/// [`MediaDecryptor`], at most 512 KiB. **A chain has no integrity check**: a changed one decrypts to garbled
/// content. See the [module](crate::media). [`seal`] has an example.
///
/// A stored chain can be longer than its file, because some senders fill the last part. Give only its first
/// [`encrypted_len`](crate::media::encrypted_len) bytes (SPEC MED-3).
///
/// # Errors
/// The errors of [`MediaDecryptor`]: [`MediaError::Empty`], [`MediaError::TooLarge`], [`MediaError::Truncated`],
/// [`MediaError::TooLong`]; for segments also [`MediaError::Header`], [`MediaError::NotThisFile`],
/// [`MediaError::NotAuthentic`] and [`MediaError::Padding`]. No content comes out then.
pub fn open(key: &MediaKey, size: u64, encrypted: &[u8]) -> Result<Vec<u8>, MediaError> {
    swept(|| {
        let mut decryptor = MediaDecryptor::new(key, size)?;
        // The peer states the size.
        let capacity = usize::try_from(size).unwrap_or(usize::MAX).min(encrypted.len());
        let mut content = Zeroizing::new(Vec::with_capacity(capacity));
        let mut rest = encrypted;
        while let part @ [_, ..] = decryptor.update(&mut rest)? {
            content.extend_from_slice(part);
        }
        decryptor.finish()?;
        Ok(mem::take(&mut *content))
    })
}
