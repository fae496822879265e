//! The crate's driver: it writes records, repeats, acknowledges and gives receipts.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::{PyStopIteration, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use secretchat::store::{self, Action, DriverError, Timing};
use secretchat::{ChatId, Timestamp, Transmit, TransmitId};

use crate::chat::{Chat, Driven};
use crate::config::StoreKey;
use crate::error::{OrRaise, Raise};
use crate::host::Host;
use crate::output::{self, CheckpointFields, checkpoint_of};
use crate::store::{PyStore, StoreFailed};

/// A chat with its store. It writes the records before anything leaves, and repeats what is lost.
///
/// Give inputs and calls to its `chat`, and then take its actions until there are none: events, transmissions, receipts and
/// checkpoints.
#[pyclass(frozen, module = "secretchat")]
pub(crate) struct Driver {
    /// The chat.
    #[pyo3(get)]
    chat: Py<Chat>,
    /// The transmissions among the actions that the last call gave.
    last: Mutex<Vec<Transmit>>,
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
        let next = self.chat.try_borrow_mut(py)?.driver()?.0.next_action().or_raise()?;
        self.last().clear();
        next.map(|action| self.give(py, action)).transpose()
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.next_action(py)?.ok_or_else(|| PyStopIteration::new_err(()))
    }

    /// Notes that the host is still carrying a transmission, for example because it waits for its file: the last action, or one
    /// of the last call of `take_actions`. It does not come again until `landed`. A restart forgets this note.
    fn in_flight(&self, py: Python<'_>, transmit: u64) -> PyResult<()> {
        let last = self.last();
        let told = last.iter().find(|told| told.id.0 == transmit);
        let told = told.ok_or_else(|| PyValueError::new_err("this transmission is not among the last actions"))?;
        self.chat.try_borrow_mut(py)?.driver()?.0.in_flight(told);
        Ok(())
    }

    /// Notes that the transport took a transmission, which may then be repeated after a while.
    fn landed(&self, py: Python<'_>, transmit: u64) -> PyResult<()> {
        let mut chat = self.chat.try_borrow_mut(py)?;
        let (driver, host) = chat.driver()?;
        let now: Timestamp = host.now(py)?;
        driver.landed(TransmitId(transmit), now);
        Ok(())
    }

    /// Returns whether the chat is over, and nothing is left to do.
    #[getter]
    fn is_over(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.chat.try_borrow_mut(py)?.driver()?.0.is_over())
    }
}

impl Driver {
    fn of(py: Python<'_>, driver: Driven, host: Host) -> PyResult<Self> {
        Ok(Self { chat: Py::new(py, Chat::driven(driver, host))?, last: Mutex::default() })
    }

    fn last(&self) -> MutexGuard<'_, Vec<Transmit>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns an action of the package, and keeps it for `in_flight` if it is a transmission.
    fn give<'py>(&self, py: Python<'py>, action: Action) -> PyResult<Bound<'py, PyAny>> {
        let Action::Transmit(told) = action else { return output::action(py, action) };
        let given = output::transmit(py, &told)?;
        self.last().push(told);
        Ok(given)
    }
}

/// Takes the actions of several chats in one store. Their batches are written together, in one call of `Store.apply`.
///
/// Each action is passed to `take` with its driver, in the order of `Driver.next_action`: an event before the records that make
/// it durable, and what depends on them after the common commit. `take` must not call the drivers or their chats, which raises
/// `RuntimeError`: note what there is to do, do it afterwards, and call this again. After an error drop all these drivers, and
/// restore their chats.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "they are read from an object of Python")]
pub(crate) fn take_actions(py: Python<'_>, drivers: Vec<Py<Driver>>, take: &Bound<'_, PyAny>) -> PyResult<()> {
    let borrowed = drivers.iter().map(|driver| driver.get().chat.try_borrow_mut(py).map_err(PyErr::from));
    let mut chats = borrowed.collect::<PyResult<Vec<_>>>()?;
    let driven = chats.iter_mut().map(|chat| Ok(chat.driver()?.0)).collect::<PyResult<Vec<_>>>()?;
    if driven.windows(2).any(|two| !two[0].store().0.is(&two[1].store().0)) {
        return Err(PyValueError::new_err("these drivers have different stores"));
    }
    let places: Vec<_> = driven.iter().map(|driver| std::ptr::from_ref::<Driven>(driver)).collect();
    drivers.iter().for_each(|driver| driver.get().last().clear());
    store::take_actions(driven, |driver, action| {
        let place = places.iter().position(|place| std::ptr::eq(*place, driver));
        if let Some(driver) = place.and_then(|place| drivers.get(place)) {
            take.call1((driver, driver.get().give(py, action)?))?;
        }
        Ok::<_, Failed>(())
    })
    .map_err(|Failed(error)| error)
}

/// An error that ended a common step.
struct Failed(PyErr);

impl From<PyErr> for Failed {
    fn from(error: PyErr) -> Self {
        Self(error)
    }
}

impl From<DriverError<StoreFailed>> for Failed {
    fn from(error: DriverError<StoreFailed>) -> Self {
        Self(error.raise())
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
