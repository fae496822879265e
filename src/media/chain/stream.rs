//! A file as one AES-256-IGE chain (SPEC MED-1, MED-2), in place and in any chunks. **No integrity check.**

use core::{fmt, slice};

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::key::ChainKey;
use crate::crypto::ige::{self, Block, Decryptor, Encryptor};
use crate::media::progress::Progress;
use crate::types::error::MediaError;

const BLOCK_LEN: usize = 16;

/// Returns the length of the ciphertext of `size` bytes: the next multiple of 16.
///
/// ```
/// # use secretchat::MediaError;
/// # use secretchat::media::encrypted_len;
/// assert_eq!(encrypted_len(1000), Ok(1008));
/// assert_eq!(encrypted_len(0), Err(MediaError::Empty));
/// ```
///
/// # Errors
/// [`MediaError::Empty`] for zero, [`MediaError::TooLarge`] if the result would overflow (SPEC MED-2).
pub const fn encrypted_len(size: u64) -> Result<u64, MediaError> {
    if size == 0 {
        return Err(MediaError::Empty);
    }
    match size.checked_next_multiple_of(BLOCK_LEN as u64) {
        Some(len) => Ok(len),
        None => Err(MediaError::TooLarge),
    }
}

/// Encrypts one file of a known size. Wiped on drop.
///
/// **A chain has no integrity check**: see the [module](crate::media). The ciphertext is the output of
/// [`ChainEncryptor::update`] followed by that of [`ChainEncryptor::finish`].
///
/// ```
/// use secretchat::media::{ChainDecryptor, ChainEncryptor, ChainKey};
/// # use secretchat::MediaError;
/// # fn example(rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
/// let file = b"a photo, as it comes from the camera in chunks of any length";
/// let key = ChainKey::random(rng);
///
/// let mut encryptor = ChainEncryptor::new(&key, file.len() as u64)?;
/// let mut ciphertext = Vec::new();
/// for chunk in file.chunks(23) {
///     let mut chunk = chunk.to_vec(); // the memory to work in
///     for part in encryptor.update(&mut chunk)?.parts() {
///         ciphertext.extend_from_slice(part);
///     }
/// }
/// ciphertext.extend_from_slice(encryptor.finish(rng)?.as_slice());
///
/// let mut decryptor = ChainDecryptor::new(&key, file.len() as u64)?;
/// assert_eq!(decryptor.update(&mut ciphertext)?.body, file);
/// decryptor.finish()?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct ChainEncryptor {
    cipher: Encryptor,
    blocks: Blocks,
    progress: Progress,
}

impl ChainEncryptor {
    /// Starts a file of exactly `size` bytes under a key that no other file has or will have.
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(key: &ChainKey, size: u64) -> Result<Self, MediaError> {
        encrypted_len(size)?;
        let (key, iv) = key.parts();
        let progress = Progress::new(0, size);
        Ok(Self { cipher: ige::swept(|| Encryptor::new(key, iv)), blocks: Blocks::new(), progress })
    }

    /// Encrypts the next bytes of the file in place. Up to 15 bytes stay here until their block is full.
    ///
    /// # Errors
    /// [`MediaError::TooLong`] if the file would exceed its size. Nothing has changed then, not even `chunk`.
    pub fn update<'a>(&'a mut self, chunk: &'a mut [u8]) -> Result<ChainOutput<'a>, MediaError> {
        self.progress = self.progress.after(chunk)?;
        let Self { cipher, blocks, .. } = self;
        Ok(ige::swept(|| blocks.update(chunk, |whole| cipher.encrypt(whole))))
    }

    /// Ends the file. Returns the last block, padded from `rng`, if the size is not a multiple of 16.
    ///
    /// # Errors
    /// [`MediaError::Truncated`] if bytes of the file are missing.
    pub fn finish(mut self, rng: &mut dyn CryptoRng) -> Result<LastBlock, MediaError> {
        if self.progress.left() > 0 {
            return Err(MediaError::Truncated);
        }
        let Some(mut block) = self.blocks.pad(rng) else {
            return Ok(LastBlock(None));
        };
        ige::swept(|| self.cipher.encrypt(slice::from_mut(&mut block)));
        Ok(LastBlock(Some(*block)))
    }

    /// Returns how many bytes of the content were taken, and the total.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        self.progress
    }
}

impl fmt::Debug for ChainEncryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cipher: _, blocks: _, progress } = self;
        f.debug_struct("ChainEncryptor").field("progress", progress).finish_non_exhaustive()
    }
}

/// Decrypts one file of a known size. Wiped on drop.
///
/// **A chain has no integrity check**: the carrier of the file decides what comes out. See the
/// [module](crate::media). Only [`ChainDecryptor::finish`] confirms that nothing is missing.
#[must_use]
pub struct ChainDecryptor {
    cipher: Decryptor,
    blocks: Blocks,
    /// The progress in bytes of ciphertext.
    taken: Progress,
    /// The progress in bytes of plaintext.
    progress: Progress,
}

