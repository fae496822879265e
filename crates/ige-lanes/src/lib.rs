#![doc = include_str!("../README.md")]
#![no_std]
#![deny(unsafe_code)]

mod backend;
mod direction;
mod error;
mod job;
mod key;
mod portable;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use backend::Backend;
pub use direction::{Decrypt, Encrypt};
pub use error::LengthMismatch;
pub use job::{Job, decrypt_many, encrypt_many};
pub use key::{DecryptionKey, Direction, EncryptionKey, Key};

/// One AES block.
pub type Block = [u8; 16];

/// The state of a chain: the previous ciphertext block, then the previous plaintext block, in both directions.
///
/// At the start of a stream it is the initialisation vector.
pub type Iv = [u8; 32];
