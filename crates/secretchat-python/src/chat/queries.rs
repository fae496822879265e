//! Questions about the state of a chat.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};
use secretchat::{ChatState, RandomId, RekeyState, Timestamp};

use super::Chat;
use crate::make::make;
use crate::output::checkpoint;
use crate::value::position;
use crate::verification::Verification;

#[pymethods]
impl Chat {
    /// The state: "requested", "accepted", "ready" or "closed".
    #[getter]
    fn state(&self) -> PyResult<&'static str> {
        Ok(self.view()?.state().name())
    }

    /// The reason why the chat is closed, or `None`.
    #[getter]
    fn close_reason(&self) -> PyResult<Option<&'static str>> {
        Ok(if let ChatState::Closed(reason) = self.view()?.state() { Some(reason.name()) } else { None })
    }

    /// The name of the profile.
    #[getter]
    fn profile(&self) -> PyResult<&'static str> {
        Ok(self.view()?.profile().name())
    }

    /// The role: "initiator" or "responder".
    #[getter]
    fn role(&self) -> PyResult<&'static str> {
        Ok(self.view()?.role().name())
    }

    /// The id of the chat's records, 16 bytes, or `None` if it keeps none.
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        Ok(self.view()?.id().map(|id| PyBytes::new(py, &id.0)))
    }

    /// The bytes that the host keeps in the records.
    #[getter]
    fn host_data<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, self.view()?.host_data()))
    }

    /// The form of this chat's files, for `media.seal`.
    #[getter]
    fn file_form(&self) -> PyResult<&'static str> {
        Ok(if matches!(self.view()?.file_form(), secretchat::media::FileForm::Chain) { "chain" } else { "segments" })
    }

    /// The timer of the chat in seconds.
    #[getter]
    fn ttl(&self) -> PyResult<i32> {
        Ok(self.view()?.ttl().to_wire())
    }

    /// The layer that this end speaks.
    #[getter]
    fn own_layer(&self) -> PyResult<i32> {
        Ok(self.view()?.own_layer().0)
    }

    /// The layer that the peer speaks.
    #[getter]
    fn peer_layer(&self) -> PyResult<i32> {
        Ok(self.view()?.peer_layer().0)
    }

    /// How many messages were sent, acknowledged and received.
    #[getter]
    fn counters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let counters = self.view()?.counters();
        Ok(make!(py, "media" Counters {
            sent: counters.sent, acknowledged: counters.acknowledged, received: counters.received,
        }))
    }

    /// The value that the users compare, or `None` before there is a key.
    #[getter]
    fn verification(&self) -> PyResult<Option<Verification>> {
        Ok(self.view()?.verification().map(Verification))
    }

    /// The check of the present key, which is the peer's too, or `None`.
    #[getter]
    fn check(&self) -> PyResult<Option<Verification>> {
        Ok(self.view()?.check().map(Verification))
    }

    /// The check that the users compared: `None` if they compared nothing, otherwise a number of
    /// renewals or -1 for the value itself.
    #[getter]
    fn verified(&self) -> PyResult<Option<i64>> {
        Ok(self.view()?.verified().map(|verified| verified.check.map_or(-1, i64::from)))
    }

    /// The text of the QR code of this end, or `None` before there is a key.
    #[getter]
    fn scan_code(&self) -> PyResult<Option<String>> {
        Ok(self.view()?.scan_code().map(|code| code.to_string()))
    }

    /// The fingerprint of the key, 8 bytes, or `None`.
    #[getter]
    fn key_fingerprint<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        Ok(self.view()?.key_fingerprint().map(|print| PyBytes::new(py, &print.to_bytes())))
    }

    /// How many times the key was renewed.
    #[getter]
    fn rekeys(&self) -> PyResult<u32> {
        Ok(self.view()?.rekeys())
    }

    /// The state of the exchange of a new key: "idle", "requested", "accepted", "answered" or "asked".
    #[getter]
    fn rekey_state(&self) -> PyResult<&'static str> {
        Ok(self.view()?.rekey_state().name())
    }

    /// The number of the exchange of a new key, or `None`.
    #[getter]
    fn exchange_id(&self) -> PyResult<Option<i64>> {
        Ok(self.view()?.rekey_state().exchange_id().map(|id| id.0))
    }

    /// The fingerprint of the new key, 8 bytes, while the peer has not confirmed it yet, or `None`.
    #[getter]
    fn candidate_fingerprint<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let RekeyState::Accepted { fingerprint, .. } = self.view()?.rekey_state() else { return Ok(None) };
        Ok(Some(PyBytes::new(py, &fingerprint.to_bytes())))
    }

    /// The checkpoint of the last batch of records, or `None`.
    #[getter]
    fn checkpoint<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.view()?.checkpoint().map(|noted| checkpoint(py, noted)).transpose()
    }

    /// Returns whether the peer waits for an acknowledgement.
    #[getter]
    fn owes_acknowledgement(&self) -> PyResult<bool> {
        Ok(self.view()?.owes_acknowledgement())
    }

    /// Returns whether something is not acknowledged yet.
    #[getter]
    fn awaits_transport(&self) -> PyResult<bool> {
        Ok(self.view()?.awaits_transport())
    }

    /// The proof that this end is closed, 32 bytes, or `None`.
    #[getter]
    fn discard_receipt<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        Ok(self.view()?.discard_receipt().map(|proof| PyBytes::new(py, &proof)))
    }

    /// The names of the files of messages that are not acknowledged yet.
    #[getter]
    fn unacknowledged_files<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.view()?.unacknowledged_files().map(|name| PyBytes::new(py, name)))
    }

    /// Returns where a message of this end stands, or `None` once it is acknowledged.
    fn position<'py>(&self, py: Python<'py>, id: i64) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.view()?.position(RandomId(id)).map(|stands| position(py, stands)).transpose()
    }

    /// Returns the name of the file of a message of this end that is not acknowledged, or of one with a timer.
    fn file_of<'py>(&self, py: Python<'py>, id: i64) -> PyResult<Option<Bound<'py, PyBytes>>> {
        Ok(self.view()?.file_of(RandomId(id)).map(|name| PyBytes::new(py, name)))
    }

    /// Returns whether the chat keeps a message with a timer.
    fn holds(&self, id: i64) -> PyResult<bool> {
        Ok(self.view()?.holds(RandomId(id)))
    }

    /// Returns when an opened message ends, in milliseconds since 1970, or `None`.
    fn deadline(&self, id: i64) -> PyResult<Option<u64>> {
        Ok(self.view()?.deadline(RandomId(id)).map(Timestamp::as_millis))
    }

    /// Returns lines of text for support: the chat's state and the outcomes of its last calls, without secrets.
    fn diagnosis(&self) -> PyResult<String> {
        Ok(self.view()?.diagnosis().to_string())
    }

    /// Returns the outcomes of the last calls.
    fn outcomes<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let outcomes = self.view()?.diagnosis().outcomes().map(|outcome| {
            Ok(make!(py, "media" Outcome {
                cause: outcome.cause.name(), name: outcome.name, times: outcome.times,
                minute: outcome.minute().as_millis(),
            }))
        });
        outcomes.collect()
    }
}
