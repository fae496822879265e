//! A phone's files: outgoing and incoming encrypted ones, and decrypted ones.

use std::fs;
use std::path::{Path, PathBuf};

use secretchat::MediaLease;
use secretchat::frame::FileId;

use super::Result;
use super::cli::Pace;
use super::disk::{At, Hash, create_private_directory, move_into_place, open_regular, remove_if_there};
use super::phone::Settings;

pub(crate) struct Desk {
    pub(crate) who: &'static str,
    /// The phone's directory.
    pub(crate) home: PathBuf,
    /// The directory for decrypted files that the user keeps. It may also have the user's own files.
    received: PathBuf,
    pub(crate) pace: Pace,
}

/// Where files are, and for how long.
#[derive(Clone, Copy)]
pub(crate) enum Tray {
    /// Until the peer has acknowledged the message.
    Outgoing,
    /// From the first byte until the chat takes the message.
    Arriving,
    /// Until the message is kept.
    Incoming,
    /// For a message with a timer, until its end.
    Cached,
    /// Decrypted, as long as the file is shown.
    Shown,
}

impl Tray {
    const ALL: [Self; 5] = [Self::Outgoing, Self::Arriving, Self::Incoming, Self::Cached, Self::Shown];

    const fn name(self) -> &'static str {
        match self {
            Self::Outgoing => "outgoing",
            Self::Arriving => "arriving",
            Self::Incoming => "incoming",
            Self::Cached => "cached",
            Self::Shown => "shown",
        }
    }
}

impl Desk {
    pub(crate) fn open(settings: &Settings, home: PathBuf, received: PathBuf) -> Result<Self> {
        let Settings { name: who, pace, .. } = *settings;
        let desk = Self { who, home, received, pace };
        // Files that a dead process was showing: nobody looks at them any more, and their time may be over.
        let shown = desk.tray(Tray::Shown);
        if shown.exists() {
            fs::remove_dir_all(&shown).at("remove", &shown)?;
        }
        for tray in Tray::ALL {
            create_private_directory(&desk.tray(tray))?;
        }
        Ok(desk)
    }

    pub(super) fn tray(&self, tray: Tray) -> PathBuf {
        self.home.join(tray.name())
    }

    pub(crate) fn path(&self, tray: Tray, id: FileId) -> PathBuf {
        self.tray(tray).join(hex::encode(id.0))
    }

    pub(crate) fn has(&self, tray: Tray, id: FileId) -> bool {
        self.path(tray, id).exists()
    }

    pub(crate) fn remove(&self, tray: Tray, id: FileId) -> Result<()> {
        remove_if_there(&self.path(tray, id))
    }

    pub(crate) fn received(&self) -> &Path {
        &self.received
    }

    /// Returns the hash of an encrypted file that has arrived.
    pub(crate) fn arrived_hash(&self, id: FileId) -> Result<Hash> {
        Hash::of_file(&self.path(Tray::Incoming, id))
    }

    /// Keeps an encrypted file that has arrived until its timer ends. Returns its hash.
    pub(crate) fn cache(&self, id: FileId) -> Result<Hash> {
        let cached = self.path(Tray::Cached, id);
        // A killed run may already have moved the file.
        if !cached.exists() {
            move_into_place(&self.path(Tray::Incoming, id), &cached)?;
        }
        Hash::of_file(&cached)
    }

    /// Decrypts a cached file, to show it until its timer ends. Returns the hash of its content.
    pub(crate) fn show(&self, id: FileId, lease: &MediaLease) -> Result<Hash> {
        let cached = self.path(Tray::Cached, id);
        let mut source = lease.reader(open_regular(&cached).at("read", &cached)?).at("decrypt", &cached)?;
        let shown = self.path(Tray::Shown, id);
        self.copy(&mut source, &cached, shown.clone())?.replace(&shown)?;
        Hash::of_file(&shown)
    }

    /// Destroys the files of a message whose timer has ended: the encrypted file, whether or not it was opened, and the
    /// decrypted copy.
    pub(crate) fn destroy(&self, id: FileId) -> Result<()> {
        // The decrypted file first, in case something interrupts this.
        [Tray::Shown, Tray::Cached, Tray::Incoming].into_iter().try_for_each(|tray| self.remove(tray, id))
    }

    /// Returns the existing copies of a file with a timer.
    pub(crate) fn remains(&self, id: FileId) -> Option<PathBuf> {
        [Tray::Shown, Tray::Cached, Tray::Incoming]
            .map(|tray| self.path(tray, id))
            .into_iter()
            .find(|path| path.exists())
    }

    /// Removes files that a crash abandoned. Nothing is in transit any more.
    pub(crate) fn tidy(&self) -> Result<()> {
        for tray in [Tray::Outgoing, Tray::Arriving, Tray::Incoming].map(|tray| self.tray(tray)) {
            fs::remove_dir_all(&tray).at("remove", &tray)?;
        }
        Ok(())
    }
}
