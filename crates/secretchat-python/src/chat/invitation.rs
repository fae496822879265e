//! The peer's request for a chat.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use super::Chat;
use crate::config::Config;
use crate::error::OrRaise;
use crate::host::Host;
use crate::output::transmit;

/// The peer asks for a chat. It is accepted or declined once.
#[pyclass(module = "secretchat")]
pub(crate) struct Invitation(Option<secretchat::Invitation>);

impl Invitation {
    fn take(&mut self) -> PyResult<secretchat::Invitation> {
        self.0.take().ok_or_else(|| PyRuntimeError::new_err("the invitation was answered already"))
    }
}

#[pymethods]
impl Invitation {
    /// Reads a Request. Raises `PeerFault` if its public value is no good.
    #[new]
    fn new(public: &[u8], config: &Config) -> PyResult<Self> {
        Ok(Self(Some(secretchat::Invitation::parse(public, config.start()).or_raise()?)))
    }

    /// Accepts, and returns the chat. The arguments are those of `Chat.request`.
    #[pyo3(signature = (*, random = None, clock = None))]
    fn accept(
        &mut self,
        py: Python<'_>,
        random: Option<&Bound<'_, PyAny>>,
        clock: Option<Py<PyAny>>,
    ) -> PyResult<Chat> {
        let mut host = Host::new(random, clock);
        let invitation = self.take()?;
        let chat = host.call(py, |env| invitation.accept(env))?.or_raise()?;
        Ok(Chat::new(chat, host))
    }

    /// Declines, and returns what there is to carry.
    fn decline<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        transmit(py, &self.take()?.decline())
    }
}
