//! Sealed files in a folder.

use core::ops::Range;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::vec;
use std::vec::Vec;

use rand_core::CryptoRng;

use super::files::{Files, Place};
use super::heard::PartToWrite;
use super::link::Link;
use crate::frame::{FileId, Ranges};
use crate::media::{FileForm, MediaEncryptReader, MediaKey};
use crate::store::Store;
use crate::types::env::Env;
use crate::types::id::RandomId;

/// The sealed files of one chat in a folder, with a subfolder for each [`Place`].
///
/// ```
/// # use getrandom::SysRng;
/// # use secretchat::rand_core::UnwrapErr;
/// use secretchat::media::FileForm;
/// use secretchat::transfer::{Files, FolderFiles, Place};
///
/// # let folder = std::env::temp_dir().join(format!("secretchat-folder-files-{}", std::process::id()));
/// let mut files = FolderFiles::open(&folder)?;
/// let photo = b"the bytes of a photo";
/// let form = FileForm::Segments; // `chat.file_form()`
/// let (file, key) = files.seal(&photo[..], photo.len() as u64, form, &mut UnwrapErr(SysRng))?;
/// assert_eq!(files.list(Place::Leaving)?, [file]);
///
/// let mut content = Vec::new();
/// let sealed = std::fs::File::open(files.path(Place::Leaving, file))?;
/// std::io::copy(&mut key.reader(sealed, photo.len() as u64)?, &mut content)?;
/// assert_eq!(content, photo);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FolderFiles {
    folder: PathBuf,
}

impl FolderFiles {
    /// Opens a folder, and creates it if it is not there. Each chat needs a folder of its own.
    ///
    /// # Errors
    /// The file system's.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let files = Self { folder: folder.into() };
        for place in [Place::Leaving, Place::Arriving, Place::Kept] {
            fs::create_dir_all(files.folder_of(place))?;
        }
        Ok(files)
    }

    /// Returns where a file is, or would be.
    #[must_use]
    pub fn path(&self, place: Place, file: FileId) -> PathBuf {
        self.folder_of(place).join(std::format!("{file}"))
    }

    /// Seals `size` bytes of content under a new key, durably, as an outgoing file. Returns its id for
    /// [`Draft::with_file`](crate::Draft::with_file), and its key for the message.
    ///
    /// # Errors
    /// Those of the source and of the file system; a [`MediaError`](crate::MediaError) inside an [`io::Error`] if the
    /// content is empty, too long, or not of this size. After an error nothing is left of the file.
    pub fn seal<G: CryptoRng>(
        &mut self,
        content: impl Read,
        size: u64,
        form: FileForm,
        mut rng: G,
    ) -> io::Result<(FileId, MediaKey)> {
        let file = FileId::random(&mut rng);
        let mut sealed = MediaEncryptReader::new(content, form, size, rng)?;
        let key = sealed.key().duplicate();
        let path = self.path(Place::Leaving, file);
        let written = File::create_new(&path).and_then(|mut to| {
            io::copy(&mut sealed, &mut to)?;
            to.sync_all()
        });
        match written.and_then(|()| sync_names(&self.folder_of(Place::Leaving))) {
            Ok(()) => Ok((file, key)),
            Err(error) => {
                let _ = fs::remove_file(path);
                Err(error)
            }
        }
    }

    /// Opens a kept file by its name in the message ([`IncomingFile::reference`](crate::IncomingFile)) or in the chat
    /// ([`Chat::file_of`](crate::Chat::file_of)).
    ///
    /// # Errors
    /// The file system's; also [`io::ErrorKind::NotFound`] for a name that is not a file id.
    pub fn open_kept(&self, name: &[u8]) -> io::Result<File> {
        let file = FileId::try_from(name).map_err(|_| io::ErrorKind::NotFound)?;
        File::open(self.path(Place::Kept, file))
    }

    fn folder_of(&self, place: Place) -> PathBuf {
        self.folder.join(match place {
            Place::Leaving => "leaving",
            Place::Arriving => "arriving",
            Place::Kept => "kept",
        })
    }

    /// Returns the path of the note with the length and the ranges of an arriving file.
    fn note_path(&self, file: FileId) -> PathBuf {
        self.path(Place::Arriving, file).with_extension("note")
    }
}

