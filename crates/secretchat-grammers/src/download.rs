//! Downloading a sealed file, piece by piece.

use std::fmt;

use crate::file_location::FileLocation;
use crate::tl::{enums, functions, types};
use crate::token::Fields;

/// How much is asked for at once. Pieces at multiples of it keep every rule of the server: 4 KiB divides it, it divides
/// 1 MiB, and no piece crosses a border of 1 MiB.
const LIMIT: i32 = 524_288;
const VERSION: u8 = 1;

/// The download of one sealed file. A chain is decrypted from its beginning, so the pieces come in order. The token
/// resumes it after a restart.
///
/// What comes can be longer than the file in the message, because some senders fill the last part. Open only the first
/// `secretchat::media::encrypted_len` bytes of it.
///
/// ```
/// use secretchat_grammers::{Download, FileLocation, tl};
///
/// let location = FileLocation { id: 5, access_hash: 6, size: 16, dc_id: 2, fingerprint: 7 };
/// let mut download = Download::new(location, 1_048_576)?;
/// while let Some(call) = download.call() {
///     assert_eq!((call.offset, call.limit), (0, 524_288)); // goes to data centre `location.dc_id`
///     # let types = tl::enums::storage::FileType::FilePartial;
///     # let answer = tl::enums::upload::File::File(tl::types::upload::File { r#type: types, mtime: 0, bytes: vec![1; 16] });
///     let bytes = download.piece(&answer)?; // append them to the file
///     assert_eq!(bytes, [1; 16]);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    location: FileLocation,
    offset: u64,
}

impl Download {
    /// Begins a download. The size is the server's word: `most` bounds what the host takes.
    ///
    /// # Errors
    /// [`DownloadError::Size`] if the file is empty or larger than `most`.
    pub fn new(location: FileLocation, most: u64) -> Result<Self, DownloadError> {
        let fits = location.size > 0 && location.size <= most && i64::try_from(location.size).is_ok();
        if fits { Ok(Self { location, offset: 0 }) } else { Err(DownloadError::Size) }
    }

    /// Returns the next call, for the data centre of the location. Returns `None` once the file is complete.
    #[must_use]
    pub fn call(&self) -> Option<functions::upload::GetFile> {
        let FileLocation { id, access_hash, size, .. } = self.location;
        if self.offset >= size {
            return None;
        }
        let location = types::InputEncryptedFileLocation { id, access_hash };
        Some(functions::upload::GetFile {
            precise: false,
            cdn_supported: false,
            location: enums::InputFileLocation::InputEncryptedFileLocation(location),
            offset: i64::try_from(self.offset).ok()?,
            limit: LIMIT,
        })
    }

    /// Takes the answer to [`Download::call`], and returns the bytes that come next in the file.
    ///
    /// # Errors
    /// [`DownloadError`]. The download stays where it was.
    pub fn piece<'a>(&mut self, answer: &'a enums::upload::File) -> Result<&'a [u8], DownloadError> {
        let enums::upload::File::File(file) = answer else { return Err(DownloadError::Elsewhere) };
        let wanted = (self.location.size - self.offset).min(LIMIT.unsigned_abs().into());
        let got = file.bytes.len() as u64;
        if wanted == 0 || got != wanted {
            return Err(DownloadError::PieceLength);
        }
        self.offset += got;
        Ok(&file.bytes)
    }

    /// Returns how many bytes have come.
    #[must_use]
    pub const fn progress(&self) -> u64 {
        self.offset
    }

    /// Returns the file.
    #[must_use]
    pub const fn location(&self) -> &FileLocation {
        &self.location
    }

    /// Returns the state as bytes. Store them after the bytes that have come.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let FileLocation { id, access_hash, size, dc_id, fingerprint } = self.location;
        let mut bytes = vec![VERSION];
        bytes.extend(id.to_le_bytes());
        bytes.extend(access_hash.to_le_bytes());
        bytes.extend(size.to_le_bytes());
        bytes.extend(dc_id.to_le_bytes());
        bytes.extend(fingerprint.to_le_bytes());
        bytes.extend(self.offset.to_le_bytes());
        bytes
    }

    /// Reads the state of a download.
    ///
    /// # Errors
    /// [`DownloadError::Token`] if the bytes are no such state.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DownloadError> {
        Self::read(Fields(bytes)).ok_or(DownloadError::Token)
    }

    fn read(mut from: Fields<'_>) -> Option<Self> {
        from.version(VERSION)?;
        let (id, access_hash, size) = (from.i64()?, from.i64()?, from.u64()?);
        let (dc_id, fingerprint, offset) = (from.i32()?, from.i32()?, from.u64()?);
        from.rest(0)?;
        let location = FileLocation { id, access_hash, size, dc_id, fingerprint };
        let begun = Self::new(location, u64::MAX).ok()?;
        let at_a_border = offset == size || (offset < size && offset % u64::from(LIMIT.unsigned_abs()) == 0);
        at_a_border.then_some(Self { offset, ..begun })
    }
}

