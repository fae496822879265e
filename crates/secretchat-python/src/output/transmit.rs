//! Transmissions to the peer.

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use secretchat::{DiscardProof, Transmit, TransmitKind};

use super::unknown;
use crate::make::make;

/// Returns a transmission of the package.
pub(crate) fn transmit<'py>(py: Python<'py>, transmit: &Transmit) -> PyResult<Bound<'py, PyAny>> {
    let id = transmit.id.0;
    Ok(match &transmit.kind {
        TransmitKind::Request { public, .. } => make!(py, "transmits" Request { id: id, public: &public[..] }),
        TransmitKind::Accept { public, fingerprint, .. } => make!(py, "transmits" Accept {
            id: id, public: &public[..], fingerprint: &fingerprint.to_bytes()[..],
        }),
        TransmitKind::Discard { history, proof: told, .. } => make!(py, "transmits" Discard {
            id: id, history: history.name(), proof: proof(py, told.as_ref())?,
        }),
        TransmitKind::Read { max_date, .. } => {
            make!(py, "transmits" Read { id: id, max_date: max_date.as_millis() })
        }
        TransmitKind::Typing { typing, .. } => make!(py, "transmits" Typing { id: id, typing: *typing }),
        TransmitKind::Ciphertext { random_id, bytes, service, silent, file, .. } => make!(py, "transmits" Ciphertext {
            id: id, bytes: &bytes[..], random_id: random_id.0, service: *service, silent: *silent,
            file: file.as_deref(),
        }),
        other => return Err(unknown(other.name())),
    })
}

/// Returns a proof as the peer's count of messages and 32 bytes.
pub(crate) fn proof<'py>(py: Python<'py>, proof: Option<&DiscardProof>) -> PyResult<Option<Bound<'py, PyTuple>>> {
    proof.map(|DiscardProof { sent, mac }| (sent, &mac[..]).into_pyobject(py)).transpose()
}
