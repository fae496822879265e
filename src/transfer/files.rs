//! The storage of the sealed files of one chat (SPEC FILE-2, FILE-4, FILE-5).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::convert::Infallible;
use core::ops::Range;

use super::heard::PartToWrite;
use crate::frame::{FileId, Ranges};

/// The sealed files of one chat, for a [`Link`](super::Link).
///
/// An id names a file within its [`Place`], and strangers choose the ids of incoming files. Therefore the same id in two
/// places means two files.
///
/// `FolderFiles` (`std`) keeps them in a folder, [`MemoryFiles`] in memory.
pub trait Files {
    /// The error of the storage.
    type Error: core::error::Error + Send + Sync + 'static;

    /// Returns the files in a place, in any order.
    ///
    /// # Errors
    /// The place cannot be read.
    fn list(&self, place: Place) -> Result<Vec<FileId>, Self::Error>;

    /// Returns the length of a file in bytes; `None` if it is not there.
    ///
    /// # Errors
    /// The place cannot be read. **Never report a file as missing if it may be there**: the message that names it would be
    /// deleted.
    fn len(&self, place: Place, file: FileId) -> Result<Option<u64>, Self::Error>;

    /// Returns these bytes of a file in [`Place::Leaving`].
    ///
    /// # Errors
    /// The bytes cannot be read, or the file is shorter.
    fn read(&mut self, file: FileId, bytes: Range<u64>) -> Result<Vec<u8>, Self::Error>;

    /// Writes bytes of a file in [`Place::Arriving`], and creates the file if it is not there. The bytes need not be durable
    /// on return.
    ///
    /// # Errors
    /// The bytes cannot be written.
    fn write(&mut self, part: &PartToWrite<'_>) -> Result<(), Self::Error>;

    /// Makes the written bytes of an arriving file durable. Then notes beside it, also durably, which bytes these are and
    /// how long the whole file is.
    ///
    /// # Errors
    /// The bytes or the note may not be durable.
    fn note(&mut self, file: FileId, total: u64, there: &Ranges) -> Result<(), Self::Error>;

    /// Returns the last note about an arriving file: its length and the bytes that are there. `None` if there is no note.
    ///
    /// # Errors
    /// The place cannot be read.
    fn noted(&self, file: FileId) -> Result<Option<(u64, Ranges)>, Self::Error>;

    /// Moves a file from [`Place::Arriving`] to [`Place::Kept`], durably. Does nothing if the file is not arriving: a
    /// message whose file was already kept may come again, and a declined file is gone.
    ///
    /// # Errors
    /// The move may not be durable.
    fn keep(&mut self, file: FileId) -> Result<(), Self::Error>;

    /// Deletes a file and the note about it. A file that is not there is not an error.
    ///
    /// # Errors
    /// The file may still be there.
    fn remove(&mut self, place: Place, file: FileId) -> Result<(), Self::Error>;
}

/// Where a sealed file is. Not `#[non_exhaustive]`: a host has a place for each variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// An outgoing file, until the peer has acknowledged its message.
    Leaving,
    /// An incoming file of which parts have arrived. They may not be authentic.
    Arriving,
    /// A received file whose message the chat has taken. It belongs to the host, who opens it with the key in the message.
    Kept,
}

/// Sealed files in memory: for tests, and for chats that need not outlive the process.
///
/// The last bytes of a file may come first, and then take memory for all bytes before them. Choose [`Bounds`](super::Bounds)
/// that fit.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles {
    files: BTreeMap<(Place, FileId), Vec<u8>>,
    noted: BTreeMap<FileId, (u64, Ranges)>,
}

impl MemoryFiles {
    /// Returns the bytes of a file.
    #[must_use]
    pub fn get(&self, place: Place, file: FileId) -> Option<&[u8]> {
        self.files.get(&(place, file)).map(Vec::as_slice)
    }

    /// Adds a sealed file to the outgoing ones ([`Place::Leaving`]).
    pub fn insert(&mut self, file: FileId, sealed: Vec<u8>) {
        self.files.insert((Place::Leaving, file), sealed);
    }
}

impl Files for MemoryFiles {
    type Error = Infallible;

    fn list(&self, place: Place) -> Result<Vec<FileId>, Infallible> {
        Ok(self.files.keys().filter(|(other, _)| *other == place).map(|(_, file)| *file).collect())
    }

    fn len(&self, place: Place, file: FileId) -> Result<Option<u64>, Infallible> {
        Ok(self.get(place, file).map(|bytes| bytes.len() as u64))
    }

    /// Returns fewer bytes if the file is shorter.
    fn read(&mut self, file: FileId, bytes: Range<u64>) -> Result<Vec<u8>, Infallible> {
        let all = self.get(Place::Leaving, file).unwrap_or_default();
        let rest = all.get(place_in_memory(bytes.start)..).unwrap_or_default();
        Ok(rest.iter().take(place_in_memory(bytes.end - bytes.start)).copied().collect())
    }

    fn write(&mut self, part: &PartToWrite<'_>) -> Result<(), Infallible> {
        let bytes = self.files.entry((Place::Arriving, part.file)).or_default();
        let start = place_in_memory(part.offset);
        let end = start.saturating_add(part.bytes.len());
        bytes.resize(bytes.len().max(end), 0);
        bytes.get_mut(start..end).unwrap_or_default().copy_from_slice(part.bytes);
        Ok(())
    }

    fn note(&mut self, file: FileId, total: u64, there: &Ranges) -> Result<(), Infallible> {
        self.noted.insert(file, (total, there.clone()));
        Ok(())
    }

    fn noted(&self, file: FileId) -> Result<Option<(u64, Ranges)>, Infallible> {
        Ok(self.noted.get(&file).cloned())
    }

    fn keep(&mut self, file: FileId) -> Result<(), Infallible> {
        if let Some(bytes) = self.files.remove(&(Place::Arriving, file)) {
            self.files.insert((Place::Kept, file), bytes);
        }
        self.noted.remove(&file);
        Ok(())
    }

    fn remove(&mut self, place: Place, file: FileId) -> Result<(), Infallible> {
        self.files.remove(&(place, file));
        if place == Place::Arriving {
            self.noted.remove(&file);
        }
        Ok(())
    }
}

fn place_in_memory(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
