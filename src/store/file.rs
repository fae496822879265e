//! Records in files: one append-only log a chat (SPEC DRV-4).
//!
//! An entry is `length u32 || SHA-256(payload)[..16] || payload`, all little-endian; the payload is one batch. A write
//! that a crash cut off leaves an unfinished last entry, which is dropped when the file is opened; damage anywhere else
//! is an error. When the log has grown to more than twice what lives in it, it is written anew beside and renamed.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::vec::Vec;

use sha2::{Digest, Sha256};

use super::Store;
use crate::record::{Batch, ChatId, RecordName, Records};

const EXTENSION: &str = "secretchat";
const LOCK: &str = "lock";
const CHECK_LEN: usize = 16;
const HEADER_LEN: usize = 4 + CHECK_LEN;
/// A log below this size is not worth rewriting.
const SMALL_LOG: u64 = 1 << 16;

/// Records of many chats in a directory. A second store on the same directory is refused while this one lives.
///
/// A record that is overwritten or deleted stays in the file until the next rewrite, and on the disk for longer.
#[derive(Debug)]
pub struct FileStore {
    directory: PathBuf,
    chats: BTreeMap<ChatId, Log>,
    /// A write failed half way: what the files hold is known only after opening them again.
    broken: bool,
    _lock: File,
}

#[derive(Debug)]
struct Log {
    file: File,
    len: u64,
    rows: BTreeMap<RecordName, Vec<u8>>,
}

impl FileStore {
    /// Opens the directory, which is made if it is not there, and reads what lives in it.
    ///
    /// # Errors
    /// The file system's; [`io::ErrorKind::WouldBlock`] if another store has it open; [`io::ErrorKind::InvalidData`] if
    /// a log is damaged elsewhere than at its end.
    pub fn open(directory: impl Into<PathBuf>) -> io::Result<Self> {
        let directory = directory.into();
        fs::create_dir_all(&directory)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(directory.join(LOCK))?;
        lock.try_lock().map_err(io::Error::from)?;
        let mut chats = BTreeMap::new();
        for entry in fs::read_dir(&directory)? {
            let path = entry?.path();
            if let Some(chat) = chat_of(&path) {
                let log = Log::open(&path)?;
                if log.rows.is_empty() {
                    fs::remove_file(&path)?;
                } else {
                    chats.insert(chat, log);
                }
            }
        }
        Ok(Self { directory, chats, broken: false, _lock: lock })
    }

    fn path(&self, chat: ChatId) -> PathBuf {
        self.directory.join(std::format!("{chat}.{EXTENSION}"))
    }

    /// Makes names durable, too: a renamed or removed file is one only once its directory is written.
    fn sync_directory(&self) -> io::Result<()> {
        if cfg!(unix) { File::open(&self.directory)?.sync_all() } else { Ok(()) }
    }

    fn write(&mut self, batch: &Batch) -> io::Result<()> {
        let put = batch.put.iter().map(|(name, sealed)| (*name, sealed.as_slice()));
        let entry = encode_entry(&put.collect::<Vec<_>>(), &batch.delete)?;
        if !self.chats.contains_key(&batch.chat) {
            let log = Log::create(&self.path(batch.chat))?;
            self.sync_directory()?;
            self.chats.insert(batch.chat, log);
        }
        let Some(log) = self.chats.get_mut(&batch.chat) else { return Ok(()) };
        log.file.write_all(&entry)?;
        log.file.sync_data()?;
        log.len += entry.len() as u64;
        log.take_in(batch.put.iter().cloned(), &batch.delete);

        let live: usize = log.rows.values().map(|sealed| sealed.len() + RecordName::LEN + 4).sum();
        if log.rows.is_empty() {
            self.delete(batch.chat)
        } else if log.len > SMALL_LOG && log.len > 2 * live as u64 {
            self.rewrite(batch.chat)
        } else {
            Ok(())
        }
    }

    /// Writes what lives into a new log and puts it in place of the old one.
    fn rewrite(&mut self, chat: ChatId) -> io::Result<()> {
        let Some(log) = self.chats.get_mut(&chat) else { return Ok(()) };
        let path = self.directory.join(std::format!("{chat}.{EXTENSION}"));
        let fresh = path.with_extension("new");
        let put = log.rows.iter().map(|(name, sealed)| (*name, sealed.as_slice()));
        let entry = encode_entry(&put.collect::<Vec<_>>(), &[])?;
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(&fresh)?;
        file.write_all(&entry)?;
        file.sync_all()?;
        fs::rename(&fresh, &path)?;
        log.file = file;
        log.len = entry.len() as u64;
        self.sync_directory()
    }
}

impl Store for FileStore {
    type Error = io::Error;

