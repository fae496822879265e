//! A file as one AES-256-IGE chain (SPEC MED-1, MED-2, RES-1 to RES-6). **No integrity check.**

#[cfg(feature = "std")]
mod io;
mod key;
mod many;
mod part;
#[cfg(feature = "alloc")]
mod resume;
mod stream;

#[cfg(feature = "std")]
pub use io::{DecryptReader, EncryptReader};
pub use key::ChainKey;
pub use many::{MAX_FILES, decrypt_many, encrypt_many};
pub use part::{Part, PartDecryptor, PartEncryptor, PartSize};
#[cfg(feature = "alloc")]
pub use resume::{ResumableDecryptor, ResumableEncryptor};
pub use stream::{ChainDecryptor, ChainEncryptor, ChainOutput, LastBlock, encrypted_len};
