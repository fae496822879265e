//! Files, sealed and opened with the interpreter's lock released.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use secretchat::MediaError;
use secretchat::media::{self, Progress};

use crate::error::OrRaise;
use crate::host::Host;
use crate::names::file_form;

/// The key of one file. It goes into the message, and is wiped when it is no longer used.
#[pyclass(frozen, module = "secretchat.media")]
pub(crate) struct MediaKey(pub(crate) media::MediaKey);

#[pymethods]
impl MediaKey {
    /// Makes a key from its parts, 32 bytes each. `form` is "segments" or "chain".
    #[new]
    fn new(form: &str, key: [u8; 32], iv: [u8; 32]) -> PyResult<Self> {
        Ok(Self(media::MediaKey::from_parts(file_form(form)?, key, iv)))
    }

    /// The form of the file: "segments", or "chain" in the Telegram profile.
    #[getter]
    fn form(&self) -> &'static str {
        if matches!(self.0.form(), media::FileForm::Chain) { "chain" } else { "segments" }
    }

    /// The fingerprint of a file's key, as Telegram's server calls it, or `None` for a file in segments.
    #[getter]
    fn fingerprint(&self) -> Option<i32> {
        if let media::MediaKey::Chain(key) = &self.0 { Some(key.fingerprint()) } else { None }
    }

    /// Returns the two parts of the key. **Hazardous**: Python cannot wipe these bytes.
    fn hazmat_parts<'py>(&self, py: Python<'py>) -> (Bound<'py, PyBytes>, Bound<'py, PyBytes>) {
        let (key, iv) = self.0.parts();
        (PyBytes::new(py, key), PyBytes::new(py, iv))
    }

    fn __repr__(&self) -> String {
        format!("MediaKey({:?}, ..)", self.form())
    }
}

/// Seals a whole file under a new key, and returns the key and the sealed file. `form` is `Chat.file_form`.
#[pyfunction]
#[pyo3(signature = (content, form = "segments", *, random = None))]
pub(crate) fn seal<'py>(
    py: Python<'py>,
    content: &[u8],
    form: &str,
    random: Option<&Bound<'py, PyAny>>,
) -> PyResult<(MediaKey, Bound<'py, PyBytes>)> {
    let mut encryptor = MediaEncryptor::new(py, content.len() as u64, form, random)?;
    let sealed = encryptor.update(py, content)?;
    let key = encryptor.key()?;
    encryptor.finish()?;
    Ok((key, sealed))
}

/// Opens a whole file of `size` bytes. What comes out is whole and, if the file is in segments, authentic.
#[pyfunction]
pub(crate) fn open<'py>(py: Python<'py>, key: &MediaKey, size: u64, sealed: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    opened(py, &key.0, size, sealed)
}

/// Opens a whole file.
pub(crate) fn opened<'py>(
    py: Python<'py>,
    key: &media::MediaKey,
    size: u64,
    sealed: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let content = py.detach(|| media::open(key, size, sealed)).or_raise()?;
    Ok(PyBytes::new(py, &content))
}

/// Returns how long a file of `size` bytes is when it is sealed in the Telegram profile.
#[pyfunction]
pub(crate) fn encrypted_len(size: u64) -> PyResult<u64> {
    media::encrypted_len(size).or_raise()
}

/// Seals one file of a known size under a new key, in pieces of any length.
#[pyclass(module = "secretchat.media")]
pub(crate) struct MediaEncryptor(Option<media::MediaEncryptor>);

#[pymethods]
impl MediaEncryptor {
    #[new]
    #[pyo3(signature = (size, form = "segments", *, random = None))]
    fn new(py: Python<'_>, size: u64, form: &str, random: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let form = file_form(form)?;
        let made = Host::new(random, None).draw(py, |rng| media::MediaEncryptor::new(form, size, rng))?;
        Ok(Self(Some(made.or_raise()?)))
    }

    /// Takes a piece of the file, and returns sealed bytes, which may be none.
    fn update<'py>(&mut self, py: Python<'py>, content: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let encryptor = self.0.as_mut().ok_or_else(finished)?;
        all(py, content, |rest, to| encryptor.update(rest).map(|part| to.extend_from_slice(part)))
    }

    /// Ends the file. Raises `MediaError` if it was shorter than said.
    fn finish(&mut self) -> PyResult<()> {
        self.0.take().ok_or_else(finished)?.finish().or_raise()
    }

    /// The key of the file.
    #[getter]
    fn key(&self) -> PyResult<MediaKey> {
        Ok(MediaKey(self.0.as_ref().ok_or_else(finished)?.key().duplicate()))
    }

    /// The length of the sealed file in bytes.
    #[getter]
    fn encrypted_len(&self) -> PyResult<u64> {
        Ok(self.0.as_ref().ok_or_else(finished)?.encrypted_len())
    }

    /// How many bytes of the file are done, and how many it has.
    #[getter]
    fn progress(&self) -> PyResult<(u64, u64)> {
        Ok(counted(self.0.as_ref().ok_or_else(finished)?.progress()))
    }
}

