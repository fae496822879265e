//! Calls for what the user wants.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use secretchat::transfer::LinkError;
use secretchat::{CallError, Env, History, Layer, Notice, RandomId, Timestamp, TypingAction, Verification as Value};

use super::{Chat, Holder};
use crate::error::OrRaise;
use crate::names::of_name;
use crate::value::{DraftFields, ttl};
use crate::verification::Verification;

/// Returns whether the peer will hear of an action: the id of the transmission, or why not.
#[derive(IntoPyObject)]
pub(crate) enum Told {
    Queued(u64),
    Not(&'static str),
}

impl From<Notice> for Told {
    fn from(notice: Notice) -> Self {
        match notice {
            Notice::Queued(id) => Self::Queued(id.0),
            Notice::LeftOut(limit) => Self::Not(limit.name()),
            other => Self::Not(other.name()),
        }
    }
}

impl Chat {
    /// Makes a call that cannot be refused.
    fn tell(&mut self, py: Python<'_>, call: impl FnOnce(&mut secretchat::Chat, &mut Env<'_>)) -> PyResult<()> {
        self.act(py, |chat, env| {
            call(chat, env);
            Ok::<_, CallError>(())
        })
    }
}

fn random_ids(ids: Vec<i64>) -> Vec<RandomId> {
    ids.into_iter().map(RandomId).collect()
}

/// Each raises `ApiMisuse` for a call that no chat can make, and `Unavailable` for one that this chat cannot make now. In both
/// cases nothing has changed.
#[pymethods]
impl Chat {
    /// Sends a message, and returns its id. In a link its file is sent, too.
    fn send(&mut self, py: Python<'_>, draft: DraftFields<'_>) -> PyResult<i64> {
        let draft = draft.draft()?;
        if let Holder::Link(link) = &mut self.holder {
            return Ok(self.host.call(py, |env| link.send(&draft, env))?.or_raise()?.0);
        }
        if let Holder::Driver(driver) = &mut self.holder {
            return Ok(self.host.call(py, |env| driver.send(&draft, env))?.or_raise()?.0);
        }
        Ok(self.act(py, |chat, env| chat.send(&draft, env))?.0)
    }

    /// Sends two to ten media as an album, and returns their ids.
    fn send_album(&mut self, py: Python<'_>, drafts: Vec<DraftFields<'_>>) -> PyResult<Vec<i64>> {
        let drafts = drafts.into_iter().map(DraftFields::draft).collect::<PyResult<Vec<_>>>()?;
        let ids = if let Holder::Link(link) = &mut self.holder {
            self.host.call(py, |env| link.send_album(&drafts, env))?.or_raise()?
        } else {
            self.act(py, |chat, env| chat.send_album(&drafts, env).map_err(LinkError::Call))?
        };
        Ok(ids.into_iter().map(|id| id.0).collect())
    }

    /// Sets the timer of the chat in seconds. 0 is none, and `secretchat.VIEW_ONCE` is view once.
    fn set_ttl(&mut self, py: Python<'_>, seconds: u32) -> PyResult<()> {
        let ttl = ttl(seconds)?;
        self.act(py, |chat, env| chat.set_ttl(ttl, env))
    }

    /// Tells the peer that the user has read these messages, whose timers start. Returns the id of the transmission, or why
    /// there is none.
    fn mark_read(&mut self, py: Python<'_>, ids: Vec<i64>) -> PyResult<Told> {
        let ids = random_ids(ids);
        self.act(py, |chat, env| chat.mark_read(&ids, env)).map(Into::into)
    }

    /// Tells the server that the user has read all messages until this date, in the Telegram profile.
    fn mark_read_up_to(&mut self, py: Python<'_>, max_date: u64) -> PyResult<()> {
        self.act(py, |chat, env| chat.mark_read_up_to(Timestamp::from_millis(max_date), env))
    }

    /// Opens a message with a timer: its timer starts, and `events.Opened` lends its key. Returns as `mark_read`.
    fn open_view(&mut self, py: Python<'_>, id: i64) -> PyResult<Told> {
        self.act(py, |chat, env| chat.open_view(RandomId(id), env)).map(Into::into)
    }

    /// Closes a message with a timer. View once ends here.
    fn close_view(&mut self, py: Python<'_>, id: i64) -> PyResult<()> {
        self.act(py, |chat, env| chat.close_view(RandomId(id), env))
    }

