//! Inputs from the peer or the transport.

use pyo3::prelude::*;
use secretchat::{DiscardProof, History, Input, KeyFingerprint, Timestamp, TransmitId};

use super::{Chat, Holder};
use crate::error::OrRaise;
use crate::names::of_name;
use crate::value::FileFields;

impl Chat {
    /// Passes an input, with the peer's name of its transmission, which a driver acknowledges by a receipt.
    fn handle(&mut self, py: Python<'_>, input: Input<'_>, receipt: Option<u64>) -> PyResult<&'static str> {
        self.view()?;
        let Self { holder, host } = self;
        let handled = host.call(py, |env| match holder {
            Holder::Alone(chat) => Some(chat.handle(input, env)),
            Holder::Driver(driver) => Some(driver.handle(input, receipt.map(TransmitId), env)),
            Holder::Link(link) => Some(link.driver_mut().handle(input, receipt.map(TransmitId), env)),
            Holder::Nobody => None,
        })?;
        Ok(handled.transpose().or_raise()?.map_or("ignored", secretchat::Handled::name))
    }
}

/// Each returns what became of the input, and raises `PeerFault` if its bytes are wrong, after which nothing has changed. A
/// driver gives a receipt of the transmission `receipt`, the peer's name of it.
#[pymethods]
impl Chat {
    /// The peer accepted the chat.
    fn on_accepted(&mut self, py: Python<'_>, public: &[u8], fingerprint: [u8; 8]) -> PyResult<&'static str> {
        self.handle(py, Input::accepted(public, KeyFingerprint::from_bytes(fingerprint)), None)
    }

    /// Another device of this user accepted the chat.
    fn on_accepted_elsewhere(&mut self, py: Python<'_>) -> PyResult<&'static str> {
        self.handle(py, Input::AcceptedElsewhere, None)
    }

    /// A message came. `file` is what the transport says of a file that came with it, and `date` is the server's time.
    #[pyo3(signature = (bytes, file = None, date = None, *, receipt = None))]
    fn on_ciphertext(
        &mut self,
        py: Python<'_>,
        bytes: &[u8],
        file: Option<FileFields>,
        date: Option<u64>,
        receipt: Option<u64>,
    ) -> PyResult<&'static str> {
        let date = date.map(Timestamp::from_millis);
        self.handle(py, Input::ciphertext(bytes, file.map(Into::into), date), receipt)
    }

    /// The peer, or the server, ended the chat. `history` is "keep" or "delete"; `proof` is the peer's count of messages and
    /// 32 bytes.
    #[pyo3(signature = (history, proof = None, *, receipt = None))]
    fn on_discarded(
        &mut self,
        py: Python<'_>,
        history: &str,
        proof: Option<(u32, [u8; 32])>,
        receipt: Option<u64>,
    ) -> PyResult<&'static str> {
        let proof = proof.map(|(sent, mac)| DiscardProof { sent, mac });
        self.handle(py, Input::discarded(of_name::<History>(history)?, proof), receipt)
    }

    /// The peer answered the end of the chat, with a proof that it has ended there.
    #[pyo3(signature = (proof = None))]
    fn on_discard_receipt(&mut self, py: Python<'_>, proof: Option<[u8; 32]>) -> PyResult<&'static str> {
        self.handle(py, Input::discard_receipt(proof.as_ref()), None)
    }

    /// The transport accepted a transmission. `date` is the server's time.
    #[pyo3(signature = (id, date = None))]
    fn on_carried(&mut self, py: Python<'_>, id: u64, date: Option<u64>) -> PyResult<&'static str> {
        self.handle(py, Input::carried(TransmitId(id), date.map(Timestamp::from_millis)), None)
    }

    /// The transport refused a transmission, for good or for now.
    #[pyo3(signature = (id, *, permanent = false))]
    fn on_refused(&mut self, py: Python<'_>, id: u64, permanent: bool) -> PyResult<&'static str> {
        let id = TransmitId(id);
        self.handle(py, if permanent { Input::refused_for_good(id) } else { Input::refused(id) }, None)
    }

    /// The server says that the peer has read all messages until `max_date`, and when.
    #[pyo3(signature = (max_date, date = None))]
    fn on_read(&mut self, py: Python<'_>, max_date: u64, date: Option<u64>) -> PyResult<&'static str> {
        self.handle(py, Input::read(Timestamp::from_millis(max_date), date.map(Timestamp::from_millis)), None)
    }

    /// The server says that the peer is typing.
    fn on_typing(&mut self, py: Python<'_>) -> PyResult<&'static str> {
        self.handle(py, Input::Typing, None)
    }
}