impl<S: Store> Link<S, FolderFiles> {
    /// Seals `size` bytes of content in the chat's form, as [`FolderFiles::seal`] does.
    ///
    /// # Errors
    /// As [`FolderFiles::seal`].
    pub fn seal(&mut self, content: impl Read, size: u64, env: &mut Env<'_>) -> io::Result<(FileId, MediaKey)> {
        let form = self.driver().chat().file_form();
        self.files_mut().seal(content, size, form, &mut *env.rng)
    }

    /// Opens the kept file of a message with a timer. [`Event::Opened`](crate::Event::Opened) brings the key for it.
    ///
    /// # Errors
    /// As [`FolderFiles::open_kept`]: [`io::ErrorKind::NotFound`] if the message has ended or has no file.
    pub fn open_timed(&self, random_id: RandomId) -> io::Result<File> {
        self.files().open_kept(self.driver().chat().file_of(random_id).unwrap_or_default())
    }
}

impl Files for FolderFiles {
    type Error = io::Error;

    fn list(&self, place: Place) -> io::Result<Vec<FileId>> {
        let entries = fs::read_dir(self.folder_of(place))?;
        // The names of notes are not ids.
        let ids = entries.map(|entry| Ok(entry?.file_name().to_str().and_then(|name| name.parse().ok())));
        ids.filter_map(io::Result::transpose).collect()
    }

    fn len(&self, place: Place, file: FileId) -> io::Result<Option<u64>> {
        found(fs::metadata(self.path(place, file)).map(|data| data.len()))
    }

    fn read(&mut self, file: FileId, bytes: Range<u64>) -> io::Result<Vec<u8>> {
        let len = usize::try_from(bytes.end.saturating_sub(bytes.start)).map_err(io::Error::other)?;
        let mut from = File::open(self.path(Place::Leaving, file))?;
        from.seek(SeekFrom::Start(bytes.start))?;
        let mut part = vec![0; len];
        from.read_exact(&mut part)?;
        Ok(part)
    }

    fn write(&mut self, part: &PartToWrite<'_>) -> io::Result<()> {
        let path = self.path(Place::Arriving, part.file);
        let mut to = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        to.seek(SeekFrom::Start(part.offset))?;
        to.write_all(part.bytes)
    }

    fn note(&mut self, file: FileId, total: u64, there: &Ranges) -> io::Result<()> {
        OpenOptions::new().write(true).open(self.path(Place::Arriving, file))?.sync_all()?;
        let (path, new) = (self.note_path(file), self.note_path(file).with_extension("new"));
        let mut to = File::create(&new)?;
        to.write_all(&total.to_le_bytes())?;
        to.write_all(&there.to_bytes())?;
        to.sync_all()?;
        fs::rename(new, path)?;
        sync_names(&self.folder_of(Place::Arriving))
    }

    /// Also returns `None` for a note that does not parse: that file starts anew.
    fn noted(&self, file: FileId) -> io::Result<Option<(u64, Ranges)>> {
        let note = found(fs::read(self.note_path(file)))?.unwrap_or_default();
        let Some((total, there)) = note.split_first_chunk() else { return Ok(None) };
        Ok(Ranges::from_bytes(there).ok().map(|there| (u64::from_le_bytes(*total), there)))
    }

    fn keep(&mut self, file: FileId) -> io::Result<()> {
        if found(fs::rename(self.path(Place::Arriving, file), self.path(Place::Kept, file)))?.is_some() {
            sync_names(&self.folder_of(Place::Kept))?;
        }
        self.remove(Place::Arriving, file)
    }

    fn remove(&mut self, place: Place, file: FileId) -> io::Result<()> {
        found(fs::remove_file(self.path(place, file)))?;
        if place == Place::Arriving {
            let note = self.note_path(file);
            found(fs::remove_file(note.with_extension("new")))?;
            found(fs::remove_file(note))?;
        }
        Ok(())
    }
}

/// Distinguishes a file that is not there from one that cannot be reached.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

/// Makes names durable: the name of a new or renamed file is durable only once its folder is synced.
fn sync_names(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
