//! Encrypted files on their way, in parts that fit into frames.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use secretchat::frame::{FileId, Frame};

use super::Result;
use super::desk::{Desk, Tray};
use super::disk::{At, Whole, open_regular, partial};

/// A file that the peer may send at most. Parts are not authentic: anyone on the link could fill the disk with them.
const MAX_FILE_LEN: u64 = 1 << 32;

/// Bytes of a file in one frame.
const PART_LEN: usize = 1 << 14;

/// A file on its way out.
pub(crate) struct Upload {
    pub(crate) id: FileId,
    path: PathBuf,
    file: File,
    offset: u64,
    total: u64,
}

/// A file on its way in.
pub(crate) struct Arriving {
    id: FileId,
    /// Bytes that are there.
    len: u64,
    whole: Whole,
}

impl Desk {
    /// Begins to carry an encrypted file.
    pub(crate) fn upload(&self, id: FileId) -> Result<Upload> {
        let path = self.path(Tray::Outgoing, id);
        let file = open_regular(&path).at("read", &path)?;
        let total = file.metadata().at("read", &path)?.len();
        Ok(Upload { id, path, file, offset: 0, total })
    }

    /// Takes a part of an encrypted file. One that starts over starts over here, too; one that does not fit is dropped.
    pub(crate) fn take_part(&mut self, id: FileId, offset: u64, total: u64, bytes: &[u8]) -> Result<()> {
        if total > MAX_FILE_LEN {
            return Ok(());
        }
        let path = self.path(Tray::Incoming, id);
        if offset == 0 {
            // Two at once would be one file under two handles.
            self.arriving = None;
            self.arriving = Some(Arriving { id, len: 0, whole: Whole::create(partial(&path))? });
        }
        let Some(arriving) = self.arriving.as_mut().filter(|arriving| (arriving.id, arriving.len) == (id, offset))
        else {
            return Ok(());
        };
        arriving.whole.write(bytes)?;
        arriving.len += bytes.len() as u64;
        if arriving.len == total
            && let Some(arriving) = self.arriving.take()
        {
            arriving.whole.replace(&path)?;
        }
        Ok(())
    }
}

impl Upload {
    /// The next part, in `buffer`; `None` at the end.
    pub(crate) fn next_part<'a>(&mut self, buffer: &'a mut Vec<u8>) -> Result<Option<Frame<'a>>> {
        buffer.resize(PART_LEN, 0);
        let len = self.file.read(buffer).at("read", &self.path)?;
        let Self { id: file_id, offset, total, .. } = *self;
        if len == 0 && offset < total {
            return Err(format!("{} is shorter than it was", self.path.display()).into());
        }
        self.offset += len as u64;
        Ok((len > 0).then_some(Frame::FilePart { file_id, offset, total, bytes: &buffer[..len] }))
    }
}
