//! Drafts that a link sends with their files.

use alloc::vec::Vec;

use super::{Link, LinkError, LinkResult};
use crate::frame::FileId;
use crate::message::Draft;
use crate::store::{Driver, Store};
use crate::transfer::files::{Files, Place};
use crate::types::env::Env;
use crate::types::error::CallError;
use crate::types::id::RandomId;

/// # What the user does
impl<S: Store, F: Files> Link<S, F> {
    /// Begins to carry a stored file before its message is sent, so that no other message must wait for it (SPEC FILE-2).
    /// [`FileSender::is_carried`](crate::transfer::FileSender::is_carried) tells when all of it has left. [`Link::send`] does
    /// this for a file that was not uploaded.
    ///
    /// A restart deletes an uploaded file whose message was not sent.
    ///
    /// # Errors
    /// [`LinkError::NoFile`], [`LinkError::Files`].
    pub fn upload(&mut self, file: FileId) -> LinkResult<(), S, F> {
        if self.leaving.contains(&file) {
            return Ok(());
        }
        let len = self.files.len(Place::Leaving, file).map_err(LinkError::Files)?.ok_or(LinkError::NoFile)?;
        self.sender.add(file, len);
        self.leaving.push(file);
        self.uploads.push(file);
        Ok(())
    }

    /// Sends a message. Its file, if it has one, must already be stored, and leaves first.
    ///
    /// # Errors
    /// [`LinkError::Call`], as [`Driver::send`]: the draft can be sent later, or its file cancelled. [`LinkError::NoFile`],
    /// [`LinkError::Files`].
    pub fn send(&mut self, draft: &Draft, env: &mut Env<'_>) -> LinkResult<RandomId, S, F> {
        self.with_files(core::slice::from_ref(draft), env, |driver, env| driver.send(draft, env))
    }

    /// Sends two to ten messages as an album, as [`Chat::send_album`](crate::Chat::send_album), with their files.
    ///
    /// # Errors
    /// As [`Link::send`].
    pub fn send_album(&mut self, drafts: &[Draft], env: &mut Env<'_>) -> LinkResult<Vec<RandomId>, S, F> {
        self.with_files(drafts, env, |driver, env| driver.act(env, |chat, env| chat.send_album(drafts, env)))
    }

    /// Cancels and deletes a file whose message was not sent. If the message was sent, delete the message: the file is then
    /// deleted, too.
    ///
    /// # Errors
    /// [`LinkError::Files`].
    pub fn cancel(&mut self, file: FileId) -> LinkResult<(), S, F> {
        if self.uploads.contains(&file) {
            self.uploads.retain(|other| *other != file);
            self.forget(file).map_err(LinkError::Files)?;
        }
        Ok(())
    }

    /// Declines a file of the peer that the user does not want, and deletes the bytes that have arrived. Its message then
    /// comes without the file.
    ///
    /// # Errors
    /// Those of the files.
    pub fn decline(&mut self, file: FileId) -> Result<(), F::Error> {
        self.receiver.decline(file);
        self.files.remove(Place::Arriving, file)
    }

    fn with_files<R>(
        &mut self,
        drafts: &[Draft],
        env: &mut Env<'_>,
        send: impl FnOnce(&mut Driver<S>, &mut Env<'_>) -> Result<R, CallError>,
    ) -> LinkResult<R, S, F> {
        let names = drafts.iter().filter_map(|draft| draft.file.as_deref());
        let files: Vec<FileId> =
            names.map(FileId::try_from).collect::<Result<_, _>>().map_err(|_| LinkError::NoFile)?;
        files.iter().try_for_each(|file| self.upload(*file))?;
        let sent = send(&mut self.driver, env)?;
        self.uploads.retain(|file| !files.contains(file));
        Ok(sent)
    }
}
