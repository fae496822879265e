//! Photos and files: encrypted apart from the message that names them, and carried by whoever has room for them.
//!
//! A [`ChainKey`] is drawn for one file and travels inside the message. [`ChainEncryptor`] and [`ChainDecryptor`] work in
//! the caller's memory, a chunk at a time and in any chunks; with `std`, `EncryptReader` and `DecryptReader` do the same
//! between readers.
//!
//! **One chain carries no integrity of its own.** Whoever carries the file can change it, also in ways that garble three
//! blocks only and give bytes that the attacker can predict, and nothing here notices. Until segments exist the X25519
//! profile uses the chain, too. Treat a decrypted file as bytes from a stranger: keep it where no other program can
//! write, and let nothing that its decoder does show to the network.
//!
//! **A chain is strictly sequential.** Each block depends on all before it: no seeking, no parts out of order.

mod chain;
#[cfg(feature = "std")]
mod io;
mod key;

pub use chain::{ChainDecryptor, ChainEncryptor, Final, Output, Progress, encrypted_len};
#[cfg(feature = "std")]
pub use io::{DecryptReader, EncryptReader};
pub use key::ChainKey;
