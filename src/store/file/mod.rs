//! Records in files, one for each chat. Each batch replaces the whole file (SPEC DRV-4).
//!
//! This is the simple store, for a few chats with little that waits: a batch rewrites everything that its chat
//! keeps. Use a database if there is more to keep, or if you have rows of your own next to the records.

mod chats;
mod folder;
mod format;
mod key;
#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::PathBuf;
use std::vec::Vec;

use chats::Chats;
use folder::Directory;
pub use key::key_file;

use super::{ApplyError, Store};
use crate::record::{Batch, ChatId, Records};

const LOCK: &str = "lock";

/// Records of many chats in a directory. While it is open, a second store on the same directory is refused, as far
/// as the system's file locks work.
///
/// A file that is not understood is never changed. It is an error of its own chat only, and only [`Store::delete`]
/// removes it.
///
/// A batch that destroys something also overwrites the old file with zeros. A program cannot ensure that this
/// reaches the old place on the medium. It does not on flash, on copy-on-write file systems, in snapshots or in
/// backups.
///
/// ```
/// use secretchat::store::{FileStore, Store};
///
/// # let folder = std::env::temp_dir().join(format!("secretchat-file-store-{}", std::process::id()));
/// let store = FileStore::open(&folder)?;
/// assert!(store.chats()?.is_empty(), "a new folder");
///
/// // One process drives the chats of a folder. Another one may read them, with `FileStore::read` and a `Peeker`.
/// assert!(FileStore::open(&folder).is_err());
/// # drop(store);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FileStore {
    chats: Chats<Directory>,
    _lock: File,
}

impl FileStore {
    /// Opens the directory, creates it if it does not exist, and reads its files. Wipes and removes what a crash
    /// left of a file that was being written.
    ///
    /// # Errors
    /// The errors of the file system, and [`io::ErrorKind::WouldBlock`] if another store has it open, in this process or
    /// another one.
    /// [`Store::load`] reports damage.
    pub fn open(directory: impl Into<PathBuf>) -> io::Result<Self> {
        let directory = directory.into();
        fs::create_dir_all(&directory)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(directory.join(LOCK))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::new(io::ErrorKind::WouldBlock, "another store has this folder open"),
            TryLockError::Error(error) => error,
        })?;
        Ok(Self { chats: Chats::open(Directory(directory))?, _lock: lock })
    }

    /// Reads the records of one chat without opening the store. It takes no lock and changes nothing, whoever has
    /// the store open. Use it in a second process that only looks, with a [`Peeker`](crate::Peeker) (SPEC PEEK-4).
    ///
    /// # Errors
    /// The errors of the file system, and [`io::ErrorKind::InvalidData`] for a file that is not understood.
    pub fn read(directory: impl Into<PathBuf>, chat: ChatId) -> io::Result<Option<Records>> {
        Chats::read_only(&Directory(directory.into()), chat)
    }
}

impl Store for FileStore {
    type Error = io::Error;

    /// After an error, [`Store::load`] fails for this chat until the store is opened again.
    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<io::Error>> {
        self.chats.apply(batch)
    }

    /// Syncs the new file of each chat, and the folder once. After an error, [`Store::load`] fails for all these chats
    /// until the store is opened again.
    fn apply_all(&mut self, batches: &[Batch]) -> Result<(), ApplyError<io::Error>> {
        self.chats.apply_all(batches)
    }

    /// Returns [`io::ErrorKind::InvalidData`], with the name of the file, for a file that is not understood.
    fn load(&self, chat: ChatId) -> io::Result<Option<Records>> {
        self.chats.load(chat)
    }

    /// Includes the chats whose files are not understood.
    fn chats(&self) -> io::Result<Vec<ChatId>> {
        Ok(self.chats.chats())
    }

    fn delete(&mut self, chat: ChatId) -> io::Result<()> {
        self.chats.delete(chat)
    }

    /// Does nothing: a batch that destroys something leaves no old file.
    fn scrub(&mut self) -> io::Result<bool> {
        Ok(true)
    }
}
