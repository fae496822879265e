//! Files of the Telegram profile in the parts of an upload.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use secretchat::media::{self, ChainKey, PartSize};
use zeroize::Zeroizing;

use crate::error::OrRaise;
use crate::host::Host;
use crate::make::make;
use crate::media::{MediaKey, counted, finished};

/// Seals one file of a known size under a new key, in the parts of an upload to Telegram's server. `part_size` is a power of
/// two from 1 KiB to 512 KiB. **A chain has no integrity check.**
#[pyclass(module = "secretchat.media")]
pub(crate) struct PartEncryptor {
    encryptor: Option<media::PartEncryptor>,
    key: ChainKey,
}

#[pymethods]
impl PartEncryptor {
    #[new]
    #[pyo3(signature = (size, part_size = 524_288, *, random = None))]
    fn new(py: Python<'_>, size: u64, part_size: u32, random: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let part_size = PartSize::new(part_size).or_raise()?;
        // Nothing is drawn for a file that cannot be.
        media::encrypted_len(size).or_raise()?;
        let (key, made) = Host::new(random, None).draw(py, |rng| {
            let key = ChainKey::random(rng);
            let made = media::PartEncryptor::new(&key, size, part_size, rng);
            (key, made)
        })?;
        Ok(Self { encryptor: Some(made.or_raise()?), key })
    }

    /// The part that comes next, or `None` if the file is whole.
    #[getter]
    fn next_part<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.encryptor.as_ref().and_then(media::PartEncryptor::next_part).map(|next| part(py, &next)).transpose()
    }

    /// Takes the content of the next part, of exactly its `content_length`, and returns the sealed part.
    fn encrypt<'py>(&mut self, py: Python<'py>, content: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let encryptor = self.encryptor.as_mut().ok_or_else(finished)?;
        // A content of another length makes a part of another length, which is refused.
        let len = encryptor.next_part().filter(|next| next.content_len == content.len()).map_or(0, |next| next.len);
        let mut sealed = Zeroizing::new(content.to_vec());
        sealed.resize(len, 0);
        py.detach(|| encryptor.encrypt(&mut sealed)).or_raise()?;
        Ok(PyBytes::new(py, &sealed))
    }

    /// Ends the file. Raises `MediaError` if parts are missing.
    fn finish(&mut self) -> PyResult<()> {
        self.encryptor.take().ok_or_else(finished)?.finish().or_raise()
    }

    /// The key of the file, for its message.
    #[getter]
    fn key(&self) -> MediaKey {
        MediaKey(self.key.duplicate().into())
    }

    /// How many bytes of the file are done, and how many it has.
    #[getter]
    fn progress(&self) -> PyResult<(u64, u64)> {
        Ok(counted(self.encryptor.as_ref().ok_or_else(finished)?.progress()))
    }
}

/// Opens one file of the Telegram profile in the parts of a download. **A chain has no integrity check.**
#[pyclass(module = "secretchat.media")]
pub(crate) struct PartDecryptor(Option<media::PartDecryptor>);

#[pymethods]
impl PartDecryptor {
    #[new]
    #[pyo3(signature = (key, size, part_size = 524_288))]
    fn new(key: &MediaKey, size: u64, part_size: u32) -> PyResult<Self> {
        let media::MediaKey::Chain(key) = &key.0 else {
            return Err(PyValueError::new_err("a file in segments has no such parts"));
        };
        let part_size = PartSize::new(part_size).or_raise()?;
        Ok(Self(Some(media::PartDecryptor::new(key, size, part_size).or_raise()?)))
    }

    /// The part that comes next, or `None` if the file is whole.
    #[getter]
    fn next_part<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.as_ref().and_then(media::PartDecryptor::next_part).map(|next| part(py, &next)).transpose()
    }

    /// Takes the next sealed part, and returns its content.
    fn decrypt<'py>(&mut self, py: Python<'py>, part: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let decryptor = self.0.as_mut().ok_or_else(finished)?;
        let mut part = Zeroizing::new(part.to_vec());
        let content = py.detach(|| decryptor.decrypt(&mut part)).or_raise()?;
        Ok(PyBytes::new(py, content))
    }

    /// Ends the file. Raises `MediaError` if parts are missing: what came out is not the whole file then.
    fn finish(&mut self) -> PyResult<()> {
        self.0.take().ok_or_else(finished)?.finish().or_raise()
    }

    /// How many bytes of the file are done, and how many it has.
    #[getter]
    fn progress(&self) -> PyResult<(u64, u64)> {
        Ok(counted(self.0.as_ref().ok_or_else(finished)?.progress()))
    }
}

/// Returns a part of the package.
fn part<'py>(py: Python<'py>, part: &media::Part) -> PyResult<Bound<'py, PyAny>> {
    Ok(make!(py, "media" Part {
        number: part.number, offset: part.range.start, length: part.len, content_length: part.content_len,
    }))
}
