//! The interface of the store to a file system, and the implementation for the operating system.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::string::String;
use std::vec::Vec;

/// One folder. A name or its contents are durable only after `sync` of the file and `sync_names`.
pub(super) trait Folder {
    /// An open file, which may have lost its name.
    type File;

    fn names(&self) -> io::Result<Vec<String>>;

    fn read(&self, name: &str) -> io::Result<Vec<u8>>;

    /// Returns the last bytes of a file, fewer if the file is shorter.
    fn tail(&self, name: &str, length: usize) -> io::Result<Vec<u8>>;

    /// Creates a file that does not exist yet.
    fn create(&mut self, name: &str, bytes: &[u8]) -> io::Result<Self::File>;

    /// Opens an existing file for wiping.
    fn open(&mut self, name: &str) -> io::Result<Self::File>;

    fn sync(&mut self, file: &mut Self::File) -> io::Result<()>;

    /// Overwrites the whole file with zeros, durably.
    fn wipe(&mut self, file: Self::File) -> io::Result<()>;

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()>;

    fn remove(&mut self, name: &str) -> io::Result<()>;

    /// Makes names durable: renaming and removing take effect only once the folder is written.
    fn sync_names(&mut self) -> io::Result<()>;
}

/// A folder of the operating system.
#[derive(Debug)]
pub(super) struct Directory(pub(super) PathBuf);

impl Folder for Directory {
    type File = File;

    fn names(&self) -> io::Result<Vec<String>> {
        let names = fs::read_dir(&self.0)?.map(|entry| Ok(entry?.file_name().into_string().ok()));
        names.filter_map(Result::transpose).collect()
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let path = self.0.join(name);
        // A pipe would never end, and a link leads to somebody else's file.
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a file"));
        }
        fs::read(path)
    }

    fn tail(&self, name: &str, length: usize) -> io::Result<Vec<u8>> {
        let mut file = File::open(self.0.join(name))?;
        let skipped = file.metadata()?.len().saturating_sub(u64::try_from(length).unwrap_or(u64::MAX));
        file.seek(SeekFrom::Start(skipped))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn create(&mut self, name: &str, bytes: &[u8]) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(self.0.join(name))?;
        file.write_all(bytes)?;
        Ok(file)
    }

    fn open(&mut self, name: &str) -> io::Result<File> {
        OpenOptions::new().write(true).open(self.0.join(name))
    }

    fn sync(&mut self, file: &mut File) -> io::Result<()> {
        file.sync_all()
    }

    fn wipe(&mut self, mut file: File) -> io::Result<()> {
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(0))?;
        io::copy(&mut io::repeat(0).take(length), &mut file)?;
        file.sync_all()
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    fn sync_names(&mut self) -> io::Result<()> {
        if cfg!(unix) { File::open(&self.0)?.sync_all() } else { Ok(()) }
    }
}
