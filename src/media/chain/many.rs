//! The files of an album at once (SPEC RES-3): several chains keep a core busy that one leaves mostly idle.

use super::part::{Chain, PartDecryptor, PartEncryptor};
use crate::crypto::ige::{self, Job};
use crate::types::error::MediaError;

/// The most files at once: as many as an album has.
pub const MAX_FILES: usize = 10;

/// Encrypts the next part of each of up to [`MAX_FILES`] files in place. The result is the same as with
/// [`PartEncryptor::encrypt`], one file after the other.
///
/// The parts are all the memory that is needed, so files of any size can pass through them. Leave a file that is
/// complete out of the next call. Parts whose addresses differ by multiples of 4 KiB slow each other down: put a
/// few bytes between them.
///
/// ```
/// use secretchat::media::{ChainKey, PartEncryptor, PartSize, encrypt_many};
/// # use secretchat::MediaError;
/// # fn example(rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
/// let (first, second) = (ChainKey::random(rng), ChainKey::random(rng));
/// let mut first = PartEncryptor::new(&first, 5, PartSize::MAX, rng)?;
/// let mut second = PartEncryptor::new(&second, 20, PartSize::MAX, rng)?;
/// let (mut one, mut other) = (*b"hello...........", [7; 32]);
/// encrypt_many(&mut [(&mut first, &mut one), (&mut second, &mut other)])?;
/// # Ok(())
/// # }
/// ```
/// # Errors
/// [`MediaError::TooManyFiles`]; [`MediaError::PartLength`] if a part does not have the length of its file's next
/// part. Nothing has changed then, in any file.
pub fn encrypt_many(files: &mut [(&mut PartEncryptor, &mut [u8])]) -> Result<(), MediaError> {
    fit(files.iter().map(|(file, part)| (&file.chain, &**part)))?;
    for (file, part) in &mut *files {
        let next = file.chain.fits(part)?;
        file.pad(&next, part);
    }
    run(files.iter_mut().map(|(file, part)| (&mut file.chain, &mut **part)), ige::encrypt_many);
    Ok(())
}

/// Decrypts the next part of each of up to [`MAX_FILES`] files in place. The result is the same as with
/// [`PartDecryptor::decrypt`], one file after the other. **There is no integrity check**: see the
/// [module](crate::media). Memory and parts work as with [`encrypt_many`]. The content of a last part ends at
/// [`Part::content_len`](super::Part::content_len), which [`PartDecryptor::next_part`] returns before the call.
///
/// # Errors
/// Same as [`encrypt_many`].
pub fn decrypt_many(files: &mut [(&mut PartDecryptor, &mut [u8])]) -> Result<(), MediaError> {
    fit(files.iter().map(|(file, part)| (&file.chain, &**part)))?;
    run(files.iter_mut().map(|(file, part)| (&mut file.chain, &mut **part)), ige::decrypt_many);
    Ok(())
}

fn fit<'a>(mut files: impl ExactSizeIterator<Item = (&'a Chain, &'a [u8])>) -> Result<(), MediaError> {
    if files.len() > MAX_FILES {
        return Err(MediaError::TooManyFiles);
    }
    files.try_for_each(|(chain, part)| chain.fits(part).map(|_| ()))
}

fn run<'a>(files: impl ExactSizeIterator<Item = (&'a mut Chain, &'a mut [u8])>, process: impl FnOnce(&mut [Job<'_>])) {
    let len = files.len();
    // Jobs without blocks fill the places without a file.
    let mut unused = [[0; 32]; MAX_FILES];
    let mut jobs = unused.each_mut().map(|iv| Job { key: &[0; 32], iv, blocks: &mut [] });
    for (job, (chain, part)) in jobs.iter_mut().zip(files) {
        chain.next += 1;
        *job = chain.job(part);
    }
    ige::swept(|| process(jobs.get_mut(..len).unwrap_or_default()));
}
