//! Parts of files that are on their way to a message.

use std::collections::BTreeMap;

use grammers_tl_types as tl;
use md5::{Digest, Md5};
use tl::{enums, functions as f};

use super::downloads::StoredFile;
use super::{Device, Outcome, RpcError, Server};

/// From here on, files must be uploaded as big ones.
const BIG: usize = 10 << 20;
const LARGEST_PART: usize = 512 << 10;
/// Without Premium.
const MOST_PARTS: i32 = 4000;

#[derive(Clone, Default)]
pub(super) struct Upload {
    parts: BTreeMap<i32, Vec<u8>>,
    /// The number of parts that a big file was said to have; -1 while it is unknown. `None`: not a big file.
    total: Option<i32>,
}

impl Server {
    pub(super) fn save_file_part(&mut self, device: Device, asked: f::upload::SaveFilePart) -> Outcome<bool> {
        self.save(device, asked.file_id, asked.file_part, None, asked.bytes)
    }

    pub(super) fn save_big_file_part(&mut self, device: Device, asked: f::upload::SaveBigFilePart) -> Outcome<bool> {
        let total = asked.file_total_parts;
        if total != -1 && !(1..=MOST_PARTS).contains(&total) {
            return Err(RpcError::bad("FILE_PARTS_INVALID"));
        }
        if total != -1 && asked.file_part >= total {
            return Err(RpcError::bad("FILE_PART_INVALID"));
        }
        self.save(device, asked.file_id, asked.file_part, Some(total), asked.bytes)
    }

    fn save(&mut self, device: Device, file: i64, part: i32, total: Option<i32>, bytes: Vec<u8>) -> Outcome<bool> {
        if !(0..MOST_PARTS).contains(&part) {
            return Err(RpcError::bad("FILE_PART_INVALID"));
        }
        if bytes.is_empty() {
            return Err(RpcError::bad("FILE_PART_EMPTY"));
        }
        if bytes.len() > LARGEST_PART {
            return Err(RpcError::bad("FILE_PART_TOO_BIG"));
        }
        // Only the last part of a file has any length.
        if total.is_some_and(|total| part + 1 < total) && !is_part(bytes.len()) {
            return Err(RpcError::bad("FILE_PART_SIZE_INVALID"));
        }
        let user = self.user_of(device);
        let upload = self.uploads.entry((user, file)).or_default();
        if !upload.parts.is_empty() && upload.total != total {
            return Err(RpcError::bad("FILE_PARTS_INVALID"));
        }
        let is_last = total.is_some_and(|total| part + 1 == total);
        let other = upload.parts.iter().find(|(at, _)| **at != part && total.is_none_or(|total| **at + 1 != total));
        if total.is_some()
            && other
                .is_some_and(|(_, other)| if is_last { bytes.len() > other.len() } else { bytes.len() != other.len() })
        {
            return Err(RpcError::bad("FILE_PART_SIZE_CHANGED"));
        }
        upload.total = total;
        upload.parts.insert(part, bytes);
        Ok(true)
    }

    /// Forgets a part, as the server does with parts that are old. Returns whether there was one.
    pub(crate) fn forget_part(&mut self, which: usize) -> bool {
        let parts = self.uploads.iter().flat_map(|(upload, kept)| kept.parts.keys().map(move |part| (*upload, *part)));
        let parts: Vec<_> = parts.collect();
        let Some(which) = which.checked_rem(parts.len()) else { return false };
        let (upload, part) = parts[which];
        self.uploads.get_mut(&upload).is_some_and(|upload| upload.parts.remove(&part).is_some())
    }

    /// Makes a file out of the parts that a message names, or finds the one that it names.
    pub(super) fn take_file(&mut self, user: i64, file: &enums::InputEncryptedFile) -> Outcome<enums::EncryptedFile> {
        let (id, parts, checksum, key_fingerprint, is_big) = match file {
            enums::InputEncryptedFile::Empty => return Err(RpcError::bad("FILE_EMTPY")),
            enums::InputEncryptedFile::File(file) => return self.known_file(file.id, file.access_hash),
            enums::InputEncryptedFile::Uploaded(file) => {
                (file.id, file.parts, Some(&file.md5_checksum), file.key_fingerprint, false)
            }
            enums::InputEncryptedFile::BigUploaded(file) => (file.id, file.parts, None, file.key_fingerprint, true),
        };
        if !(1..=MOST_PARTS).contains(&parts) {
            return Err(RpcError::bad("FILE_PARTS_INVALID"));
        }
        let upload = self.uploads.get(&(user, id)).cloned().unwrap_or_default();
        if let Some(missing) = (0..parts).find(|part| !upload.parts.contains_key(part)) {
            return Err(RpcError::bad(format!("FILE_PART_{missing}_MISSING")));
        }
        // A big one knows its number of parts, and no part lies behind those that are named.
        let told = upload.total.is_some() == is_big && upload.total.is_none_or(|total| total == -1 || total == parts);
        if !told || upload.parts.range(parts..).next().is_some() {
            return Err(RpcError::bad("FILE_PARTS_INVALID"));
        }
        let sizes: Vec<usize> = upload.parts.values().map(Vec::len).collect();
        let [equal @ .., last] = &sizes[..] else { return Err(RpcError::bad("FILE_PARTS_INVALID")) };
        if equal.iter().any(|size| *size != sizes[0] || !is_part(*size)) || *last > sizes[0] {
            return Err(RpcError::bad("FILE_PART_SIZE_INVALID"));
        }
        let content: Vec<u8> = upload.parts.into_values().flatten().collect();
        if !is_big && content.len() > BIG {
            return Err(RpcError::bad("FILE_PARTS_INVALID"));
        }
        if checksum.is_some_and(|told| !told.is_empty() && *told != md5(&content)) {
            return Err(RpcError::bad("MD5_CHECKSUM_INVALID"));
        }
        self.uploads.remove(&(user, id));
        Ok(self.store(StoredFile { content, key_fingerprint }))
    }
}

/// The lengths that parts may have (<https://core.telegram.org/api/files>).
fn is_part(len: usize) -> bool {
    len.is_multiple_of(1024) && LARGEST_PART.is_multiple_of(len)
}

fn md5(content: &[u8]) -> String {
    Md5::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}
