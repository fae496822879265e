//! The directories of the two phones.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Result;
use super::cli::Options;
use super::desk::Desk;
use super::disk::{At, create_private_directory};
use super::home;
use super::os::Os;
use super::phone::{Phone, Settings};
use super::shelf::Shelf;

/// The directories of the phones, by name.
const PHONES: [&str; 2] = ["alice", "bob"];

pub(crate) struct Place {
    root: PathBuf,
    /// Whether the phones outlive the process.
    kept: bool,
    /// The directory for the files that Bob receives.
    pub(crate) received: PathBuf,
    /// Directories that did not exist before, the innermost first. If the story fails, the empty ones are removed again.
    made: Vec<PathBuf>,
    succeeded: bool,
}

impl Place {
    pub(crate) fn new(options: &Options, os: &mut Os) -> Result<Self> {
        let root = match &options.store {
            Some((_, directory)) => directory.clone(),
            None => std::env::temp_dir().join(format!("secretchat-{:016x}", os.env().rng.next_u64())),
        };
        let root = std::path::absolute(&root).at("use", &root)?;
        let received = match (&options.out, &options.store) {
            (Some(out), _) => std::path::absolute(out).at("use", out)?,
            (None, Some(_)) => root.join("bob").join("received"),
            (None, None) => root.clone(),
        };
        if options.store.is_some() {
            PHONES.iter().try_for_each(|name| home::look(&root.join(name)))?;
        }
        let mut place = Self { root, kept: options.store.is_some(), received, made: Vec::new(), succeeded: false };
        place.make(&place.root.clone())?;
        if options.out.is_some() {
            place.make(&place.received.clone())?;
        }
        Ok(place)
    }

    fn make(&mut self, directory: &Path) -> Result<()> {
        let missing = directory.ancestors().take_while(|path| !path.exists()).map(Path::to_owned);
        self.made.splice(0..0, missing.collect::<Vec<_>>());
        create_private_directory(directory)
    }

    /// Opens a phone that outlives the process or, with a store in memory, ends with it. Then only encrypted files, and the
    /// files that Bob keeps, go to disk.
    pub(crate) fn phone<S: Shelf>(&self, settings: Settings, mut os: Os) -> Result<Phone<S>> {
        let directory = self.root.join(settings.name.to_lowercase());
        let key = if self.kept { home::open(&directory, &mut os)? } else { home::random_key(&mut os) };
        create_private_directory(&directory)?;
        let (store, rows) = S::open(&directory).at("open the store in", &directory)?;
        let desk = Desk::open(&settings, directory, self.received.clone())?;
        Ok(Phone::new(settings, os, store, key, rows.into_iter().collect(), desk))
    }

    /// Cleans up at the end of the story: of temporary phones nothing stays except the files that Bob received.
    pub(crate) fn succeed(mut self) -> Result<()> {
        if !self.kept {
            self.remove_phones().at("remove the phones in", &self.root)?;
        }
        self.succeeded = true;
        Ok(())
    }

    fn remove_phones(&self) -> io::Result<()> {
        for name in PHONES {
            fs::remove_dir_all(self.root.join(name))?;
        }
        if self.received != self.root { fs::remove_dir(&self.root) } else { Ok(()) }
    }
}

/// After a failure, nothing stays of temporary phones, and no directory that was made in vain.
impl Drop for Place {
    fn drop(&mut self) {
        if self.succeeded {
            return;
        }
        if !self.kept {
            let _the_first_error_counts = fs::remove_dir_all(&self.root);
        }
        for directory in &self.made {
            let _what_is_in_use_stays = fs::remove_dir(directory);
        }
    }
}