/// A file cannot be downloaded like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DownloadError {
    /// The file is empty or too large.
    Size,
    /// The server gave fewer or more bytes than the file has there.
    PieceLength,
    /// The server points to a delivery network, which was not asked for.
    Elsewhere,
    /// The bytes are not the state of a download.
    Token,
}

impl fmt::Display for DownloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Size => "the file is empty or too large",
            Self::PieceLength => "the piece of the file has another length",
            Self::Elsewhere => "the server points to another place for the file",
            Self::Token => "these bytes are not the state of a download",
        })
    }
}

impl std::error::Error for DownloadError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tl::{Deserializable, Serializable};

    const MIB: u64 = 1_048_576;

    fn location(size: u64) -> FileLocation {
        FileLocation { id: 1, access_hash: -2, size, dc_id: 3, fingerprint: -4 }
    }

    fn piece(len: u64) -> enums::upload::File {
        let bytes = vec![0; usize::try_from(len).unwrap()];
        let r#type = enums::storage::FileType::FileUnknown;
        enums::upload::File::File(types::upload::File { r#type, mtime: 0, bytes })
    }

    /// The rules at core.telegram.org/api/files, checked for each call.
    #[test]
    fn each_call_keeps_the_rules_of_the_server() {
        for size in [1, 16, 524_288, 524_289, 10 * MIB - 1, 10 * MIB, 10 * MIB + 1] {
            let mut download = Download::new(location(size), size).unwrap();
            let mut got = 0;
            while let Some(call) = download.call() {
                let (offset, limit) = (u64::try_from(call.offset).unwrap(), u64::try_from(call.limit).unwrap());
                assert!(!call.precise && !call.cdn_supported);
                assert_eq!((offset % 4_096, limit % 4_096, MIB % limit), (0, 0, 0));
                assert_eq!(offset / MIB, (offset + limit - 1) / MIB);
                let bytes = call.to_bytes();
                assert_eq!(bytes[..4], 0xbe53_35be_u32.to_le_bytes());
                assert!(functions::upload::GetFile::from_bytes(&bytes[4..]).unwrap() == call);
                got += download.piece(&piece((size - offset).min(limit))).unwrap().len() as u64;
                assert_eq!(download.progress(), got);
                assert_eq!(Download::from_bytes(&download.to_bytes()).unwrap(), download);
            }
            assert_eq!(got, size);
        }
    }

    #[test]
    fn a_server_that_gives_too_much_or_too_little_changes_nothing() {
        let mut download = Download::new(location(524_290), MIB).unwrap();
        let cdn = types::upload::FileCdnRedirect {
            dc_id: 1,
            file_token: vec![],
            encryption_key: vec![],
            encryption_iv: vec![],
            file_hashes: vec![],
        };
        for _ in 0..2 {
            let before = download.clone();
            for len in [0, 1, 524_287, 524_289] {
                assert_eq!(download.piece(&piece(len)), Err(DownloadError::PieceLength));
            }
            let elsewhere = enums::upload::File::CdnRedirect(cdn.clone());
            assert_eq!(download.piece(&elsewhere), Err(DownloadError::Elsewhere));
            assert_eq!(download, before);
            let rest = (524_290 - download.progress()).min(524_288);
            download.piece(&piece(rest)).unwrap();
        }
        assert!(download.call().is_none());
        assert_eq!(download.piece(&piece(0)), Err(DownloadError::PieceLength), "nothing more was asked for");
    }

    #[test]
    fn sizes_are_bounded() {
        for (size, most) in [(0, MIB), (MIB + 1, MIB), (u64::MAX, u64::MAX)] {
            assert_eq!(Download::new(location(size), most), Err(DownloadError::Size));
        }
    }

    #[test]
    fn a_token_of_another_place_is_refused() {
        let mut download = Download::new(location(524_290), MIB).unwrap();
        download.piece(&piece(524_288)).unwrap();
        let token = download.to_bytes();
        for len in 0..token.len() {
            assert_eq!(Download::from_bytes(&token[..len]), Err(DownloadError::Token));
        }
        for offset in [1_u64, 524_289, 524_291, u64::MAX] {
            let mut token = token.clone();
            token[33..].copy_from_slice(&offset.to_le_bytes());
            assert_eq!(Download::from_bytes(&token), Err(DownloadError::Token), "{offset}");
        }
    }
}
