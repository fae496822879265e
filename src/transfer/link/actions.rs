//! The actions that a link asks of its host, and the end of its files.

use alloc::vec::Vec;
use core::mem;

use super::{Link, LinkError, LinkResult, named};
use crate::frame::{FileId, Frame};
use crate::output::{Event, Transmit, TransmitKind};
use crate::store::{Action, Store};
use crate::transfer::files::{Files, Place};
use crate::transfer::heard::Step;
use crate::transfer::leaving::file_of;
use crate::types::env::Env;
use crate::types::error::CallError;
use crate::types::time::Timestamp;

/// # Results
impl<S: Store, F: Files> Link<S, F> {
    /// Returns the next thing to do: an [`Action::Event`] to show, or an [`Action::Checkpoint`] to note. Whatever is for the
    /// peer comes out as frames.
    ///
    /// # Errors
    /// [`LinkError::Driver`], [`LinkError::Files`].
    pub fn next_action(&mut self, env: &mut Env<'_>) -> LinkResult<Option<Action>, S, F> {
        self.now = env.now;
        loop {
            match self.driver.next_action().map_err(LinkError::Driver)? {
                Some(Action::Transmit(transmit)) => self.hold(transmit, env).map_err(LinkError::Files)?,
                Some(Action::Receipt { id, proof }) => self.reply(&Frame::Receipt { transmit_id: id, proof }),
                Some(action) => {
                    self.note(&action).map_err(LinkError::Files)?;
                    return Ok(Some(action));
                }
                None => match self.receiver.next(env.now) {
                    Some(step) => self.step(step, env).map_err(LinkError::Files)?,
                    None => break,
                },
            }
        }
        // The whole state of the chat is durable now.
        if mem::take(&mut self.has_news) {
            self.forget_unnamed().map_err(LinkError::Files)?;
        }
        Ok(None)
    }

    /// Returns when to call [`Link::handle_timeout`].
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        // Frames that are already due leave as soon as the transport has room: no timeout is needed for them.
        let sender = self.sender.poll_timeout().filter(|at| self.is_connected && *at > self.now);
        self.driver.poll_timeout().into_iter().chain(self.receiver.poll_timeout()).chain(sender).min()
    }

    /// Does everything that is due. Take actions and frames afterwards.
    ///
    /// # Errors
    /// As [`Driver::handle_timeout`](crate::store::Driver::handle_timeout).
    pub fn handle_timeout(&mut self, env: &mut Env<'_>) -> Result<(), CallError> {
        self.driver.handle_timeout(env)
    }

    /// Holds a transmission until its file has left.
    fn hold(&mut self, transmit: Transmit, env: &mut Env<'_>) -> Result<(), F::Error> {
        self.driver.in_flight(&transmit);
        let mut len = None;
        if let Ok(Some(file)) = file_of(&transmit) {
            len = self.files.len(Place::Leaving, file)?;
        }
        // A message whose file is lost can never be processed: an empty one takes its place (SPEC FILE-5).
        if let Err(lost) = self.sender.hold(transmit, |_| len)
            && let TransmitKind::Ciphertext { random_id, .. } = lost.kind
            && self.driver.act(env, |chat, env| chat.delete(&[random_id], env)).is_err()
        {
            // There is no room for the deletion now: the driver will repeat the message later.
            self.driver.landed(lost.id, env.now);
        }
        Ok(())
    }

    fn step(&mut self, step: Step, env: &mut Env<'_>) -> Result<(), F::Error> {
        match step {
            Step::Send(reply) => self.reply(&reply.frame()),
            Step::Message(message) => {
                let outcome = self.driver.handle_message(&message, env);
                if self.receiver.handled(&message, &outcome) {
                    self.files.keep(message.file())?;
                }
            }
            Step::Remove(file) => self.files.remove(Place::Arriving, file)?,
        }
        Ok(())
    }

    fn note(&mut self, action: &Action) -> Result<(), F::Error> {
        self.has_news = true;
        // The key is gone, so nobody can open the file any more.
        if let Action::Event(Event::Expired { file: Some(name), .. }) = action
            && let Ok(file) = FileId::try_from(name.as_slice())
        {
            self.files.remove(Place::Kept, file)?;
        }
        Ok(())
    }

    /// Deletes outgoing files that no message names any more: the message was acknowledged or deleted (SPEC FILE-5).
    fn forget_unnamed(&mut self) -> Result<(), F::Error> {
        let named: Vec<FileId> = named(&self.driver).collect();
        let is_used = |file: &FileId| named.contains(file) || self.uploads.contains(file);
        let unused: Vec<FileId> = self.leaving.iter().copied().filter(|file| !is_used(file)).collect();
        unused.into_iter().try_for_each(|file| self.forget(file))
    }

    pub(super) fn forget(&mut self, file: FileId) -> Result<(), F::Error> {
        if !self.sender.is_carried(file) {
            // The peer may have a part of it and wait for the rest.
            self.sender.cancel(file);
        }
        // This also drops a held repeat of its message, which would wait for this file for ever.
        self.sender.finished(file);
        self.leaving.retain(|other| *other != file);
        self.files.remove(Place::Leaving, file)
    }
}
