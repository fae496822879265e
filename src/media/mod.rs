//! Photos and files. They are encrypted separately from the message that names them, and carried by any transport
//! with room for them.
//!
//! A file has one of two forms, which the chat's profile determines, and one key that travels inside the message.
#![cfg_attr(
    feature = "alloc",
    doc = "
A host needs no branch by form: it asks the chat for its [`FileForm`] and takes what is for either. The [`MediaKey`] says of
which form a file is that arrives.

| either form | to encrypt | to decrypt |
|---|---|---|
| a whole file in memory | [`seal`] | [`open`] |
| chunks of any length | [`MediaEncryptor`] | [`MediaDecryptor`] |
| `std::io` (`std`) | `MediaEncryptReader` | `MediaDecryptReader` |
| after an interruption | [`ResumableMediaEncryptor`] | [`ResumableMediaDecryptor`] |
| for several chats, or on to another | [`MediaCopies`] | [`MediaReseal`] |
"
)]
//!
//! Separate types cover what only one form can do, and what works without a heap. The keys are two types, and
//! neither converts into the other.
//!
//! | | a chain | segments |
//! |---|---|---|
//! | key | [`ChainKey`] | [`SegmentKey`] |
//! | in messages of | Telegram's profile | the X25519 profile |
//! | who reads it | Telegram's apps, and this crate | this crate |
//! | changed by the carrier | **not detected** | detected before the content comes out |
//! | random access | no: strictly in order | yes, by segments of 64 KiB, or of 4 KiB ([`SegmentSize`]) |
//! | chunks of any length | [`ChainEncryptor`], [`ChainDecryptor`] | `SegmentEncryptor`, `SegmentDecryptor` (`alloc`) |
//! | in the caller's memory, no heap | [`PartEncryptor`], [`PartDecryptor`] | [`SegmentSealer`], [`SegmentOpener`] |
//! | `std::io` | `EncryptReader`, `DecryptReader` | `SegmentEncryptReader`, `SegmentDecryptReader`, `SegmentReader` |
//! | after an interruption | `ResumableEncryptor`, `ResumableDecryptor` (`alloc`) | `ResumableSealer` (`alloc`); opening can start at any segment |
//! | what is missing | whole parts, by the host's notes | segments, by their tags: `SegmentReader::missing` |
//! | one file in several threads | no | [`SegmentSealer::share`], [`SegmentOpener::open_all`] |
//! | several files at once | [`encrypt_many`], [`decrypt_many`] | eight segments at once, automatically |
//!
//! **A chain has no integrity check.** Anyone who carries the file can change it, even in ways that garble only
//! three blocks and produce bytes that the attacker can predict. Nothing here detects that. Treat a file decrypted
//! from a chain as bytes from a stranger: keep it where no other program can write, and let nothing that its
//! decoder does become visible to the network.

mod chain;
#[cfg(feature = "alloc")]
mod chunk;
mod digest;
#[cfg(feature = "alloc")]
mod file;
mod progress;
#[cfg(feature = "alloc")]
mod resume;
mod segments;
#[cfg(feature = "std")]
mod source;

pub use chain::{
    ChainDecryptor, ChainEncryptor, ChainKey, ChainOutput, LastBlock, MAX_FILES, Part, PartDecryptor, PartEncryptor,
    PartSize, decrypt_many, encrypt_many, encrypted_len,
};
#[cfg(feature = "std")]
pub use chain::{DecryptReader, EncryptReader};
#[cfg(feature = "alloc")]
pub use chain::{ResumableDecryptor, ResumableEncryptor};
pub use digest::ContentDigest;
#[cfg(feature = "alloc")]
pub use file::{
    FileForm, MediaCopies, MediaDecryptor, MediaEncryptor, MediaKey, MediaReseal, ResumableMediaDecryptor,
    ResumableMediaEncryptor, open, seal,
};
#[cfg(feature = "std")]
pub use file::{MediaDecryptReader, MediaEncryptReader};
pub use progress::Progress;
#[cfg(feature = "alloc")]
pub use resume::{Plan, RESUME_TOKEN_LEN, ResumeKey, Resuming};
pub use segments::{
    HEADER_LEN, Padding, SEGMENT_LEN, Segment, SegmentKey, SegmentLayout, SegmentOpener, SegmentSealer, SegmentShare,
    SegmentSize, TAG_LEN,
};
#[cfg(feature = "alloc")]
pub use segments::{ResumableSealer, SegmentDecryptor, SegmentEncryptor};
#[cfg(feature = "std")]
pub use segments::{SegmentDecryptReader, SegmentEncryptReader, SegmentReader};
