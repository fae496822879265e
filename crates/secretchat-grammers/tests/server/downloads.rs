//! Files of messages.

use grammers_tl_types as tl;
use tl::{enums, functions as f, types};

use super::{Device, Outcome, RpcError, Server};

/// Each answer lies within one of these.
const CHUNK: i64 = 1 << 20;
const DC: i32 = 2;

#[derive(Clone)]
pub(super) struct StoredFile {
    pub(super) content: Vec<u8>,
    pub(super) key_fingerprint: i32,
}

impl Server {
    /// Keeps a file, and returns what a message says of it.
    pub(super) fn store(&mut self, file: StoredFile) -> enums::EncryptedFile {
        let id = super::number(&mut self.numbers);
        let shown = shown(id, &file);
        self.files.insert(id, file);
        shown
    }

    pub(super) fn known_file(&self, id: i64, access_hash: i64) -> Outcome<enums::EncryptedFile> {
        let file = self.files.get(&id).filter(|_| access_hash == file_hash(id));
        file.map(|file| shown(id, file)).ok_or_else(|| RpcError::bad("FILE_ID_INVALID"))
    }

    pub(super) fn get_file(&mut self, _device: Device, asked: f::upload::GetFile) -> Outcome<enums::upload::File> {
        let enums::InputFileLocation::InputEncryptedFileLocation(location) = asked.location else {
            return Err(RpcError::bad("LOCATION_INVALID"));
        };
        let file = self.files.get(&location.id).filter(|_| location.access_hash == file_hash(location.id));
        let file = file.ok_or_else(|| RpcError::bad("FILE_ID_INVALID"))?;
        // <https://core.telegram.org/api/files#downloading-files>
        let (offset, limit) = (asked.offset, i64::from(asked.limit));
        let unit = if asked.precise { 1024 } else { 4096 };
        if offset < 0 || offset % unit != 0 {
            return Err(RpcError::bad("OFFSET_INVALID"));
        }
        let fits = limit > 0 && limit <= CHUNK && limit % unit == 0 && (asked.precise || CHUNK % limit == 0);
        if !fits || offset / CHUNK != (offset + limit - 1) / CHUNK {
            return Err(RpcError::bad("LIMIT_INVALID"));
        }
        let from = usize::try_from(offset).map_or(file.content.len(), |offset| offset.min(file.content.len()));
        let rest = &file.content[from..];
        let len = usize::try_from(limit).map_or(rest.len(), |limit| limit.min(rest.len()));
        let (r#type, mtime) = (enums::storage::FileType::FileUnknown, self.now);
        Ok(types::upload::File { r#type, mtime, bytes: rest[..len].to_vec() }.into())
    }
}

fn shown(id: i64, file: &StoredFile) -> enums::EncryptedFile {
    let size = i64::try_from(file.content.len()).unwrap();
    let key_fingerprint = file.key_fingerprint;
    types::EncryptedFile { id, access_hash: file_hash(id), size, dc_id: DC, key_fingerprint }.into()
}

fn file_hash(id: i64) -> i64 {
    super::user_hash(id, 0x66)
}