impl ChainDecryptor {
    /// Starts a file of exactly `size` bytes of plaintext, the size in the message.
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn new(key: &ChainKey, size: u64) -> Result<Self, MediaError> {
        let (taken, progress) = (Progress::new(0, encrypted_len(size)?), Progress::new(0, size));
        let (key, iv) = key.parts();
        Ok(Self { cipher: ige::swept(|| Decryptor::new(key, iv)), blocks: Blocks::new(), taken, progress })
    }

    /// Decrypts the next bytes of the ciphertext in place. Up to 15 bytes stay here until their block is full. The
    /// padding is cut off.
    ///
    /// # Errors
    /// [`MediaError::TooLong`] beyond [`encrypted_len`] of the size. Nothing has changed then, not even `chunk`.
    pub fn update<'a>(&'a mut self, chunk: &'a mut [u8]) -> Result<ChainOutput<'a>, MediaError> {
        self.taken = self.taken.after(chunk)?;
        let Self { cipher, blocks, .. } = self;
        let mut output = ige::swept(|| blocks.update(chunk, |whole| cipher.decrypt(whole)));
        output.cut(self.progress.left());
        self.progress.done += output.len() as u64;
        Ok(output)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`MediaError::Truncated`] if ciphertext is missing. What came out is then not the whole file.
    pub fn finish(self) -> Result<(), MediaError> {
        if self.taken.left() > 0 { Err(MediaError::Truncated) } else { Ok(()) }
    }

    /// Returns how many bytes of the content came out, and the total.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    /// Returns how many bytes of the ciphertext were taken, and the total.
    #[cfg(feature = "std")]
    pub(super) const fn taken(&self) -> Progress {
        self.taken
    }
}

impl fmt::Debug for ChainDecryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cipher: _, blocks: _, taken: _, progress } = self;
        f.debug_struct("ChainDecryptor").field("progress", progress).finish_non_exhaustive()
    }
}

/// The output for one chunk: `head`, then `body`.
#[non_exhaustive]
pub struct ChainOutput<'a> {
    /// The block that the start of the chunk completed. Empty if no earlier bytes waited or if they still wait.
    pub head: &'a [u8],
    /// The part of the chunk that was processed in place. The bytes after it in the chunk wait for their block.
    pub body: &'a mut [u8],
}

impl ChainOutput<'_> {
    /// Returns `head` and `body`, in the order of the file.
    #[must_use]
    pub const fn parts(&self) -> [&[u8]; 2] {
        [self.head, self.body]
    }

    /// Returns the total length.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.head.len() + self.body.len()
    }

    /// Returns whether nothing came out.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Cuts to `len` bytes.
    fn cut(&mut self, len: u64) {
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        self.head = self.head.get(..len).unwrap_or(self.head);
        let _padding = self.body.split_off_mut(len - self.head.len()..);
    }
}

impl fmt::Debug for ChainOutput<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { head, body } = self;
        f.debug_struct("ChainOutput").field("head", &head.len()).field("body", &body.len()).finish()
    }
}

/// The end of a ciphertext: one block, or nothing if the size is a multiple of 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastBlock(Option<Block>);

impl LastBlock {
    /// Returns the 0 or 16 bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |block| block)
    }
}

/// Cuts a stream of chunks into whole blocks.
struct Blocks {
    /// The start of a block, of `waiting_len` < 16 bytes.
    waiting: Zeroizing<Block>,
    waiting_len: usize,
    /// The last block that was put together here.
    head: Zeroizing<Block>,
}

impl Blocks {
    fn new() -> Self {
        Self { waiting: Zeroizing::default(), waiting_len: 0, head: Zeroizing::default() }
    }

    fn update<'a>(&'a mut self, mut chunk: &'a mut [u8], mut process: impl FnMut(&mut [Block])) -> ChainOutput<'a> {
        let mut head_len = 0;
        if self.waiting_len > 0 {
            let Some(start) = chunk.split_off_mut(..BLOCK_LEN - self.waiting_len) else {
                self.wait(chunk);
                return ChainOutput { head: &[], body: &mut [] };
            };
            self.wait(start);
            *self.head = *self.waiting;
            self.waiting_len = 0;
            process(slice::from_mut(&mut self.head));
            head_len = BLOCK_LEN;
        }
        let (blocks, rest) = chunk.as_chunks_mut();
        process(blocks);
        self.wait(rest);
        ChainOutput { head: self.head.get(..head_len).unwrap_or_default(), body: blocks.as_flattened_mut() }
    }

    /// Adds what fits into a block.
    fn wait(&mut self, bytes: &[u8]) {
        for (to, from) in self.waiting.iter_mut().skip(self.waiting_len).zip(bytes) {
            *to = *from;
        }
        self.waiting_len += bytes.len();
    }

    /// Fills the block that waits, if one does.
    fn pad(&mut self, rng: &mut dyn CryptoRng) -> Option<Zeroizing<Block>> {
        if self.waiting_len == 0 {
            return None;
        }
        let mut block = self.waiting.clone();
        rng.fill_bytes(block.get_mut(self.waiting_len..)?);
        Some(block)
    }
}