/// Opens one file, in pieces of any length. Of a file in segments, whatever comes out is authentic.
#[pyclass(module = "secretchat.media")]
pub(crate) struct MediaDecryptor(pub(crate) Option<media::MediaDecryptor>);

#[pymethods]
impl MediaDecryptor {
    #[new]
    fn new(key: &MediaKey, size: u64) -> PyResult<Self> {
        Ok(Self(Some(media::MediaDecryptor::new(&key.0, size).or_raise()?)))
    }

    /// Takes a piece of the sealed file, and returns bytes of its content, which may be none.
    fn update<'py>(&mut self, py: Python<'py>, sealed: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let decryptor = self.0.as_mut().ok_or_else(finished)?;
        all(py, sealed, |rest, to| decryptor.update(rest).map(|part| to.extend_from_slice(part)))
    }

    /// Ends the file. Raises `MediaError` unless it was whole: what came out before is worth nothing then.
    fn finish(&mut self) -> PyResult<()> {
        self.0.take().ok_or_else(finished)?.finish().or_raise()
    }

    /// How many bytes of the file are done, and how many it has.
    #[getter]
    fn progress(&self) -> PyResult<(u64, u64)> {
        Ok(counted(self.0.as_ref().ok_or_else(finished)?.progress()))
    }
}

/// Seals one file several times under new keys, for several chats: each with its form.
///
/// With `key`, it takes a sealed file and seals its content again, to forward it: nothing of the content is stored. Raises
/// `MediaError` in `finish` if that file was not whole: the copies must not be sent then.
#[pyclass(module = "secretchat.media")]
pub(crate) struct MediaCopies {
    copies: Option<Copies>,
    count: usize,
}

enum Copies {
    Content(media::MediaCopies),
    Sealed(media::MediaReseal),
}

#[pymethods]
impl MediaCopies {
    #[new]
    #[pyo3(signature = (size, forms, *, key = None, random = None))]
    #[expect(clippy::needless_pass_by_value, reason = "they are read from an object of Python")]
    fn new(
        py: Python<'_>,
        size: u64,
        forms: Vec<String>,
        key: Option<&MediaKey>,
        random: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let forms = forms.iter().map(|form| file_form(form)).collect::<PyResult<Vec<_>>>()?;
        let copies = Host::new(random, None).draw(py, |rng| match key {
            Some(key) => media::MediaReseal::new(&key.0, size, &forms, rng).map(Copies::Sealed),
            None => media::MediaCopies::new(&forms, size, rng).map(Copies::Content),
        })?;
        Ok(Self { copies: Some(copies.or_raise()?), count: forms.len() })
    }

    /// Takes a piece of the file, and returns sealed bytes of each copy, which may be none.
    fn update<'py>(&mut self, py: Python<'py>, bytes: &[u8]) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let copies = self.copies.as_mut().ok_or_else(finished)?;
        let mut parts = vec![Vec::new(); self.count];
        let mut add = |number: usize, part: &[u8]| {
            parts[number].extend_from_slice(part);
            Ok::<_, MediaError>(())
        };
        py.detach(|| match copies {
            Copies::Content(copies) => copies.update(bytes, &mut add),
            Copies::Sealed(copies) => copies.update(bytes, &mut add),
        })
        .or_raise()?;
        Ok(parts.iter().map(|part| PyBytes::new(py, part)).collect())
    }

    /// Ends the file, and returns the key of each copy.
    fn finish(&mut self) -> PyResult<Vec<MediaKey>> {
        let keys = match self.copies.take().ok_or_else(finished)? {
            Copies::Content(copies) => copies.finish(),
            Copies::Sealed(copies) => copies.finish(),
        };
        Ok(keys.or_raise()?.into_iter().map(MediaKey).collect())
    }
}

/// Calls `next`, which takes from the bytes and adds to the output, until it adds nothing. The interpreter's lock is released
/// meanwhile.
pub(crate) fn all<'py>(
    py: Python<'py>,
    bytes: &[u8],
    mut next: impl FnMut(&mut &[u8], &mut Vec<u8>) -> Result<(), MediaError> + Send,
) -> PyResult<Bound<'py, PyBytes>> {
    let (mut rest, mut output) = (bytes, Vec::with_capacity(bytes.len()));
    let pieces = py.detach(|| {
        loop {
            let before = output.len();
            let added = next(&mut rest, &mut output);
            if added.is_err() || output.len() == before {
                return added;
            }
        }
    });
    pieces.or_raise()?;
    Ok(PyBytes::new(py, &output))
}

/// Returns the two numbers of a progress: how many bytes are done, and how many there are.
pub(crate) fn counted(Progress { done, total }: Progress) -> (u64, u64) {
    (done, total)
}

/// Returns the exception for a file that is finished.
pub(crate) fn finished() -> PyErr {
    PyRuntimeError::new_err("the file is finished")
}
