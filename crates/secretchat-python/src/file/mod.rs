//! The sealed files of a link.

mod host;

use std::io::{self, Read};
use std::ops::Range;
use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use secretchat::frame::{FileId, Ranges};
use secretchat::media::{self, FileForm, MediaKey};
use secretchat::rand_core::CryptoRng;
use secretchat::transfer::{self, PartToWrite, Place};
use zeroize::Zeroizing;

use host::HostFiles;

/// Sealed files in a folder, which survive crashes. Each link has a folder of its own.
#[pyclass(frozen, module = "secretchat")]
pub(crate) struct FolderFiles(PathBuf);

#[pymethods]
impl FolderFiles {
    #[new]
    fn new(folder: PathBuf) -> Self {
        Self(folder)
    }
}

/// Sealed files in memory, for tests and for links that end with the process.
#[pyclass(frozen, module = "secretchat")]
pub(crate) struct MemoryFiles;

#[pymethods]
impl MemoryFiles {
    #[new]
    fn new() -> Self {
        Self
    }
}

/// The files that a link was given.
#[derive(Debug)]
pub(crate) enum Files {
    Folder(transfer::FolderFiles),
    Memory(transfer::MemoryFiles),
    Host(HostFiles),
}

impl Files {
    /// Opens the files that an argument stands for.
    pub(crate) fn open(files: &Bound<'_, PyAny>) -> PyResult<Self> {
        if files.cast::<MemoryFiles>().is_ok() {
            return Ok(Self::Memory(transfer::MemoryFiles::default()));
        }
        let folder = match files.cast::<FolderFiles>() {
            Ok(folder) => folder.get().0.clone(),
            Err(_) => match files.extract() {
                Ok(folder) => folder,
                Err(_) => return Ok(Self::Host(HostFiles(files.clone().unbind()))),
            },
        };
        Ok(Self::Folder(transfer::FolderFiles::open(folder)?))
    }

    /// Seals a file of `size` bytes that is to be sent.
    pub(crate) fn seal(
        &mut self,
        mut content: impl Read,
        size: u64,
        form: FileForm,
        rng: &mut dyn CryptoRng,
    ) -> io::Result<(FileId, MediaKey)> {
        match self {
            Self::Folder(files) => files.seal(content, size, form, rng),
            Self::Memory(_) | Self::Host(_) => {
                let mut bytes = Zeroizing::new(Vec::new());
                content.read_to_end(&mut bytes)?;
                let (key, sealed) = media::seal(form, &bytes, rng).map_err(io::Error::other)?;
                let file = FileId::random(rng);
                match self {
                    Self::Host(files) => files.insert(file, &sealed)?,
                    Self::Memory(files) => files.insert(file, sealed),
                    Self::Folder(_) => {}
                }
                Ok((file, key))
            }
        }
    }

    /// Returns a sealed file that arrived and was kept.
    pub(crate) fn kept<'py>(&self, py: Python<'py>, name: &[u8]) -> PyResult<Option<Bound<'py, PyBytes>>> {
        match self {
            Self::Folder(files) => match files.open_kept(name) {
                Ok(mut file) => {
                    let mut bytes = Vec::new();
                    py.detach(|| file.read_to_end(&mut bytes))?;
                    Ok(Some(PyBytes::new(py, &bytes)))
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error.into()),
            },
            Self::Memory(files) => {
                let file = FileId::try_from(name).ok();
                Ok(file.and_then(|file| files.get(Place::Kept, file)).map(|bytes| PyBytes::new(py, bytes)))
            }
            Self::Host(files) => files.kept(py, name),
        }
    }

    /// Returns the path of a kept file, if the files are in a folder.
    pub(crate) fn path(&self, file: FileId) -> Option<PathBuf> {
        if let Self::Folder(files) = self { Some(files.path(Place::Kept, file)) } else { None }
    }
}

/// Calls the files of any kind. Those in memory cannot fail.
macro_rules! any {
    ($files:expr, $method:ident($($argument:expr),*)) => {
        match $files {
            Files::Folder(files) => files.$method($($argument),*),
            Files::Host(files) => files.$method($($argument),*),
            Files::Memory(files) => {
                let Ok(done) = files.$method($($argument),*);
                Ok(done)
            }
        }
    };
}

impl transfer::Files for Files {
    type Error = io::Error;

    fn list(&self, place: Place) -> io::Result<Vec<FileId>> {
        any!(self, list(place))
    }

    fn len(&self, place: Place, file: FileId) -> io::Result<Option<u64>> {
        any!(self, len(place, file))
    }

    fn read(&mut self, file: FileId, bytes: Range<u64>) -> io::Result<Vec<u8>> {
        any!(self, read(file, bytes))
    }

    fn write(&mut self, part: &PartToWrite<'_>) -> io::Result<()> {
        any!(self, write(part))
    }

    fn note(&mut self, file: FileId, total: u64, there: &Ranges) -> io::Result<()> {
        any!(self, note(file, total, there))
    }

    fn noted(&self, file: FileId) -> io::Result<Option<(u64, Ranges)>> {
        any!(self, noted(file))
    }

    fn keep(&mut self, file: FileId) -> io::Result<()> {
        any!(self, keep(file))
    }

    fn remove(&mut self, place: Place, file: FileId) -> io::Result<()> {
        any!(self, remove(place, file))
    }
}
