//! Sealed files in a storage of the host's own.

use std::io;
use std::ops::Range;

use pyo3::IntoPyObjectExt;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use secretchat::frame::{FileId, Ranges};
use secretchat::transfer::{Files, PartToWrite, Place};

/// An object with the methods of `secretchat.store.Files`.
pub(crate) struct HostFiles(pub(super) Py<PyAny>);

impl std::fmt::Debug for HostFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HostFiles").finish_non_exhaustive()
    }
}

/// Calls a method, and reads what it returns. Its exception becomes an error that holds it.
macro_rules! call {
    ($files:expr, $method:literal $(, $argument:expr)* => $read:expr) => {
        Python::attach(|py| {
            let arguments = ($($argument.into_py_any(py)?,)*);
            let returned = $files.0.bind(py).call_method1(intern!(py, $method), arguments)?;
            ($read)(returned)
        })
        .map_err(io::Error::other)
    };
}

impl HostFiles {
    /// Stores a sealed file that is to be sent, durably.
    pub(super) fn insert(&self, file: FileId, sealed: &[u8]) -> io::Result<()> {
        call!(self, "insert", &file.0[..], sealed => nothing)
    }

    /// Returns a sealed file that arrived and was kept.
    pub(super) fn kept<'py>(&self, py: Python<'py>, name: &[u8]) -> PyResult<Option<Bound<'py, PyBytes>>> {
        Ok(self.0.bind(py).call_method1(intern!(py, "kept"), (PyBytes::new(py, name),))?.extract()?)
    }
}

impl Files for HostFiles {
    type Error = io::Error;

    fn list(&self, place: Place) -> io::Result<Vec<FileId>> {
        let files: Vec<[u8; 16]> = call!(self, "list", name_of(place) => |files: Bound<'_, PyAny>| files.extract())?;
        Ok(files.into_iter().map(FileId).collect())
    }

    fn len(&self, place: Place, file: FileId) -> io::Result<Option<u64>> {
        call!(self, "length", name_of(place), &file.0[..] => |length: Bound<'_, PyAny>| length.extract())
    }

    fn read(&mut self, file: FileId, bytes: Range<u64>) -> io::Result<Vec<u8>> {
        let read: Vec<u8> =
            call!(self, "read", &file.0[..], bytes.start, bytes.end => |read: Bound<'_, PyAny>| read.extract())?;
        if read.len() as u64 == bytes.end - bytes.start { Ok(read) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn write(&mut self, part: &PartToWrite<'_>) -> io::Result<()> {
        call!(self, "write", &part.file.0[..], part.offset, part.bytes => nothing)
    }

    fn note(&mut self, file: FileId, total: u64, there: &Ranges) -> io::Result<()> {
        let there: Vec<_> = there.iter().map(|range| (range.start, range.end)).collect();
        call!(self, "note", &file.0[..], total, there => nothing)
    }

    fn noted(&self, file: FileId) -> io::Result<Option<(u64, Ranges)>> {
        let noted: Option<(u64, Vec<(u64, u64)>)> =
            call!(self, "noted", &file.0[..] => |noted: Bound<'_, PyAny>| noted.extract())?;
        Ok(noted.map(|(total, there)| (total, there.into_iter().map(|(start, end)| start..end).collect())))
    }

    fn keep(&mut self, file: FileId) -> io::Result<()> {
        call!(self, "keep", &file.0[..] => nothing)
    }

    fn remove(&mut self, place: Place, file: FileId) -> io::Result<()> {
        call!(self, "remove", name_of(place), &file.0[..] => nothing)
    }
}

fn nothing(_: Bound<'_, PyAny>) -> PyResult<()> {
    Ok(())
}

const fn name_of(place: Place) -> &'static str {
    match place {
        Place::Leaving => "leaving",
        Place::Arriving => "arriving",
        Place::Kept => "kept",
    }
}
