//! Records in files: one for each chat, replaced as a whole by each batch (SPEC DRV-4).
//!
//! It is the plain store, for few chats with little waiting: a batch writes all that its chat keeps. What has more to keep,
//! or rows of its own beside the records, takes a database.

mod chats;
mod folder;
mod format;
#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::PathBuf;
use std::vec::Vec;

use chats::Chats;
use folder::Directory;

use super::{ApplyError, Store};
use crate::record::{Batch, ChatId, Records};

const LOCK: &str = "lock";

/// Records of many chats in a directory. A second store on the same directory is refused while this one lives, as far as
/// the system's file locks go.
///
/// A file that is not understood is never changed: it is the error of its own chat, and the other chats go on. Only
/// [`Store::delete`] removes it.
///
/// A batch that destroys something overwrites the old file with zeros, too. Whether that reaches the old place on the medium
/// is not for a program to see: not on flash, on file systems that never write twice to one place, in snapshots and backups.
#[derive(Debug)]
pub struct FileStore {
    chats: Chats<Directory>,
    _lock: File,
}

impl FileStore {
    /// Opens the directory, which is made if it is not there, and reads what lives in it. What a crash left of a file that
    /// was being written is wiped and removed.
    ///
    /// # Errors
    /// The file system's; [`io::ErrorKind::WouldBlock`] if another store has it open. Damage is told by [`Store::load`].
    pub fn open(directory: impl Into<PathBuf>) -> io::Result<Self> {
        let directory = directory.into();
        fs::create_dir_all(&directory)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(directory.join(LOCK))?;
        lock.try_lock().map_err(io::Error::from)?;
        Ok(Self { chats: Chats::open(Directory(directory))?, _lock: lock })
    }
}

impl Store for FileStore {
    type Error = io::Error;

    /// After an error the chat is one that [`Store::load`] gives an error for, until the store is opened again.
    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<io::Error>> {
        self.chats.apply(batch)
    }

    /// [`io::ErrorKind::InvalidData`] for a file that is not understood, with its name.
    fn load(&self, chat: ChatId) -> io::Result<Option<Records>> {
        self.chats.load(chat)
    }

    /// Those whose files are not understood, too.
    fn chats(&self) -> io::Result<Vec<ChatId>> {
        Ok(self.chats.chats())
    }

    fn delete(&mut self, chat: ChatId) -> io::Result<()> {
        self.chats.delete(chat)
    }

    /// There is nothing to do: a batch that destroys something leaves no old file.
    fn scrub(&mut self) -> io::Result<bool> {
        Ok(true)
    }
}
