//! A chat over a transport of the host's own, with its files.

use std::fs::File;
use std::path::PathBuf;

use getrandom::SysRng;
use pyo3::exceptions::{PyStopIteration, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use secretchat::frame::{ChatTag, FileId};
use secretchat::rand_core::UnwrapErr;
use secretchat::transfer::Bounds;

use crate::chat::{Chat, Driven, Linked};
use crate::config::StoreKey;
use crate::driver::{pauses, restored};
use crate::error::OrRaise;
use crate::file::Files;
use crate::frame::with_frame;
use crate::host::Host;
use crate::media::{MediaKey, counted};
use crate::output::{self, CheckpointFields};
use crate::store::PyStore;

/// A chat with its store and its files, over any transport for bytes. Whatever is for the peer comes out as frames.
///
/// Give frames to `handle_frame` and calls to its `chat`, then take its actions until there are none, and then its frames as
/// long as the transport has room.
#[pyclass(frozen, module = "secretchat")]
pub(crate) struct Link {
    /// The chat.
    #[pyo3(get)]
    chat: Py<Chat>,
}

#[pymethods]
impl Link {
    /// Takes over a new chat, which then is this object's `chat`. `tag` is 16 bytes that all its frames carry. `files` is a
    /// folder, `FolderFiles`, `MemoryFiles`, or a storage of the host's own, as `secretchat.store.Files`. `bounds` limits what
    /// strangers can make this end keep: a `dict` with some of `files`, `bytes`, `messages`, `message_bytes` and `patience`, a
    /// `timedelta`. `timing` is that of `Driver`, and `part_len` the length of a part of a file in bytes.
    #[new]
    #[pyo3(signature = (tag, chat, store, files, *, bounds = None, timing = None, part_len = None))]
    #[expect(clippy::too_many_arguments, reason = "most by their names")]
    fn new(
        py: Python<'_>,
        tag: [u8; 16],
        chat: &Bound<'_, Chat>,
        store: Py<PyAny>,
        files: &Bound<'_, PyAny>,
        bounds: Option<&Bound<'_, PyDict>>,
        timing: Option<&Bound<'_, PyDict>>,
        part_len: Option<usize>,
    ) -> PyResult<Self> {
        // Whatever can fail comes before the chat is taken.
        let (files, bounds) = (Files::open(files)?, limits(bounds)?);
        let timing = pauses(timing)?;
        let (chat, host) = chat.borrow_mut().take()?;
        Self::of(py, tag, Driven::new(chat, PyStore(store)).with_timing(timing), files, bounds, part_len, host)
    }

    /// Restores a chat from a store, and goes on with the files that an earlier process left. Without `tag` it is the 16
    /// bytes that the chat keeps for its host (`Config.with_host_data`).
    #[staticmethod]
    #[pyo3(signature = (store, chat, key, files, checkpoint = None, *, tag = None, bounds = None, timing = None,
        part_len = None, random = None, clock = None))]
    #[expect(clippy::too_many_arguments, reason = "most by their names")]
    fn restore(
        py: Python<'_>,
        store: Py<PyAny>,
        chat: [u8; 16],
        key: &StoreKey,
        files: &Bound<'_, PyAny>,
        checkpoint: Option<CheckpointFields>,
        tag: Option<[u8; 16]>,
        bounds: Option<&Bound<'_, PyDict>>,
        timing: Option<&Bound<'_, PyDict>>,
        part_len: Option<usize>,
        random: Option<&Bound<'_, PyAny>>,
        clock: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let (mut host, bounds, timing) = (Host::new(random, clock), limits(bounds)?, pauses(timing)?);
        let driver = restored(py, store, chat, key, checkpoint, &mut host)?;
        let kept = || ChatTag::try_from(driver.chat().host_data()).map(|tag| tag.0);
        let tag = tag.map_or_else(kept, Ok).map_err(|error| PyValueError::new_err(error.to_string()))?;
        Self::of(py, tag, driver.with_timing(timing), Files::open(files)?, bounds, part_len, host)
    }

    /// The tag of this chat's frames.
    #[getter]
    fn tag<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.chat.try_borrow_mut(py)?.link()?.0.tag().0))
    }

    /// The transport is connected, for the first time or again. Before this no frame comes out.
    fn connected(&self, py: Python<'_>) -> PyResult<()> {
        let mut chat = self.chat.try_borrow_mut(py)?;
        let (link, host) = chat.link()?;
        host.call(py, |env| link.connected(env))
    }

    /// The transport is disconnected.
    fn disconnected(&self, py: Python<'_>) -> PyResult<()> {
        self.chat.try_borrow_mut(py)?.link()?.0.disconnected();
        Ok(())
    }

    /// Takes a frame of this chat, one of `secretchat.frames`. What is not authentic changes nothing.
    fn handle_frame(&self, py: Python<'_>, frame: &Bound<'_, PyAny>) -> PyResult<()> {
        let mut chat = self.chat.try_borrow_mut(py)?;
        let (link, host) = chat.link()?;
        with_frame(frame, |frame| host.call(py, |env| link.handle_frame(frame, env)))???;
        Ok(())
    }

    /// Returns the next event or checkpoint, or `None`.
    fn next_action<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let next = {
            let mut chat = self.chat.try_borrow_mut(py)?;
            let (link, host) = chat.link()?;
            host.call(py, |env| link.next_action(env))?.or_raise()?
        };
        next.map(|action| output::action(py, action)).transpose()
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.next_action(py)?.ok_or_else(|| PyStopIteration::new_err(()))
    }

    /// Returns the bytes of the next frame to carry, or `None`. Call it only when the transport has room for a frame.
    fn next_frame<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let mut chat = self.chat.try_borrow_mut(py)?;
        let (link, host) = chat.link()?;
        let now = host.now(py)?;
        Ok(link.next_frame(now).or_raise()?.map(|frame| PyBytes::new(py, &frame)))
    }

    /// Seals a file that is to be sent, and returns its name, for `Draft.file`, and its key, for the medium.
    fn seal<'py>(&self, py: Python<'py>, content: &[u8]) -> PyResult<(Bound<'py, PyBytes>, MediaKey)> {
        self.sealed(py, content, content.len() as u64)
    }

    /// Seals a file on the disk, in pieces. Otherwise as `seal`.
    fn seal_file<'py>(&self, py: Python<'py>, path: PathBuf) -> PyResult<(Bound<'py, PyBytes>, MediaKey)> {
        let content = File::open(path)?;
        let size = content.metadata()?.len();
        self.sealed(py, content, size)
    }

    /// Returns a sealed file that came with a message, by its name (`IncomingFile.reference`), or `None`.
    fn kept<'py>(&self, py: Python<'py>, file: &[u8]) -> PyResult<Option<Bound<'py, PyBytes>>> {
        self.chat.try_borrow_mut(py)?.link()?.0.files().kept(py, file)
    }

    /// Returns the path of such a file, or `None` if the files are in memory.
    fn kept_path(&self, py: Python<'_>, file: &[u8]) -> PyResult<Option<PathBuf>> {
        Ok(self.chat.try_borrow_mut(py)?.link()?.0.files().path(file_id(file)?))
    }

    /// Deletes a sealed file that came with a message.
    fn remove(&self, py: Python<'_>, file: &[u8]) -> PyResult<()> {
        use secretchat::transfer::{Files as _, Place};
        Ok(self.chat.try_borrow_mut(py)?.link()?.0.files_mut().remove(Place::Kept, file_id(file)?)?)
    }

    /// Sends a file ahead of its message.
    fn upload(&self, py: Python<'_>, file: &[u8]) -> PyResult<()> {
        self.chat.try_borrow_mut(py)?.link()?.0.upload(file_id(file)?).or_raise()
    }

    /// Cancels a file that was sent ahead.
    fn cancel(&self, py: Python<'_>, file: &[u8]) -> PyResult<()> {
        self.chat.try_borrow_mut(py)?.link()?.0.cancel(file_id(file)?).or_raise()
    }

    /// Declines a file that is arriving.
    fn decline(&self, py: Python<'_>, file: &[u8]) -> PyResult<()> {
        Ok(self.chat.try_borrow_mut(py)?.link()?.0.decline(file_id(file)?)?)
    }

    /// How many bytes of all files are done, and how many they have.
    #[getter]
    fn progress(&self, py: Python<'_>) -> PyResult<(u64, u64)> {
        Ok(counted(self.chat.try_borrow_mut(py)?.link()?.0.progress()))
    }

    /// Returns whether the chat is over, and nothing is left to do.
    #[getter]
    fn is_over(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.chat.try_borrow_mut(py)?.link()?.0.driver().is_over())
    }
}