    fn apply(&mut self, batch: &Batch) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other("an earlier write failed: open the store again"));
        }
        self.broken = true;
        self.write(batch)?;
        self.broken = false;
        Ok(())
    }

    fn load(&self, chat: ChatId) -> io::Result<Option<Records>> {
        Ok(self
            .chats
            .get(&chat)
            .map(|log| Records { chat, rows: log.rows.iter().map(|(name, sealed)| (*name, sealed.clone())).collect() }))
    }

    fn chats(&self) -> io::Result<Vec<ChatId>> {
        Ok(self.chats.keys().copied().collect())
    }

    fn delete(&mut self, chat: ChatId) -> io::Result<()> {
        if self.chats.remove(&chat).is_some() {
            fs::remove_file(self.path(chat))?;
            self.sync_directory()?;
        }
        Ok(())
    }
}

impl Log {
    fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self { file, len: 0, rows: BTreeMap::new() })
    }

    /// Reads all entries and cuts off an unfinished last one.
    fn open(path: &Path) -> io::Result<Self> {
        let mut bytes = Vec::new();
        File::open(path)?.read_to_end(&mut bytes)?;
        let mut log = Self::create(path)?;
        let mut rest = bytes.as_slice();
        while let Some((payload, after)) = next_entry(rest)? {
            let (put, delete) = decode_payload(payload).ok_or_else(damaged)?;
            log.take_in(put.into_iter(), &delete);
            rest = after;
        }
        log.len = (bytes.len() - rest.len()) as u64;
        if !rest.is_empty() {
            log.file.set_len(log.len)?;
            log.file.sync_all()?;
        }
        Ok(log)
    }

    fn take_in(&mut self, put: impl Iterator<Item = (RecordName, Vec<u8>)>, delete: &[RecordName]) {
        for name in delete {
            self.rows.remove(name);
        }
        self.rows.extend(put);
    }
}

/// The first entry's payload and what follows; `None` at the end or at an unfinished last entry.
fn next_entry(bytes: &[u8]) -> io::Result<Option<(&[u8], &[u8])>> {
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else { return Ok(None) };
    let Some((check, rest)) = rest.split_first_chunk::<CHECK_LEN>() else { return Ok(None) };
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| damaged())?;
    let Some((payload, rest)) = rest.split_at_checked(length) else { return Ok(None) };
    if checksum(payload) == *check {
        Ok(Some((payload, rest)))
    } else if rest.is_empty() {
        Ok(None)
    } else {
        Err(damaged())
    }
}

/// `puts u32 || (name[9] || length u32 || sealed)* || name[9]*`
fn encode_entry(put: &[(RecordName, &[u8])], delete: &[RecordName]) -> io::Result<Vec<u8>> {
    let too_large = |_| io::Error::from(io::ErrorKind::InvalidInput);
    let mut entry = std::vec![0; HEADER_LEN];
    entry.extend_from_slice(&u32::try_from(put.len()).map_err(too_large)?.to_le_bytes());
    for (name, sealed) in put {
        entry.extend_from_slice(&name.to_bytes());
        entry.extend_from_slice(&u32::try_from(sealed.len()).map_err(too_large)?.to_le_bytes());
        entry.extend_from_slice(sealed);
    }
    for name in delete {
        entry.extend_from_slice(&name.to_bytes());
    }
    if let Some((header, payload)) = entry.split_at_mut_checked(HEADER_LEN) {
        let (length, check) = header.split_at_mut(4);
        length.copy_from_slice(&u32::try_from(payload.len()).map_err(too_large)?.to_le_bytes());
        check.copy_from_slice(&checksum(payload));
    }
    Ok(entry)
}

type Rows = Vec<(RecordName, Vec<u8>)>;

fn decode_payload(payload: &[u8]) -> Option<(Rows, Vec<RecordName>)> {
    let (puts, mut rest) = payload.split_first_chunk::<4>()?;
    let mut put = Vec::new();
    for _ in 0..u32::from_le_bytes(*puts) {
        let (name, after) = rest.split_first_chunk()?;
        let (length, after) = after.split_first_chunk()?;
        let (sealed, after) = after.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        put.push((RecordName::from_bytes(*name)?, sealed.to_vec()));
        rest = after;
    }
    let (names, rest) = rest.as_chunks();
    let delete = names.iter().map(|name| RecordName::from_bytes(*name)).collect::<Option<_>>()?;
    rest.is_empty().then_some((put, delete))
}

/// Against torn writes only: records authenticate themselves.
fn checksum(payload: &[u8]) -> [u8; CHECK_LEN] {
    let hash: [u8; 32] = Sha256::digest(payload).into();
    hash.first_chunk().copied().unwrap_or_default()
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a log of records is damaged")
}

fn chat_of(path: &Path) -> Option<ChatId> {
    if path.extension()? != EXTENSION {
        return None;
    }
    let hex = path.file_stem()?.to_str()?.as_bytes();
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let (pairs, rest) = hex.as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect::<Option<Vec<_>>>()?;
    if rest.is_empty() { bytes.try_into().ok().map(ChatId) } else { None }
}
