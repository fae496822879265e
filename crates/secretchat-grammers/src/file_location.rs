//! Where the server keeps a sealed file.

use secretchat::IncomingFile;

use crate::tl::{Deserializable, Serializable, enums, types};

/// Where the server keeps a sealed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLocation {
    /// The file's id.
    pub id: i64,
    /// The access hash that the server wants with the id.
    pub access_hash: i64,
    /// The size of the sealed file, as the server reports it.
    pub size: u64,
    /// The data centre that has it.
    pub dc_id: i32,
    /// The fingerprint of its key.
    pub fingerprint: i32,
}

impl FileLocation {
    /// Returns the location of a file, or `None` for the empty form and for a negative size.
    #[must_use]
    pub fn of(file: &enums::EncryptedFile) -> Option<Self> {
        let enums::EncryptedFile::File(file) = file else { return None };
        let &types::EncryptedFile { id, access_hash, size, dc_id, key_fingerprint: fingerprint } = file;
        Some(Self { id, access_hash, size: u64::try_from(size).ok()?, dc_id, fingerprint })
    }

    /// Reads the name of a received file ([`IncomingFile::reference`]), or returns `None` if it is not from this crate.
    #[must_use]
    pub fn of_reference(reference: &[u8]) -> Option<Self> {
        Self::of(&enums::EncryptedFile::from_bytes(reference).ok()?)
    }

    /// Returns the name for [`IncomingFile`]: `encryptedFile` as it came, serialised.
    #[must_use]
    pub fn to_reference(&self) -> Vec<u8> {
        let Self { id, access_hash, size, dc_id, fingerprint: key_fingerprint } = *self;
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        enums::EncryptedFile::File(types::EncryptedFile { id, access_hash, size, dc_id, key_fingerprint }).to_bytes()
    }

    /// Returns the name for [`Draft::with_file`](secretchat::Draft::with_file), which sends the same sealed file once more
    /// without an upload. It needs the same key.
    #[must_use]
    pub fn input(&self) -> enums::InputEncryptedFile {
        enums::InputEncryptedFile::File(types::InputEncryptedFile { id: self.id, access_hash: self.access_hash })
    }
}

impl From<FileLocation> for IncomingFile {
    fn from(file: FileLocation) -> Self {
        Self::new(file.to_reference()).with_size(file.size).with_fingerprint(file.fingerprint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_the_file_as_it_came() {
        let location = FileLocation { id: 1, access_hash: -2, size: 99, dc_id: 3, fingerprint: -4 };
        let reference = location.to_reference();
        // encryptedFile#a8008cd8 id:long access_hash:long size:long dc_id:int key_fingerprint:int
        assert_eq!(reference.len(), 36);
        assert_eq!(reference[..4], 0xa800_8cd8_u32.to_le_bytes());
        assert_eq!(reference[20..28], 99_u64.to_le_bytes());
        assert_eq!(FileLocation::of_reference(&reference), Some(location));
        for len in 0..reference.len() {
            assert_eq!(FileLocation::of_reference(&reference[..len]), None);
        }
    }

    #[test]
    fn a_file_without_a_size_is_none() {
        let negative = types::EncryptedFile { id: 1, access_hash: 2, size: -1, dc_id: 3, key_fingerprint: 4 };
        assert_eq!(FileLocation::of(&enums::EncryptedFile::File(negative)), None);
        assert_eq!(FileLocation::of(&enums::EncryptedFile::Empty), None);
    }
}
