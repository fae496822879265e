//! Outputs of a chat.

mod event;
mod persist;
mod transmit;

use pyo3::prelude::*;
use secretchat::Output;
use secretchat::store::Action;

use crate::make::make;

pub(crate) use persist::{CheckpointFields, Persist, checkpoint, checkpoint_of, record_name, records, stored};
pub(crate) use transmit::{proof, transmit};

/// Returns an output of the package.
pub(crate) fn output(py: Python<'_>, output: Output) -> PyResult<Bound<'_, PyAny>> {
    match output {
        Output::Event(event) => event::event(py, event),
        Output::Transmit(told) => transmit(py, &told),
        Output::Persist(batch) => Ok(Bound::new(py, Persist(batch))?.into_any()),
        other => Err(unknown(other.name())),
    }
}

/// Returns an action of the package.
pub(crate) fn action(py: Python<'_>, action: Action) -> PyResult<Bound<'_, PyAny>> {
    match action {
        Action::Event(event) => event::event(py, event),
        Action::Transmit(told) => transmit(py, &told),
        Action::Receipt { id, proof } => {
            Ok(make!(py, "transmits" Receipt { id: id.0, proof: proof.as_ref().map(|proof| &proof[..]) }))
        }
        Action::Checkpoint(noted) => checkpoint(py, noted),
        other => Err(unknown(other.name())),
    }
}

/// Returns the exception for a variant of a newer crate. The tests see that there is none.
pub(crate) fn unknown(name: &str) -> PyErr {
    pyo3::exceptions::PyNotImplementedError::new_err(format!("this package does not know {name}"))
}
