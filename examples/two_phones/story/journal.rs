//! The rows of a phone in memory, to ask them things.

use secretchat::frame::{ChatTag, FileId};
use secretchat::{Checkpoint, RandomId};

use super::disk::Hash;
use super::rows::{Grouped, Key, Received, Row, What};

pub(crate) struct Journal {
    rows: Vec<Row>,
}

impl Journal {
    pub(crate) const fn new(rows: Vec<Row>) -> Self {
        Self { rows }
    }

    pub(crate) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    pub(crate) fn plan(&self) -> Option<(Hash, &str)> {
        self.rows.iter().find_map(|row| match row {
            Row::Plan { hash, profile } => Some((*hash, profile.as_str())),
            _ => None,
        })
    }

    pub(crate) fn tag(&self) -> Option<ChatTag> {
        self.rows.iter().find_map(|row| if let Row::Tag(tag) = row { Some(*tag) } else { None })
    }

    pub(crate) fn checkpoint(&self) -> Option<Checkpoint> {
        self.rows.iter().rev().find_map(|row| if let Row::Checkpoint(noted) = row { Some(*noted) } else { None })
    }

    pub(crate) fn drafts(&self) -> impl Iterator<Item = (RandomId, Hash, &str)> {
        self.rows.iter().filter_map(|row| match row {
            Row::Draft { id, hash, step } => Some((*id, *hash, step.as_str())),
            _ => None,
        })
    }

    /// The message of this step of the story.
    pub(crate) fn draft(&self, step: &str) -> Option<RandomId> {
        self.drafts().find(|(_, _, known)| *known == step).map(|(id, ..)| id)
    }

    pub(crate) fn is_acknowledged(&self, id: RandomId) -> bool {
        self.rows.iter().any(|row| matches!(row, Row::Acknowledged(of) if *of == id))
    }

    pub(crate) fn received(&self) -> impl Iterator<Item = &Received> {
        self.rows.iter().filter_map(|row| if let Row::Received(received) = row { Some(received) } else { None })
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.rows.iter().filter_map(|row| if let Row::Key(key) = row { Some(key) } else { None })
    }

    /// Files that came in albums.
    pub(crate) fn grouped(&self) -> impl Iterator<Item = (RandomId, &Grouped)> {
        self.received().filter_map(|received| match &received.what {
            What::Grouped(grouped) => Some((received.id, grouped)),
            _ => None,
        })
    }

    /// Those that have not been decrypted.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = (RandomId, &Grouped)> {
        self.grouped().filter(|(id, _)| self.opened(*id).is_none())
    }

    /// The hash of what was seen of a message with a timer, or decrypted of an album.
    pub(crate) fn opened(&self, id: RandomId) -> Option<Hash> {
        self.rows.iter().find_map(|row| match row {
            Row::Opened { id: of, hash } if *of == id => Some(*hash),
            _ => None,
        })
    }

    pub(crate) fn has_expired(&self, id: RandomId) -> bool {
        self.rows.iter().any(|row| matches!(row, Row::Expired(of) if *of == id))
    }

    /// A message with a timer that arrived: its encrypted file and the hash of that.
    pub(crate) fn hidden(&self, id: RandomId) -> Option<(FileId, Hash)> {
        self.received().find(|received| received.id == id).and_then(|received| match received.what {
            What::Hidden(file) => Some((file, received.hash)),
            _ => None,
        })
    }

    pub(crate) fn has_received(&self, id: RandomId) -> bool {
        self.received().any(|received| received.id == id)
    }
}
