//! Looks at messages, for notifications.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use secretchat::Peek;

use super::Chat;
use crate::config::StoreKey;
use crate::error::OrRaise;
use crate::output;
use crate::value::preview;

#[pymethods]
impl Chat {
    /// Looks at a message that came, which changes nothing. Returns a `media.Preview`, or "seen", "nothing", "stale" or
    /// `"no_keys"`. Raises `PeerFault`.
    fn peek<'py>(&self, py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        peeked(py, self.view()?.peek(bytes).or_raise()?)
    }
}

/// Looks at messages in a process that exists for notifications alone: it reads records and writes none.
#[pyclass(frozen, module = "secretchat")]
pub(crate) struct Peeker(secretchat::Peeker);

#[pymethods]
impl Peeker {
    /// Reads the records of a chat: pairs of name and record.
    #[new]
    fn new(chat: [u8; 16], records: Vec<(Vec<u8>, Vec<u8>)>, key: &StoreKey) -> PyResult<Self> {
        secretchat::Peeker::new(&output::records(chat, records)?, &key.0).map(Self).or_raise()
    }

    /// Looks at a message, as `Chat.peek`.
    fn peek<'py>(&self, py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        peeked(py, self.0.peek(bytes).or_raise()?)
    }

    /// The bytes that the host keeps in the records.
    #[getter]
    fn host_data<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.host_data())
    }
}

fn peeked(py: Python<'_>, peek: Peek) -> PyResult<Bound<'_, PyAny>> {
    match peek {
        Peek::Message(seen) => preview(py, &seen),
        other => Ok(other.name().into_pyobject(py)?.into_any()),
    }
}
