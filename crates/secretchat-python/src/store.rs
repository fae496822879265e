//! A store of Python for the crate's driver.

use std::fmt;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};
use secretchat::store::{ApplyError, Store};
use secretchat::{Batch, ChatId, Records};

use crate::output::{Persist, stored};

/// An object with the methods of `secretchat.store.Store`.
pub(crate) struct PyStore(pub(crate) Py<PyAny>);

impl fmt::Debug for PyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PyStore").finish_non_exhaustive()
    }
}

/// The exception of a store.
#[derive(Debug)]
pub(crate) struct StoreFailed(pub(crate) PyErr);

impl fmt::Display for StoreFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for StoreFailed {}

impl From<PyErr> for StoreFailed {
    fn from(error: PyErr) -> Self {
        Self(error)
    }
}

impl Store for PyStore {
    type Error = StoreFailed;

    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<StoreFailed>> {
        self.apply_all(std::slice::from_ref(batch))
    }

    fn apply_all(&mut self, batches: &[Batch]) -> Result<(), ApplyError<StoreFailed>> {
        Python::attach(|py| {
            let written = PyList::new(py, batches.iter().map(|batch| Persist(batch.clone())))
                .and_then(|batches| self.0.bind(py).call_method1(intern!(py, "apply"), (batches,)));
            written.map(drop).map_err(|error| match is_superseded(py, &error) {
                true => ApplyError::Superseded,
                false => ApplyError::Store(StoreFailed(error)),
            })
        })
    }

    fn scrub(&mut self) -> Result<bool, StoreFailed> {
        Ok(Python::attach(|py| self.0.bind(py).call_method0(intern!(py, "scrub"))?.extract())?)
    }

    fn load(&self, chat: ChatId) -> Result<Option<Records>, StoreFailed> {
        Ok(Python::attach(|py| {
            let rows = self.0.bind(py).call_method1(intern!(py, "load"), (PyBytes::new(py, &chat.0),))?;
            stored(chat.0, rows.extract()?)
        })?)
    }

    fn chats(&self) -> Result<Vec<ChatId>, StoreFailed> {
        Ok(Python::attach(|py| {
            let chats: Vec<[u8; 16]> = self.0.bind(py).call_method0(intern!(py, "chats"))?.extract()?;
            PyResult::Ok(chats.into_iter().map(ChatId).collect())
        })?)
    }

    fn delete(&mut self, chat: ChatId) -> Result<(), StoreFailed> {
        Ok(Python::attach(|py| {
            self.0.bind(py).call_method1(intern!(py, "delete"), (PyBytes::new(py, &chat.0),)).map(drop)
        })?)
    }
}

fn is_superseded(py: Python<'_>, error: &PyErr) -> bool {
    let class = py.import("secretchat.errors").and_then(|errors| errors.getattr("Superseded"));
    class.is_ok_and(|class| error.is_instance(py, &class))
}
