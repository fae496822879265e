//! Where the two phones live.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use secretchat::store::{FileStore, MemoryStore};

use crate::Result;
use crate::cli::Options;
use crate::desk::Desk;
use crate::disk::{create_private_directory, write_whole};
use crate::journal::Journal;
use crate::os::Os;
use crate::phone::{Phone, Settings};

pub(crate) struct Place {
    root: PathBuf,
    /// Where the files go that Bob receives.
    pub(crate) received: PathBuf,
}

impl Place {
    pub(crate) fn new(options: &Options, os: &mut Os) -> Result<Self> {
        let root = match &options.store {
            Some(directory) => directory.clone(),
            None => std::env::temp_dir().join(format!("secretchat-{:016x}", os.env().rng.next_u64())),
        };
        let received = match (&options.out, &options.store) {
            (Some(out), _) => out.clone(),
            (None, Some(_)) => root.join("bob").join("received"),
            (None, None) => root.clone(),
        };
        let received = std::path::absolute(received)?;
        Ok(Self { root, received })
    }

    /// A phone that outlives the process.
    pub(crate) fn kept(&self, settings: Settings, mut os: Os) -> Result<Phone<FileStore>> {
        let directory = self.directory(&settings)?;
        // It also makes sure that no other process works here.
        let store = FileStore::open(directory.join("records"))
            .map_err(|error| format!("cannot open the store in {}: {error}", directory.display()))?;
        let key = store_key(&directory.join("key"), &mut os)?;
        let journal = Journal::open(&directory.join("journal"))?;
        let desk = Desk::open(&settings, &directory, self.received.clone())?;
        Ok(Phone::new(settings, os, store, key, journal, desk))
    }

    /// A phone that ends with the process. Only what is encrypted, and what Bob shall keep, goes to disk.
    pub(crate) fn passing(&self, settings: Settings, mut os: Os) -> Result<Phone<MemoryStore>> {
        let directory = self.directory(&settings)?;
        let mut key = [0; 32];
        os.env().rng.fill_bytes(&mut key);
        let desk = Desk::open(&settings, &directory, self.received.clone())?;
        Ok(Phone::new(settings, os, MemoryStore::default(), key, Journal::default(), desk))
    }

    /// Nothing of the passing phones stays but what Bob received.
    pub(crate) fn sweep(&self) -> io::Result<()> {
        for name in ["alice", "bob"] {
            fs::remove_dir_all(self.root.join(name))?;
        }
        if !self.received.starts_with(std::path::absolute(&self.root)?) {
            fs::remove_dir(&self.root)?;
        }
        Ok(())
    }

    fn directory(&self, settings: &Settings) -> Result<PathBuf> {
        let directory = self.root.join(settings.name.to_lowercase());
        create_private_directory(&directory)
            .map_err(|error| format!("cannot make {}: {error}", directory.display()))?;
        Ok(directory)
    }
}

/// The key over a phone's records. It lies beside them **for this example only**: whoever has both has the chat.
fn store_key(path: &Path, os: &mut Os) -> Result<[u8; 32]> {
    match fs::read(path) {
        Ok(key) => key.try_into().map_err(|_| format!("{} is no key", path.display()).into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut key = [0; 32];
            os.env().rng.fill_bytes(&mut key);
            write_whole(path, |file| file.write_all(&key))?;
            Ok(key)
        }
        Err(error) => Err(error.into()),
    }
}
