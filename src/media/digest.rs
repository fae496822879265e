//! The digest of a whole content, for users to compare.

use core::fmt;

use sha2::{Digest, Sha256};

/// The SHA-256 of the content of a file, computed next to [`ChainEncryptor`](super::ChainEncryptor) and
/// [`ChainDecryptor`](super::ChainDecryptor), or anything else that reads or writes it. Wiped on drop.
///
/// A chain has no integrity check, and no field of Telegram's messages has room for a digest. If both ends are
/// programs that use this type, they may compare: the sender shows the digest, or sends it in a message of its own,
/// which the chat protects and official apps show as a text.
///
/// This has limits. The file does not carry the digest, so nothing is compared automatically. The content comes out
/// before the digest is known, so a decoder that was fed meanwhile has already processed what the carrier made of
/// it. A digest that arrives the same way as the file, and not through the chat, proves nothing. Segments need no
/// digest.
///
/// ```
/// use secretchat::media::{ChainDecryptor, ChainKey, ContentDigest};
/// # use secretchat::MediaError;
/// # fn example(key: &ChainKey, ciphertext: &mut [u8], sent: [u8; 32]) -> Result<(), MediaError> {
/// let (mut decryptor, mut digest) = (ChainDecryptor::new(key, 1000)?, ContentDigest::new());
/// for chunk in ciphertext.chunks_mut(4096) {
///     for content in decryptor.update(chunk)?.parts() {
///         digest.take(content);
///         // .. it is written ..
///     }
/// }
/// decryptor.finish()?;
/// let is_what_was_sent = digest.finish() == sent;
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
#[must_use]
pub struct ContentDigest(Sha256);

impl ContentDigest {
    /// Starts a new content.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the content, in chunks of any length: before they are encrypted, or after they are
    /// decrypted.
    pub fn take(&mut self, content: &[u8]) {
        self.0.update(content);
    }

    /// Returns the digest of everything that was taken: 32 bytes, the same at both ends.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

impl fmt::Debug for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(_) = self;
        f.write_str("ContentDigest(..)")
    }
}
