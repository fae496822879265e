//! Where the two phones live.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Result;
use super::cli::Options;
use super::desk::Desk;
use super::disk::{create_private_directory, write_whole};
use super::journal::Journal;
use super::os::Os;
use super::phone::{Phone, Settings};
use super::shelf::Shelf;

pub(crate) struct Place {
    root: PathBuf,
    /// Whether the phones outlive the process.
    kept: bool,
    /// Where the files go that Bob receives.
    pub(crate) received: PathBuf,
}

impl Place {
    pub(crate) fn new(options: &Options, os: &mut Os) -> Result<Self> {
        let root = match &options.store {
            Some((_, directory)) => directory.clone(),
            None => std::env::temp_dir().join(format!("secretchat-{:016x}", os.env().rng.next_u64())),
        };
        let received = match (&options.out, &options.store) {
            (Some(out), _) => out.clone(),
            (None, Some(_)) => root.join("bob").join("received"),
            (None, None) => root.clone(),
        };
        let received = std::path::absolute(received)?;
        Ok(Self { root, kept: options.store.is_some(), received })
    }

    /// A phone that outlives the process or, with a store in memory, ends with it. Then only what is encrypted, and what Bob
    /// shall keep, goes to disk.
    pub(crate) fn phone<S: Shelf>(&self, settings: Settings, mut os: Os) -> Result<Phone<S>> {
        let directory = self.directory(&settings)?;
        let (store, rows) = S::open(&directory)
            .map_err(|error| format!("cannot open the store in {}: {error}", directory.display()))?;
        let key = if self.kept { store_key(&directory.join("key"), &mut os)? } else { random_key(&mut os) };
        let desk = Desk::open(&settings, &directory, self.received.clone())?;
        Ok(Phone::new(settings, os, store, key, Journal::new(rows), desk))
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
            let key = random_key(os);
            write_whole(path, |file| file.write_all(&key))?;
            Ok(key)
        }
        Err(error) => Err(error.into()),
    }
}

fn random_key(os: &mut Os) -> [u8; 32] {
    let mut key = [0; 32];
    os.env().rng.fill_bytes(&mut key);
    key
}
