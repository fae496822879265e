//! Files that are written completely or not at all, and errors that name the file.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Result;

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hash(pub(crate) [u8; 32]);

impl Hash {
    pub(crate) fn of(mut source: impl Read) -> io::Result<Self> {
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match source.read(&mut buffer)? {
                0 => return Ok(Self(hash.finalize().into())),
                len => hash.update(&buffer[..len]),
            }
        }
    }

    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    pub(crate) fn of_file(path: &Path) -> Result<Self> {
        Self::of(open_regular(path).at("read", path)?).at("read", path)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// Names the file that an error is about: the operating system does not.
pub(crate) trait At<T> {
    fn at(self, verb: &str, path: &Path) -> Result<T>;
}

impl<T, E: fmt::Display> At<T> for Result<T, E> {
    fn at(self, verb: &str, path: &Path) -> Result<T> {
        self.map_err(|error| format!("cannot {verb} {}: {error}", path.display()).into())
    }
}

/// Opens a regular file for reading. Anything else is refused first: opening a pipe waits for its writer, and a device may
/// have no end.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    regular(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    // By now, the path may lead to something else.
    regular(&file.metadata()?)?;
    Ok(file)
}

fn regular(metadata: &fs::Metadata) -> io::Result<()> {
    if metadata.is_file() { Ok(()) } else { Err(io::Error::other("not a regular file")) }
}

/// Opens files for this user only: their content is private.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Creates a directory, and those above it, for this user only. An existing one stays as it is.
pub(crate) fn create_private_directory(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).at("make", path)
}

/// Removes a file. A missing file is not an error.
pub(crate) fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).at("remove", path),
        _ => Ok(()),
    }
}

/// A file that is first written under another name. One of the two ends puts it in place, durably. Without an end, nothing
/// of it stays.
pub(crate) struct Whole {
    beside: PathBuf,
    file: File,
    in_place: bool,
}

impl Whole {
    /// Creates the file under the name `beside`, which is ours: the rest of a killed process there is replaced.
    pub(crate) fn create(beside: PathBuf) -> Result<Self> {
        // Not truncated: the old file may have got its final name already, as a second one.
        remove_if_there(&beside)?;
        let file = private(OpenOptions::new().create_new(true).write(true)).open(&beside).at("write", &beside)?;
        Ok(Self { beside, file, in_place: false })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).at("write", &self.beside)
    }

    /// Returns the hash of the written bytes.
    pub(crate) fn hash(&self) -> Result<Hash> {
        Hash::of_file(&self.beside)
    }

    /// Puts the file in place, and replaces a file of ours.
    pub(crate) fn replace(mut self, path: &Path) -> Result<()> {
        self.file.sync_all().at("write", &self.beside)?;
        move_into_place(&self.beside, path)?;
        self.in_place = true;
        Ok(())
    }

    /// Puts the file in place under a free name, with no moment in which another file of this name could be lost. Returns
    /// itself if the name is taken.
    pub(crate) fn take_free_name(mut self, path: &Path) -> Result<Option<Self>> {
        self.file.sync_all().at("write", &self.beside)?;
        let taken = match fs::hard_link(&self.beside, path) {
            Ok(()) => fs::remove_file(&self.beside).map(|()| false),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(true),
            // A file system without links: the name is taken by an empty file first.
            Err(_) => match OpenOptions::new().create_new(true).write(true).open(path) {
                Ok(_) => fs::rename(&self.beside, path).map(|()| false),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(true),
                Err(error) => Err(error),
            },
        };
        if taken.at("write", path)? {
            return Ok(Some(self));
        }
        self.in_place = true;
        sync_directory_of(path)?;
        Ok(None)
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        if !self.in_place {
            let _the_first_error_counts = fs::remove_file(&self.beside);
        }
    }
}

/// Writes a small file of ours.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut whole = Whole::create(partial(path))?;
    whole.write(bytes)?;
    whole.replace(path)
}

/// Returns the name under which a file of ours is first written.
pub(crate) fn partial(path: &Path) -> PathBuf {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    partial.into()
}

/// Moves a file of ours. The name of a moved file is durable once its directory is.
pub(crate) fn move_into_place(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).at("write", to)?;
    sync_directory_of(to)
}

fn sync_directory_of(path: &Path) -> Result<()> {
    match path.parent() {
        Some(directory) if cfg!(unix) => File::open(directory).and_then(|file| file.sync_all()).at("write", directory),
        _ => Ok(()),
    }
}
