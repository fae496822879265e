//! A phone's files: encrypted ones that go and come, and decrypted ones that have arrived.

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
    /// Where decrypted files go that the user keeps. The user's own files may lie there, too.
    received: PathBuf,
    pub(crate) pace: Pace,
}

/// Where encrypted files lie, and for how long.
#[derive(Clone, Copy)]
pub(crate) enum Tray {
    /// Until the peer has acknowledged the message.
    Outgoing,
    /// From the first byte until the chat takes the message.
    Arriving,
    /// Until the message is kept.
    Incoming,
    /// Of a message with a timer, until its end.
    Cached,
    /// Decrypted, as long as it is shown.
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
        // What a process that died was showing: nobody looks at it any more, and its time may be over.
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

    /// The hash of an encrypted file that has arrived.
    pub(crate) fn arrived_hash(&self, id: FileId) -> Result<Hash> {
        Hash::of_file(&self.path(Tray::Incoming, id))
    }

    /// Keeps an encrypted file that has arrived until its timer ends; its hash.
    pub(crate) fn cache(&self, id: FileId) -> Result<Hash> {
        let cached = self.path(Tray::Cached, id);
        // A killed run may have moved it already.
        if !cached.exists() {
            move_into_place(&self.path(Tray::Incoming, id), &cached)?;
        }
        Hash::of_file(&cached)
    }

    /// Decrypts a cached file to show it until its timer ends; the hash of its content.
    pub(crate) fn show(&self, id: FileId, lease: &MediaLease) -> Result<Hash> {
        let cached = self.path(Tray::Cached, id);
        let mut source = lease.reader(open_regular(&cached).at("read", &cached)?).at("decrypt", &cached)?;
        let shown = self.path(Tray::Shown, id);
        self.copy(&mut source, &cached, shown.clone())?.replace(&shown)?;
        Hash::of_file(&shown)
    }

    /// Destroys what is left of a message whose timer has ended: the encrypted file, whether or not it was opened, and
    /// what was decrypted to show it.
    pub(crate) fn destroy(&self, id: FileId) -> Result<()> {
        // The decrypted one first, whatever comes between.
        [Tray::Shown, Tray::Cached, Tray::Incoming].into_iter().try_for_each(|tray| self.remove(tray, id))
    }

    /// What there is of a file with a timer.
    pub(crate) fn remains(&self, id: FileId) -> Option<PathBuf> {
        [Tray::Shown, Tray::Cached, Tray::Incoming]
            .map(|tray| self.path(tray, id))
            .into_iter()
            .find(|path| path.exists())
    }

    /// Nothing is on its way any more: what is left here was given up by a crash.
    pub(crate) fn tidy(&self) -> Result<()> {
        for tray in [Tray::Outgoing, Tray::Arriving, Tray::Incoming].map(|tray| self.tray(tray)) {
            fs::remove_dir_all(&tray).at("remove", &tray)?;
        }
        Ok(())
    }
}
