//! Encrypted files in transit, in parts that fit into frames.

use std::fs::{self, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::PathBuf;

use secretchat::frame::{FileId, Ranges};
use secretchat::transfer::{FileReceiver, PartToWrite};

use super::Result;
use super::desk::{Desk, Tray};
use super::disk::{At, move_into_place, open_regular, private, remove_if_there, write_whole};
use super::os::now;

/// How many bytes of a file may arrive before the phone notes which bytes are there.
const NOTED_EVERY: u64 = 1 << 20;

impl Desk {
    /// Returns the length of an outgoing encrypted file; `None` if it is not there.
    pub(crate) fn leaving(&self, id: FileId) -> Option<u64> {
        fs::metadata(self.path(Tray::Outgoing, id)).ok().map(|data| data.len())
    }

    /// Reads bytes of an outgoing encrypted file.
    pub(crate) fn read_part(&self, id: FileId, range: Range<u64>) -> Result<Vec<u8>> {
        let path = self.path(Tray::Outgoing, id);
        let mut bytes = vec![0; usize::try_from(range.end - range.start)?];
        let mut file = open_regular(&path).at("read", &path)?;
        file.seek(SeekFrom::Start(range.start)).and_then(|_| file.read_exact(&mut bytes)).at("read", &path)?;
        Ok(bytes)
    }

    /// Writes bytes of an incoming encrypted file. From time to time, and at the end, they are made durable and noted, so
    /// that a restart asks only for the rest.
    pub(crate) fn write_part(&self, part: &PartToWrite<'_>, receiver: &mut FileReceiver) -> Result<()> {
        let path = self.path(Tray::Arriving, part.file);
        let mut file =
            private(OpenOptions::new().create(true).truncate(false).write(true)).open(&path).at("write", &path)?;
        file.seek(SeekFrom::Start(part.offset)).and_then(|_| file.write_all(part.bytes)).at("write", &path)?;
        let end = part.offset + part.bytes.len() as u64;
        if !part.is_last && part.offset / NOTED_EVERY == end / NOTED_EVERY {
            return Ok(());
        }
        file.sync_data().at("write", &path)?;
        if let (Some(there), Some(progress)) = (receiver.there(part.file), receiver.progress(part.file)) {
            write_whole(&self.noted(part.file), &[&progress.total.to_le_bytes()[..], &there.to_bytes()].concat())?;
        }
        if part.is_last {
            receiver.durable(part.file);
        }
        Ok(())
    }

    /// Tells a receiver which parts of incoming files an earlier process left.
    pub(crate) fn restore(&self, receiver: &mut FileReceiver) -> Result<()> {
        let tray = self.tray(Tray::Arriving);
        for entry in fs::read_dir(&tray).at("read", &tray)? {
            let name = entry.at("read", &tray)?.file_name();
            let Some(id) = name.to_str().and_then(|name| name.parse::<FileId>().ok()) else { continue };
            let noted = fs::read(self.noted(id)).unwrap_or_default();
            let noted =
                noted.split_first_chunk().and_then(|(total, there)| Some((*total, Ranges::from_bytes(there).ok()?)));
            match noted {
                Some((total, there)) => receiver.restore(id, Some(u64::from_le_bytes(total)), &there, now()),
                None => self.give_up(id)?,
            }
        }
        Ok(())
    }

    /// Keeps a file whose message the chat has taken. The file is durable before the chat's next batch.
    pub(crate) fn take(&self, id: FileId) -> Result<()> {
        if self.has(Tray::Arriving, id) {
            move_into_place(&self.path(Tray::Arriving, id), &self.path(Tray::Incoming, id))?;
        }
        self.give_up(id)
    }

    /// Deletes the parts of a file that has not arrived completely, or whose message was not taken.
    pub(crate) fn give_up(&self, id: FileId) -> Result<()> {
        self.remove(Tray::Arriving, id)?;
        remove_if_there(&self.noted(id))
    }

    /// Returns the path of the note about the parts of a file.
    fn noted(&self, id: FileId) -> PathBuf {
        self.path(Tray::Arriving, id).with_extension("noted")
    }
}
