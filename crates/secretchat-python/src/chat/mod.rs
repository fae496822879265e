//! A chat, alone or inside a driver or a link.

mod calls;
mod inputs;
mod invitation;
mod peek;
mod queries;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use secretchat::Env;
use secretchat::store::Driver;
use secretchat::transfer;

use crate::config::{Config, StoreKey};
use crate::error::{OrRaise, Raise};
use crate::file::Files;
use crate::host::Host;
use crate::output::{self, CheckpointFields, checkpoint_of};
use crate::store::PyStore;

pub(crate) use invitation::Invitation;
pub(crate) use peek::Peeker;

pub(crate) type Driven = Driver<PyStore>;
pub(crate) type Linked = transfer::Link<PyStore, Files>;

/// One end of a secret chat, without input and output of its own.
///
/// Give it what came (`on_...`) and what the user wants (`send`, `set_ttl`, ...), and then take its outputs until there are
/// none. A chat that belongs to a `Driver` or a `Link` gives its outputs there.
#[pyclass(module = "secretchat")]
pub(crate) struct Chat {
    holder: Holder,
    host: Host,
}

/// The holder of the crate's chat.
enum Holder {
    Nobody,
    Alone(Box<secretchat::Chat>),
    Driver(Box<Driven>),
    Link(Box<Linked>),
}

impl Chat {
    fn new(chat: secretchat::Chat, host: Host) -> Self {
        Self { holder: Holder::Alone(Box::new(chat)), host }
    }

    /// Creates a chat that belongs to a link.
    pub(crate) fn linked(link: Linked, host: Host) -> Self {
        Self { holder: Holder::Link(Box::new(link)), host }
    }

    /// Creates a chat that belongs to a driver.
    pub(crate) fn driven(driver: Driven, host: Host) -> Self {
        Self { holder: Holder::Driver(Box::new(driver)), host }
    }

    /// Takes a chat that belongs to nobody, with its clock and its generator.
    pub(crate) fn take(&mut self) -> PyResult<(secretchat::Chat, Host)> {
        match std::mem::replace(&mut self.holder, Holder::Nobody) {
            Holder::Alone(chat) => Ok((*chat, std::mem::replace(&mut self.host, Host::new(None, None)))),
            other => {
                self.holder = other;
                Err(PyRuntimeError::new_err("this chat belongs to a driver or a link already"))
            }
        }
    }

    pub(crate) fn link(&mut self) -> PyResult<(&mut Linked, &mut Host)> {
        match &mut self.holder {
            Holder::Link(link) => Ok((link, &mut self.host)),
            _ => Err(PyRuntimeError::new_err("this chat belongs to no link")),
        }
    }

    pub(crate) fn driver(&mut self) -> PyResult<(&mut Driven, &mut Host)> {
        match &mut self.holder {
            Holder::Driver(driver) => Ok((driver, &mut self.host)),
            Holder::Link(link) => Ok((link.driver_mut(), &mut self.host)),
            _ => Err(PyRuntimeError::new_err("this chat belongs to no driver")),
        }
    }

    pub(crate) fn view(&self) -> PyResult<&secretchat::Chat> {
        match &self.holder {
            Holder::Alone(chat) => Ok(chat),
            Holder::Driver(driver) => Ok(driver.chat()),
            Holder::Link(link) => Ok(link.driver().chat()),
            Holder::Nobody => Err(PyRuntimeError::new_err("this chat went into a driver or a link: use its `chat`")),
        }
    }

    /// Makes a call of the chat.
    fn act<R, E: Raise>(
        &mut self,
        py: Python<'_>,
        call: impl FnOnce(&mut secretchat::Chat, &mut Env<'_>) -> Result<R, E>,
    ) -> PyResult<R> {
        self.view()?;
        let Self { holder, host } = self;
        let made = host.call(py, |env| match holder {
            Holder::Alone(chat) => call(chat, env).map(Some),
            Holder::Driver(driver) => driver.act(env, call).map(Some),
            Holder::Link(link) => link.driver_mut().act(env, call).map(Some),
            Holder::Nobody => Ok(None),
        })?;
        made.or_raise()?.ok_or_else(|| PyRuntimeError::new_err("this chat belongs to nobody"))
    }

    fn alone(&mut self) -> PyResult<&mut secretchat::Chat> {
        self.view()?;
        match &mut self.holder {
            Holder::Alone(chat) => Ok(chat),
            _ => Err(PyRuntimeError::new_err("this chat gives its outputs to its driver or its link")),
        }
    }
}

#[pymethods]
impl Chat {
    /// Asks the peer for a chat.
    ///
    /// `random` makes tests repeatable: a function that returns so many bytes, or all bytes at once. Without it they come
    /// from the operating system. `clock` is a function that returns the milliseconds since 1970, or these with the reading
    /// of a monotonic clock: a number for the start of the device, and the milliseconds since then.
    #[staticmethod]
    #[pyo3(signature = (config, *, random = None, clock = None))]
    fn request(
        py: Python<'_>,
        config: &Config,
        random: Option<&Bound<'_, PyAny>>,
        clock: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let mut host = Host::new(random, clock);
        let chat = host.call(py, |env| secretchat::Chat::request(config.start(), env))?.or_raise()?;
        Ok(Self::new(chat, host))
    }

    /// Restores a chat from its records: pairs of name and record. `checkpoint` is the last one that the host noted in
    /// another place, if it guards against old copies of its database.
    #[staticmethod]
    #[pyo3(signature = (chat, records, key, checkpoint = None, *, random = None, clock = None))]
    fn restore(
        py: Python<'_>,
        chat: [u8; 16],
        records: Vec<(Vec<u8>, Vec<u8>)>,
        key: &StoreKey,
        checkpoint: Option<CheckpointFields>,
        random: Option<&Bound<'_, PyAny>>,
        clock: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let records = output::records(chat, records)?;
        let (mut host, expected) = (Host::new(random, clock), checkpoint_of(checkpoint));
        let chat = host.call(py, |env| secretchat::Chat::restore(&records, &key.0, expected, env))?.or_raise()?;
        Ok(Self::new(chat, host))
    }

    /// Returns the next output, or `None`.
    fn poll_output<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.alone()?.poll_output().map(|next| output::output(py, next)).transpose()
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.poll_output(py)
    }

    /// Returns when to call `handle_timeout`, in milliseconds since 1970, or `None`.
    fn poll_timeout(&self) -> PyResult<Option<u64>> {
        Ok(match &self.holder {
            Holder::Driver(driver) => driver.poll_timeout(),
            Holder::Link(link) => link.poll_timeout(),
            _ => self.view()?.poll_timeout(),
        }
        .map(secretchat::Timestamp::as_millis))
    }

    /// Does what is due by now.
    fn handle_timeout(&mut self, py: Python<'_>) -> PyResult<()> {
        self.view()?;
        let Self { holder, host } = self;
        let done = host.call(py, |env| match holder {
            Holder::Driver(driver) => driver.handle_timeout(env),
            Holder::Link(link) => link.handle_timeout(env),
            Holder::Alone(chat) => {
                chat.handle_timeout(env);
                Ok(())
            }
            Holder::Nobody => Ok(()),
        })?;
        done.or_raise()
    }

    fn __repr__(&self) -> PyResult<String> {
        let chat = self.view()?;
        Ok(format!("Chat({}, {}, {})", chat.profile().name(), chat.role().name(), chat.state().name()))
    }
}
