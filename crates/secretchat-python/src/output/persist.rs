//! Records, for the host's own store.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};
use secretchat::{Batch, ChatId, Checkpoint, RecordName, Records, StoreError};

use crate::error::OrRaise;
use crate::make::make;

/// Records to write and to delete: all of it in one transaction, or nothing. They are sealed.
///
/// Take the next output only when this one is durable.
#[pyclass(frozen, module = "secretchat", name = "Persist")]
pub(crate) struct Persist(pub(crate) Batch);

#[pymethods]
impl Persist {
    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["put", "delete"])
    }

    /// The chat, as 16 bytes. All its records have this id.
    #[getter]
    fn chat<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.chat.0)
    }

    /// Names (9 bytes) and records to write.
    #[getter]
    fn put<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        rows(py, &self.0.put)
    }

    /// Names of records to delete.
    #[getter]
    fn delete<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.0.delete.iter().map(|name| PyBytes::new(py, &name.to_bytes())))
    }

    /// The checkpoint that `Chat.restore` can expect, for hosts that guard against old copies of their database.
    #[getter]
    fn checkpoint<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        checkpoint(py, self.0.checkpoint)
    }

    /// The checkpoint of the batch before, or `None` for the first.
    #[getter]
    fn follows<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.follows.map(|before| checkpoint(py, before)).transpose()
    }

    /// Returns whether something is deleted or replaced of which no copy may stay behind.
    #[getter]
    fn destroys(&self) -> bool {
        self.0.destroys
    }

    /// Returns whether the batch follows the stored records. `head` is the stored record named `STATE` or `TOMBSTONE`,
    /// or `None` if there is neither. If it is false, another program has written first.
    #[pyo3(signature = (head))]
    fn fits(&self, head: Option<&[u8]>) -> bool {
        self.0.fits(head)
    }

    /// The names of the records that `fits` compares with.
    #[classattr]
    #[pyo3(name = "HEADS")]
    fn heads(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        let heads = [RecordName::State, RecordName::Tombstone].map(|name| PyBytes::new(py, &name.to_bytes()));
        PyTuple::new(py, heads)
    }

    fn __repr__(&self) -> String {
        let Batch { put, delete, destroys, .. } = &self.0;
        format!("Persist(put={}, delete={}, destroys={destroys})", put.len(), delete.len())
    }
}

/// Returns a checkpoint of the package.
pub(crate) fn checkpoint(py: Python<'_>, Checkpoint { generation, tag }: Checkpoint) -> PyResult<Bound<'_, PyAny>> {
    Ok(make!(py, "transmits" Checkpoint { generation: generation, tag: &tag[..] }))
}

#[derive(FromPyObject)]
pub(crate) struct CheckpointFields {
    generation: u64,
    tag: [u8; 16],
}

/// Reads a checkpoint of the package.
pub(crate) fn checkpoint_of(fields: Option<CheckpointFields>) -> Option<Checkpoint> {
    fields.map(|CheckpointFields { generation, tag }| Checkpoint { generation, tag })
}

/// Returns the name of a record as text, for logs.
#[pyfunction]
pub(crate) fn record_name(name: &[u8]) -> PyResult<String> {
    Ok(named(name)?.to_string())
}

/// Returns records as pairs of name and record.
pub(crate) fn rows<'py>(py: Python<'py>, rows: &[(RecordName, Vec<u8>)]) -> PyResult<Bound<'py, PyList>> {
    PyList::new(py, rows.iter().map(|(name, row)| (PyBytes::new(py, &name.to_bytes()), PyBytes::new(py, row))))
}

/// Reads the records of a chat.
pub(crate) fn records(chat: [u8; 16], rows: Vec<(Vec<u8>, Vec<u8>)>) -> PyResult<Records> {
    let rows = rows.into_iter().map(|(name, row)| Ok((named(&name)?, row)));
    Ok(Records { chat: ChatId(chat), rows: rows.collect::<PyResult<_>>()? })
}

/// Reads what a store returns for a chat: `None`, or its records.
pub(crate) fn stored(chat: [u8; 16], rows: Option<Vec<(Vec<u8>, Vec<u8>)>>) -> PyResult<Option<Records>> {
    rows.map(|rows| records(chat, rows)).transpose()
}

fn named(name: &[u8]) -> PyResult<RecordName> {
    let name = name.try_into().ok().and_then(RecordName::from_bytes);
    name.ok_or(StoreError::Damaged).or_raise()
}
