//! Any place of a sealed file.

use std::io::{self, Read, Seek, SeekFrom};

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use secretchat::MediaError;
use secretchat::media::{self, Progress};
use zeroize::Zeroizing;

use crate::error::Raise;
use crate::media::MediaKey;

/// Reads any place of a file in segments. `source` is the sealed file: an object with `read` and `seek`.
#[pyclass(module = "secretchat.media", name = "SegmentReader")]
pub(crate) struct SegmentReader(media::SegmentReader<Source>);

#[pymethods]
impl SegmentReader {
    #[new]
    fn new(source: Py<PyAny>, key: &MediaKey, size: u64) -> PyResult<Self> {
        let media::MediaKey::Segments(key) = &key.0 else {
            return Err(PyValueError::new_err("a chain can be read from its start alone"));
        };
        Ok(Self(media::SegmentReader::new(Source(source), key, size).map_err(Raise::raise)?))
    }

    /// Reads at most `count` bytes of the content at the position, and none at its end.
    fn read<'py>(&mut self, py: Python<'py>, count: usize) -> PyResult<Bound<'py, PyBytes>> {
        let Progress { done, total } = self.0.progress();
        let left = usize::try_from(total.saturating_sub(done)).unwrap_or(usize::MAX);
        // Not more than a read can give.
        let mut content = Zeroizing::new(vec![0; count.min(left).min(media::SEGMENT_LEN)]);
        let len = self.0.read(&mut content).map_err(Raise::raise)?;
        Ok(PyBytes::new(py, &content[..len]))
    }

    /// Moves to a position: from the start, from here or from the end, as `whence` is 0, 1 or 2.
    fn seek(&mut self, offset: i64, whence: u8) -> PyResult<u64> {
        let to = match (whence, u64::try_from(offset)) {
            (0, Ok(start)) => SeekFrom::Start(start),
            (1, _) => SeekFrom::Current(offset),
            (2, _) => SeekFrom::End(offset),
            _ => return Err(PyValueError::new_err("no such place")),
        };
        self.0.seek(to).map_err(|_| PyValueError::new_err("no such place"))
    }
}

/// An object of Python that can be read at any place.
struct Source(Py<PyAny>);

impl Read for Source {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        Python::attach(|py| {
            let read = self.0.bind(py).call_method1(intern!(py, "read"), (to.len(),))?;
            let read = read.cast::<PyBytes>()?.as_bytes();
            let place = to.get_mut(..read.len()).ok_or_else(|| PyValueError::new_err("more bytes than asked for"))?;
            place.copy_from_slice(read);
            Ok(read.len())
        })
        .map_err(|error: PyErr| io::Error::other(error))
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        Python::attach(|py| {
            let (offset, whence) = match to {
                SeekFrom::Start(offset) => (offset.into_pyobject(py)?, 0),
                SeekFrom::Current(offset) => (offset.into_pyobject(py)?, 1),
                SeekFrom::End(offset) => (offset.into_pyobject(py)?, 2),
            };
            self.0.bind(py).call_method1(intern!(py, "seek"), (offset, whence))?.extract()
        })
        .map_err(|error: PyErr| io::Error::other(error))
    }
}

impl Raise for io::Error {
    /// Errors of the file come with its own exception.
    fn raise(self) -> PyErr {
        match self.get_ref().and_then(|error| error.downcast_ref::<MediaError>()) {
            Some(error) => error.raise(),
            None => self.into(),
        }
    }
}
