//! The transport's facts about the file that goes with a message.

use alloc::vec::Vec;

use crate::media::MediaKey;

/// A file as the transport announced it together with the message. None of this is authenticated. If it contradicts
/// the message, the medium comes without its key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IncomingFile {
    /// The transport's name of the file.
    pub reference: Vec<u8>,
    /// The length of the encrypted file, if the transport reports it.
    pub size: Option<u64>,
    /// The fingerprint of the file's key, if the transport reports it.
    pub fingerprint: Option<i32>,
}

impl IncomingFile {
    /// Creates the announcement of a file, with the transport's name for it.
    #[must_use]
    pub fn new(reference: impl Into<Vec<u8>>) -> Self {
        Self { reference: reference.into(), size: None, fingerprint: None }
    }

    /// Sets the length of the encrypted file in bytes.
    #[must_use]
    pub fn with_size(mut self, size: impl Into<Option<u64>>) -> Self {
        self.size = size.into();
        self
    }

    /// Sets the fingerprint of the file's key.
    #[must_use]
    pub fn with_fingerprint(mut self, fingerprint: impl Into<Option<i32>>) -> Self {
        self.fingerprint = fingerprint.into();
        self
    }

    /// Returns whether this can be the file of `size` bytes under `key`, which has that fingerprint (SPEC MED-3).
    pub(super) fn fits(&self, size: u64, key: &MediaKey, fingerprint: Option<i32>) -> bool {
        let is_named = self.fingerprint.is_none_or(|told| fingerprint.is_none_or(|fingerprint| told == fingerprint));
        is_named && self.size.is_none_or(|len| key.fits(size, len))
    }
}
