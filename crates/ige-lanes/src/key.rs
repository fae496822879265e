//! Expanded keys, each for one direction.

use core::fmt;

use cipher::InOutBuf;
use zeroize::ZeroizeOnDrop;

use crate::backend::Backend;
use crate::direction::{Decrypt, Encrypt};
use crate::error::LengthMismatch;
use crate::portable::{Cipher, Portable};
use crate::{Block, Iv};

/// An expanded key that encrypts.
pub type EncryptionKey = Key<Encrypt>;
/// An expanded key that decrypts.
pub type DecryptionKey = Key<Decrypt>;

/// An expanded AES-256 key for one direction. Its round keys are wiped on drop.
///
/// One key serves any number of streams: the state of a stream is its [`Iv`].
pub struct Key<D: Direction>(pub(crate) Path<D>);

#[expect(clippy::large_enum_variant, reason = "no heap, and the large one is the usual one")]
pub(crate) enum Path<D: Direction> {
    #[cfg(target_arch = "x86_64")]
    X86(crate::x86::Key<D>),
    Portable(D::Cipher),
}

impl<D: Direction> Key<D> {
    /// Expands a key for the fastest path that this processor has.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(aes_ni) = crate::x86::AesNi::detect() {
            return Self(Path::X86(crate::x86::Key::new(key, aes_ni, crate::x86::Wide::detect())));
        }
        Self(Path::Portable(Cipher::new(key)))
    }

    /// Expands a key for a given path, to compare paths; `None` if the processor does not have it.
    #[must_use]
    pub fn with_backend(key: &[u8; 32], backend: Backend) -> Option<Self> {
        match backend {
            #[cfg(target_arch = "x86_64")]
            Backend::Vaes => {
                let (aes_ni, wide) = (crate::x86::AesNi::detect()?, crate::x86::Wide::detect()?);
                Some(Self(Path::X86(crate::x86::Key::new(key, aes_ni, Some(wide)))))
            }
            #[cfg(target_arch = "x86_64")]
            Backend::AesNi => Some(Self(Path::X86(crate::x86::Key::new(key, crate::x86::AesNi::detect()?, None)))),
            #[cfg(not(target_arch = "x86_64"))]
            Backend::Vaes | Backend::AesNi => None,
            Backend::Portable => Some(Self(Path::Portable(Cipher::new(key)))),
        }
    }

    /// Processes the next blocks of one stream.
    pub(crate) fn run(&self, iv: &mut Iv, data: InOutBuf<'_, '_, Block>) {
        match &self.0 {
            #[cfg(target_arch = "x86_64")]
            Path::X86(key) => crate::x86::run_one(crate::x86::Lane::new(key, iv, data)),
            Path::Portable(cipher) => cipher.run(iv, data),
        }
    }
}

impl EncryptionKey {
    /// Encrypts the next blocks of a stream in place. Any split of a stream gives the same bytes.
    pub fn encrypt(&self, iv: &mut Iv, blocks: &mut [Block]) {
        self.run(iv, blocks.into());
    }

    /// Encrypts the next blocks of a stream into another buffer.
    ///
    /// # Errors
    /// [`LengthMismatch`] if the buffers differ in length: nothing has changed then.
    pub fn encrypt_to(&self, iv: &mut Iv, from: &[Block], to: &mut [Block]) -> Result<(), LengthMismatch> {
        self.run(iv, InOutBuf::new(from, to).map_err(|_| LengthMismatch)?);
        Ok(())
    }
}

impl DecryptionKey {
    /// Decrypts the next blocks of a stream in place. Any split of a stream gives the same bytes.
    pub fn decrypt(&self, iv: &mut Iv, blocks: &mut [Block]) {
        self.run(iv, blocks.into());
    }

    /// Decrypts the next blocks of a stream into another buffer.
    ///
    /// # Errors
    /// [`LengthMismatch`] if the buffers differ in length: nothing has changed then.
    pub fn decrypt_to(&self, iv: &mut Iv, from: &[Block], to: &mut [Block]) -> Result<(), LengthMismatch> {
        self.run(iv, InOutBuf::new(from, to).map_err(|_| LengthMismatch)?);
        Ok(())
    }
}

impl<D: Direction> fmt::Debug for Key<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

// Both paths wipe their round keys.
impl<D: Direction> ZeroizeOnDrop for Key<D> {}

/// [`Encrypt`] or [`Decrypt`].
pub trait Direction: Portable {}

impl Direction for Encrypt {}
impl Direction for Decrypt {}
