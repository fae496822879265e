//! Plain values of the package, to and from the crate's.

mod draft;
mod entity;
mod incoming;
mod media;

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use secretchat::{ApiMisuse, RandomId, Ttl};

use crate::error::OrRaise;
use crate::host::Host;

pub(crate) use draft::DraftFields;
pub(crate) use entity::{entities, entities_fit, entity_at, entity_range};
pub(crate) use incoming::{FileFields, content, message, position, preview, rights};
pub(crate) use media::{media, thumbnail};

/// Returns the ids of messages, as a tuple.
pub(crate) fn ids<'py>(py: Python<'py>, ids: &[RandomId]) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, ids.iter().map(|id| id.0))
}

/// Returns a timer of `seconds`; 2147483647 is view once, and 0 is none.
pub(crate) fn ttl(seconds: u32) -> PyResult<Ttl> {
    Ttl::from_seconds(seconds).or_raise()
}

/// Returns a new id for a message, for hosts that note a message before they send it.
#[pyfunction]
#[pyo3(signature = (*, random = None))]
pub(crate) fn random_id(py: Python<'_>, random: Option<&Bound<'_, PyAny>>) -> PyResult<i64> {
    let mut drawn = [0; 8];
    Host::new(random, None).draw(py, |rng| rng.fill_bytes(&mut drawn))?;
    // 0 stands for no id.
    match i64::from_le_bytes(drawn) {
        0 => Err(ApiMisuse::UnusableRng).or_raise(),
        id => Ok(id),
    }
}
