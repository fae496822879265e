//! A phone's directory, and the key in it.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::Result;
use super::disk::{At, create_private_directory, open_regular, partial, write_whole};
use super::os::Os;

/// The key of a phone's records. It is next to them **only in this example**: anyone who has both can read the chat.
const KEY: &str = "key";

/// Checks that a directory is a phone's, or unused: missing or empty. The key is the first file of a new phone. A directory
/// that has other files and no key is not a phone's, or its key was lost: a new key would open nothing there.
pub(crate) fn look(directory: &Path) -> Result<()> {
    let path = directory.join(KEY);
    if path.try_exists().at("read", &path)? || !directory.try_exists().at("read", directory)? {
        return Ok(());
    }
    match first_but(&partial(&path), directory)? {
        Some(other) => {
            let (path, other) = (path.display(), other.display());
            Err(format!("{path} is missing beside {other}: no phone is made there, and no new key").into())
        }
        None => Ok(()),
    }
}

/// Opens the directory of a phone that outlives the process, or creates one.
pub(crate) fn open(directory: &Path, os: &mut Os) -> Result<[u8; 32]> {
    look(directory)?;
    create_private_directory(directory)?;
    let path = directory.join(KEY);
    if path.try_exists().at("read", &path)? {
        return read_key(&path);
    }
    let key = random_key(os);
    write_whole(&path, &key)?;
    Ok(key)
}

/// Returns something in the directory, except for the file that a process leaves if it is killed while it writes the key.
fn first_but(partial: &Path, directory: &Path) -> Result<Option<PathBuf>> {
    for entry in fs::read_dir(directory).at("read", directory)? {
        let path = entry.at("read", directory)?.path();
        if path != *partial {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

fn read_key(path: &Path) -> Result<[u8; 32]> {
    let mut key = Vec::new();
    open_regular(path).at("read", path)?.take(33).read_to_end(&mut key).at("read", path)?;
    key.try_into().map_err(|_| format!("{} is no key: it does not have 32 bytes", path.display()).into())
}

pub(crate) fn random_key(os: &mut Os) -> [u8; 32] {
    let mut key = [0; 32];
    os.env().rng.fill_bytes(&mut key);
    key
}