    /// Tells the peer that the user took a screenshot of these messages.
    fn report_screenshot(&mut self, py: Python<'_>, ids: Vec<i64>) -> PyResult<()> {
        let ids = random_ids(ids);
        self.act(py, |chat, env| chat.report_screenshot(&ids, env))
    }

    /// Deletes messages at both ends. Returns as `mark_read`.
    fn delete(&mut self, py: Python<'_>, ids: Vec<i64>) -> PyResult<Told> {
        let ids = random_ids(ids);
        self.act(py, |chat, env| chat.delete(&ids, env)).map(Into::into)
    }

    /// Deletes all messages at both ends. Returns as `mark_read`.
    fn flush_history(&mut self, py: Python<'_>) -> PyResult<Told> {
        self.act(py, secretchat::Chat::flush_history).map(Into::into)
    }

    /// Tells the peer that the user is typing, or busy with a medium: one of
    /// `names.TypingAction`.
    fn typing(&mut self, py: Python<'_>, action: &str) -> PyResult<()> {
        let action = of_name::<TypingAction>(action)?;
        self.act(py, |chat, env| chat.typing(action, env))
    }

    /// Tells the peer that this end reads a higher layer now.
    fn announce_layer(&mut self, py: Python<'_>, layer: i32) -> PyResult<()> {
        self.act(py, |chat, env| chat.announce_layer(Layer(layer), env))
    }

    /// Asks the peer for a new key.
    fn rekey(&mut self, py: Python<'_>) -> PyResult<()> {
        self.act(py, secretchat::Chat::rekey)
    }

    /// Acknowledges what came, if that is owed. A driver does it by itself.
    fn acknowledge(&mut self, py: Python<'_>) -> PyResult<()> {
        self.act(py, secretchat::Chat::acknowledge)
    }

    /// Sends everything again that is not acknowledged. A driver does it by itself.
    fn retransmit(&mut self, py: Python<'_>) -> PyResult<()> {
        if let Ok((driver, host)) = self.driver() {
            return host.call(py, |env| driver.retransmit(env));
        }
        self.tell(py, secretchat::Chat::retransmit)
    }

    /// Sends the Accept again. A driver does it by itself.
    fn accept_again(&mut self, py: Python<'_>) -> PyResult<()> {
        self.tell(py, secretchat::Chat::accept_again)
    }

    /// Ends the chat. `history` says what becomes of the messages at the peer's end: "keep" or "delete".
    #[pyo3(signature = (history = "keep"))]
    fn close(&mut self, py: Python<'_>, history: &str) -> PyResult<()> {
        let history = of_name::<History>(history)?;
        self.tell(py, |chat, env| chat.close(history, env))
    }

    /// Notes that the users compared this value, and that it was the same.
    fn mark_verified(&mut self, py: Python<'_>, value: &Verification) -> PyResult<()> {
        let value: Value = value.0;
        self.act(py, |chat, env| chat.mark_verified(value, env))
    }

    /// Compares the scanned code of the other end, and notes that it fits. Raises `VerifyError` if it does not.
    fn mark_scanned(&mut self, py: Python<'_>, code: &str) -> PyResult<()> {
        self.act(py, |chat, env| chat.mark_scanned(code, env))
    }

    /// Takes back that the users compared the value.
    fn clear_verified(&mut self, py: Python<'_>) -> PyResult<()> {
        self.tell(py, secretchat::Chat::clear_verified)
    }

    /// Returns a secret of 16, 32, 48 or 64 bytes for the host, which is the same at both ends. Python cannot wipe it.
    #[pyo3(signature = (label, context = None, *, length = 32))]
    fn export_secret<'py>(
        &self,
        py: Python<'py>,
        label: &[u8],
        context: Option<&[u8]>,
        length: usize,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let context = context.unwrap_or_default();
        macro_rules! of_length {
            ($($length:literal)+) => {
                match length {
                    $($length => self.view()?.export_secret::<$length>(label, context).map(|secret| PyBytes::new(py, secret.expose())),)+
                    _ => return Err(PyValueError::new_err("a secret has 16, 32, 48 or 64 bytes")),
                }
            };
        }
        of_length!(16 32 48 64).or_raise()
    }

    /// Forgets what such secrets come from.
    fn forget_exporter(&mut self, py: Python<'_>) -> PyResult<()> {
        self.tell(py, secretchat::Chat::forget_exporter)
    }
}
