//! One file that holds all records of one chat (SPEC DRV-4).

use std::collections::BTreeMap;
use std::vec::Vec;

use sha2::{Digest, Sha256};

use crate::record::{ChatId, RecordName};

pub(super) type Rows = BTreeMap<RecordName, Vec<u8>>;

const VERSION: u8 = 2;
/// Version, chat, count, length of the file.
pub(super) const HEADER_LEN: usize = 1 + 16 + 4 + 8;
pub(super) const CHECK_LEN: usize = 32;

/// `version u8 || chat id[16] || count u32 || length u64 || (name[9] || length u32 || record)* || SHA-256 of all that[32]`;
/// `None` for more than the numbers can say.
pub(super) fn encode(chat: ChatId, rows: &Rows) -> Option<Vec<u8>> {
    let entries: usize = rows.values().map(|sealed| RecordName::LEN + 4 + sealed.len()).sum();
    let length = HEADER_LEN + entries + CHECK_LEN;
    let mut bytes = Vec::with_capacity(length);
    bytes.push(VERSION);
    bytes.extend_from_slice(&chat.0);
    bytes.extend_from_slice(&u32::try_from(rows.len()).ok()?.to_le_bytes());
    bytes.extend_from_slice(&u64::try_from(length).ok()?.to_le_bytes());
    for (name, sealed) in rows {
        bytes.extend_from_slice(&name.to_bytes());
        bytes.extend_from_slice(&u32::try_from(sealed.len()).ok()?.to_le_bytes());
        bytes.extend_from_slice(sealed);
    }
    let check = Sha256::digest(&bytes);
    bytes.extend_from_slice(&check);
    Some(bytes)
}

/// Reads what [`encode`] wrote, and nothing else: one file for each set of records.
pub(super) fn decode(chat: ChatId, bytes: &[u8]) -> Option<Rows> {
    let (entries, check) = bytes.split_last_chunk::<CHECK_LEN>()?;
    let hash: [u8; CHECK_LEN] = Sha256::digest(entries).into();
    let (&[version], rest) = entries.split_first_chunk()?;
    let (of, rest) = rest.split_first_chunk::<16>()?;
    let (count, rest) = rest.split_first_chunk()?;
    let (length, mut rest) = rest.split_first_chunk()?;
    let right = hash == *check && version == VERSION && *of == chat.0;
    if !right || u64::from_le_bytes(*length) != u64::try_from(bytes.len()).ok()? {
        return None;
    }
    let mut rows = Rows::new();
    for _ in 0..u32::from_le_bytes(*count) {
        let (name, after) = rest.split_first_chunk()?;
        let (length, after) = after.split_first_chunk()?;
        let (sealed, after) = after.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        let name = RecordName::from_bytes(*name)?;
        if rows.last_key_value().is_some_and(|(last, _)| *last >= name) {
            return None;
        }
        rows.insert(name, sealed.to_vec());
        rest = after;
    }
    (rest.is_empty() && !rows.is_empty()).then_some(rows)
}

/// Returns whether these bytes may be a file of this chat whose writing a crash interrupted: nothing, zeros in
/// place of what did not reach the disk, or the beginning of one. Anything else was made by somebody else.
pub(super) fn may_be_torn(chat: ChatId, bytes: &[u8]) -> bool {
    let mut head = [VERSION; 1 + 16];
    if let Some((_, id)) = head.split_first_mut() {
        id.copy_from_slice(&chat.0);
    }
    bytes.iter().all(|byte| *byte == 0) || bytes.iter().zip(head).all(|(byte, expected)| *byte == expected)
}