impl Link {
    fn of(
        py: Python<'_>,
        tag: [u8; 16],
        driver: Driven,
        files: Files,
        bounds: Bounds,
        part_len: Option<usize>,
        host: Host,
    ) -> PyResult<Self> {
        let mut link = Linked::new(ChatTag(tag), driver, files, bounds, host.now(py)?)?;
        if let Some(len) = part_len {
            link = link.with_part_len(len);
        }
        Ok(Self { chat: Py::new(py, Chat::linked(link, host))? })
    }

    fn sealed<'py>(
        &self,
        py: Python<'py>,
        content: impl std::io::Read + Send,
        size: u64,
    ) -> PyResult<(Bound<'py, PyBytes>, MediaKey)> {
        let mut chat = self.chat.try_borrow_mut(py)?;
        let (link, host) = chat.link()?;
        let form = link.driver().chat().file_form();
        let files = link.files_mut();
        let (file, key) = if host.is_system() {
            py.detach(|| files.seal(content, size, form, &mut UnwrapErr(SysRng)))
        } else {
            host.draw(py, |mut rng| files.seal(content, size, form, &mut rng))?
        }?;
        Ok((PyBytes::new(py, &file.0), MediaKey(key)))
    }
}

fn limits(told: Option<&Bound<'_, PyDict>>) -> PyResult<Bounds> {
    let mut bounds = Bounds::default();
    for (name, value) in told.into_iter().flatten() {
        match name.extract::<String>()?.as_str() {
            "files" => bounds.files = value.extract()?,
            "bytes" => bounds.bytes = value.extract()?,
            "messages" => bounds.messages = value.extract()?,
            "message_bytes" => bounds.message_bytes = value.extract()?,
            "patience" => bounds.patience = value.extract()?,
            other => return Err(PyValueError::new_err(format!("no bound is named {other:?}"))),
        }
    }
    Ok(bounds)
}

fn file_id(name: &[u8]) -> PyResult<FileId> {
    FileId::try_from(name).map_err(|error| PyValueError::new_err(error.to_string()))
}
