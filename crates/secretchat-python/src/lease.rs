//! Leases of opened messages, until their deadline.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::error::OrRaise;
use crate::media::{MediaDecryptor, MediaKey};
use crate::value::{content, rights, thumbnail};

macro_rules! lease {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[pyclass(module = "secretchat.media")]
        pub(crate) struct $name(Option<secretchat::$name>);

        impl $name {
            pub(crate) fn new(lease: secretchat::$name) -> Self {
                Self(Some(lease))
            }

            fn lent(&self) -> PyResult<&secretchat::$name> {
                self.0.as_ref().ok_or_else(|| PyRuntimeError::new_err("the lease has ended"))
            }

            fn shown(&self) -> String {
                format!("{}({})", stringify!($name), if self.0.is_some() { ".." } else { "ended" })
            }
        }
    };
}

lease! {
    /// The key of an opened medium. End it at the deadline, and destroy what you decrypted with it.
    MediaLease
}

lease! {
    /// The hidden content of an opened message. End it at the deadline, and destroy every copy of the text.
    ContentLease
}

#[pymethods]
impl MediaLease {
    /// Ends the lease: its key is wiped.
    fn end(&mut self) {
        self.0 = None;
    }

    /// Opens the whole file.
    fn open<'py>(&self, py: Python<'py>, sealed: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let lease = self.lent()?;
        let opened = py.detach(|| lease.open(sealed)).or_raise()?;
        Ok(PyBytes::new(py, &opened))
    }

    /// Returns a decryptor for a file in pieces. `size` is what the host knows of a file whose sender did not say it.
    #[pyo3(signature = (size = None))]
    fn decryptor(&self, size: Option<u64>) -> PyResult<MediaDecryptor> {
        let lease = self.lent()?;
        let decryptor = size.map_or_else(|| lease.decryptor(), |size| lease.decryptor_of(size));
        Ok(MediaDecryptor(Some(decryptor.or_raise()?)))
    }

    /// The size of the file in bytes, or 0 if its sender did not say.
    #[getter]
    fn size(&self) -> PyResult<u64> {
        Ok(self.lent()?.size())
    }

    /// The preview, if it was hidden with the medium.
    #[getter]
    fn thumbnail<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        thumbnail(py, self.lent()?.thumbnail())
    }

    /// The rights over the medium.
    #[getter]
    fn rights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        rights(py, self.lent()?.rights())
    }

    /// Returns the key itself. **Hazardous**: a copy of it outlives the timer.
    fn hazmat_key(&self) -> PyResult<MediaKey> {
        Ok(MediaKey(self.lent()?.hazmat_key().duplicate()))
    }

    fn __repr__(&self) -> String {
        self.shown()
    }
}

#[pymethods]
impl ContentLease {
    /// Ends the lease: the crate's copy of the content is wiped.
    fn end(&mut self) {
        self.0 = None;
    }

    /// The content.
    #[getter]
    fn content<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        content(py, self.lent()?.content())
    }

    fn __repr__(&self) -> String {
        self.shown()
    }
}
