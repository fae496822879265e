//! The native half of the Python package `secretchat`.
//!
//! It converts and delegates, and decides nothing. Plain values, such as events and media, are data classes of the Python
//! half, which `make` builds. What holds a key or a chat is a class of its own here.

mod chat;
mod config;
mod driver;
mod error;
mod file;
mod frame;
mod host;
mod lease;
mod link;
mod make;
mod media;
mod names;
mod output;
mod part;
mod reader;
mod resume;
mod store;
mod value;
mod verification;

/// The native half of `secretchat`. Import the names from the package instead.
#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use crate::chat::{Chat, Invitation, Peeker};
    #[pymodule_export]
    use crate::config::{Config, DhGroup, StoreKey, key_file};
    #[pymodule_export]
    use crate::driver::{Driver, take_actions};
    #[pymodule_export]
    use crate::file::{FolderFiles, MemoryFiles};
    #[pymodule_export]
    use crate::frame::{Decoder, Reassembler, decode_one, encode, fragment};
    #[pymodule_export]
    use crate::lease::{ContentLease, MediaLease};
    #[pymodule_export]
    use crate::link::Link;
    #[pymodule_export]
    use crate::media::{MediaCopies, MediaDecryptor, MediaEncryptor, MediaKey, encrypted_len, open, seal};
    #[pymodule_export]
    use crate::names::names;
    #[pymodule_export]
    use crate::output::{Persist, record_name};
    #[pymodule_export]
    use crate::part::{PartDecryptor, PartEncryptor};
    #[pymodule_export]
    use crate::reader::SegmentReader;
    #[pymodule_export]
    use crate::resume::{
        EncryptionPlan, ResumableMediaDecryptor, ResumableMediaEncryptor, ResumeKey, ResumingMediaDecryptor,
        ResumingMediaEncryptor,
    };
    #[pymodule_export]
    use crate::value::{entities_fit, entity_at, entity_range, random_id};
    #[pymodule_export]
    use crate::verification::Verification;
}
