//! Searches a phone's files for copies of deleted records. This checks what a store promises.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::Result;
use super::disk::At;

/// A number of bytes of a sealed record that cannot occur by chance.
const PIECE: usize = 16;

/// Sealed records that a phone once had.
#[derive(Default)]
pub(crate) struct Copies {
    pieces: HashSet<[u8; PIECE]>,
}

/// The number of searched files and bytes.
pub(crate) struct Looked {
    pub(crate) files: usize,
    pub(crate) bytes: usize,
}

impl Copies {
    pub(crate) fn remember(&mut self, sealed: &[u8]) {
        self.pieces.extend(sealed.as_chunks().0);
    }

    /// Searches for any piece of them. A store may cut a record into pieces, but not such small ones.
    pub(crate) fn look(&self, directory: &Path) -> Result<Looked> {
        let mut looked = Looked { files: 0, bytes: 0 };
        for path in files_below(directory)? {
            let content = fs::read(&path).at("read", &path)?;
            if content.windows(PIECE).any(|piece| self.pieces.contains(piece)) {
                return Err(format!("{} holds a copy of a record that was destroyed", path.display()).into());
            }
            looked.files += 1;
            looked.bytes += content.len();
        }
        Ok(looked)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

fn files_below(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).at("read", directory)? {
        let path = entry.at("read", directory)?.path();
        let kind = fs::symlink_metadata(&path).at("read", &path)?;
        if kind.is_dir() {
            found.extend(files_below(&path)?);
        } else if kind.is_file() {
            found.push(path);
        }
    }
    Ok(found)
}
