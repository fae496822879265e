//! The crate's driver: it writes records, repeats, acknowledges and gives receipts.

use pyo3::exceptions::{PyStopIteration, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use secretchat::store::Timing;
use secretchat::{ChatId, Timestamp, TransmitId};

use crate::chat::{Chat, Driven};
use crate::config::StoreKey;
use crate::error::OrRaise;
use crate::host::Host;
use crate::output::{self, CheckpointFields, checkpoint_of};
use crate::store::PyStore;

/// A chat with its store. It writes the records before anything leaves, and repeats what is lost.
///
/// Give inputs and calls to its `chat`, and then take its actions until there are none: events, transmissions, receipts and
/// checkpoints.
#[pyclass(frozen, module = "secretchat")]
pub(crate) struct Driver {
    /// The chat.
    #[pyo3(get)]
    chat: Py<Chat>,
}

#[pymethods]
impl Driver {
    /// Takes over a new chat, which then is this object's `chat`. `timing` sets pauses: a `dict` with some of
    /// `acknowledge_after`, `retransmit_after`, `retransmit_at_most` and `discard_at_most`, which are `timedelta`s.
    #[new]
    #[pyo3(signature = (chat, store, *, timing = None))]
    fn new(
        py: Python<'_>,
        chat: &Bound<'_, Chat>,
        store: Py<PyAny>,
        timing: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let timing = pauses(timing)?;
        let (chat, host) = chat.borrow_mut().take()?;
        Self::of(py, Driven::new(chat, PyStore(store)).with_timing(timing), host)
    }

    /// Restores a chat from a store. The other arguments are those of `Chat.restore`.
    #[staticmethod]
    #[pyo3(signature = (store, chat, key, checkpoint = None, *, timing = None, random = None, clock = None))]
    #[expect(clippy::too_many_arguments, reason = "most by their names")]
    fn restore(
        py: Python<'_>,
        store: Py<PyAny>,
        chat: [u8; 16],
        key: &StoreKey,
        checkpoint: Option<CheckpointFields>,
        timing: Option<&Bound<'_, PyDict>>,
        random: Option<&Bound<'_, PyAny>>,
        clock: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let (mut host, timing) = (Host::new(random, clock), pauses(timing)?);
        let driver = restored(py, store, chat, key, checkpoint, &mut host)?;
        Self::of(py, driver.with_timing(timing), host)
    }

    /// Returns the next action, or `None`.
    fn next_action<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let next = self.chat.borrow_mut(py).driver()?.0.next_action().or_raise()?;
        next.map(|action| output::action(py, action)).transpose()
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.next_action(py)?.ok_or_else(|| PyStopIteration::new_err(()))
    }

    /// Notes that the transport took a transmission, which may then be repeated after a while.
    fn landed(&self, py: Python<'_>, transmit: u64) -> PyResult<()> {
        let mut chat = self.chat.borrow_mut(py);
        let (driver, host) = chat.driver()?;
        let now: Timestamp = host.now(py)?;
        driver.landed(TransmitId(transmit), now);
        Ok(())
    }

    /// Returns whether the chat is over, and nothing is left to do.
    #[getter]
    fn is_over(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.chat.borrow_mut(py).driver()?.0.is_over())
    }
}

impl Driver {
    fn of(py: Python<'_>, driver: Driven, host: Host) -> PyResult<Self> {
        Ok(Self { chat: Py::new(py, Chat::driven(driver, host))? })
    }
}

/// Reads the pauses of a driver.
pub(crate) fn pauses(told: Option<&Bound<'_, PyDict>>) -> PyResult<Timing> {
    let mut timing = Timing::default();
    for (name, value) in told.into_iter().flatten() {
        let pause = match name.extract::<String>()?.as_str() {
            "acknowledge_after" => &mut timing.acknowledge_after,
            "retransmit_after" => &mut timing.retransmit_after,
            "retransmit_at_most" => &mut timing.retransmit_at_most,
            "discard_at_most" => &mut timing.discard_at_most,
            other => return Err(PyValueError::new_err(format!("no pause is named {other:?}"))),
        };
        *pause = value.extract()?;
    }
    Ok(timing)
}

/// Restores a driver from a store.
pub(crate) fn restored(
    py: Python<'_>,
    store: Py<PyAny>,
    chat: [u8; 16],
    key: &StoreKey,
    checkpoint: Option<CheckpointFields>,
    host: &mut Host,
) -> PyResult<Driven> {
    let (store, expected) = (PyStore(store), checkpoint_of(checkpoint));
    host.call(py, |env| Driven::restore(store, ChatId(chat), &key.0, expected, env))?.or_raise()
}
