//! The frames of a link, in and out.

use alloc::vec::Vec;

use super::{Link, LinkError, LinkResult};
use crate::frame::{Frame, encode};
use crate::store::Store;
use crate::transfer::bounds::{MAX_REPLIES, NOTED_EVERY};
use crate::transfer::files::{Files, Place};
use crate::transfer::heard::{Heard, PartToWrite};
use crate::types::env::Env;
use crate::types::time::Timestamp;

/// # The transport
impl<S: Store, F: Files> Link<S, F> {
    /// Notes that the transport is connected, for the first time or again. Whatever it may have lost is sent again, and the
    /// peer is asked which parts of files it lacks. No frame comes out before this call.
    pub fn connected(&mut self, env: &mut Env<'_>) {
        self.disconnected();
        self.is_connected = true;
        self.driver.retransmit(env);
    }

    /// Notes that the transport is disconnected. No frame comes out until it is connected again.
    pub fn disconnected(&mut self) {
        self.is_connected = false;
        self.sender.interrupted();
        self.replies.clear();
    }

    /// Takes a frame of this chat. A message that is not authentic changes nothing;
    /// [`Chat::diagnosis`](crate::Chat::diagnosis) reports it.
    ///
    /// # Errors
    /// Those of the files.
    pub fn handle_frame(&mut self, frame: &Frame<'_>, env: &mut Env<'_>) -> Result<(), F::Error> {
        let wanted = match *frame {
            Frame::FileRequest { file_id, .. } if self.leaving.contains(&file_id) => {
                self.files.len(Place::Leaving, file_id)?
            }
            _ => None,
        };
        if self.sender.hear(frame, |_| wanted) {
            return Ok(());
        }
        let is_kept = match *frame {
            Frame::FilePart { file_id: file, .. } | Frame::Ciphertext { file: Some(file), .. }
                if self.receiver.there(file).is_none() =>
            {
                self.files.len(Place::Kept, file)?.is_some()
            }
            _ => false,
        };
        match self.receiver.hear(frame, env.now, |_| is_kept) {
            Heard::Write(part) => self.write(&part)?,
            Heard::Pass(frame) => drop(self.driver.handle_frame(&frame, env).ok()),
            Heard::Nothing => {}
        }
        Ok(())
    }

    /// Returns the next frame to carry; `None` if there is none, or if the transport is not connected. The link counts each
    /// frame that it returns as accepted by the transport, so call this only when there is room for a frame.
    ///
    /// # Errors
    /// [`LinkError::Files`]; [`LinkError::NoFile`] if a stored file has become shorter.
    pub fn next_frame(&mut self, now: Timestamp) -> LinkResult<Option<Vec<u8>>, S, F> {
        self.now = now;
        if !self.is_connected {
            return Ok(None);
        }
        if let Some(reply) = self.replies.pop_front() {
            return Ok(Some(reply));
        }
        let Some(leaving) = self.sender.next(now) else { return Ok(None) };
        let part = leaving.part().map(|(file, bytes)| self.files.read(file, bytes)).transpose();
        let part = part.map_err(LinkError::Files)?.unwrap_or_default();
        let frame = leaving.frame(&part).and_then(|frame| encode(self.tag, &frame)).map_err(|_| LinkError::NoFile)?;
        if let Some(message) = self.sender.carried(leaving) {
            self.driver.landed(message, now);
        }
        Ok(Some(frame))
    }

    /// Writes bytes of a file, and notes from time to time which bytes are there.
    fn write(&mut self, part: &PartToWrite<'_>) -> Result<(), F::Error> {
        self.files.write(part)?;
        let end = part.offset.saturating_add(part.bytes.len() as u64);
        if part.is_last || part.offset / NOTED_EVERY != end / NOTED_EVERY {
            let total = self.receiver.progress(part.file).map(|progress| progress.total);
            if let (Some(total), Some(there)) = (total, self.receiver.there(part.file)) {
                self.files.note(part.file, total, there)?;
            }
        }
        if part.is_last {
            self.receiver.durable(part.file);
        }
        Ok(())
    }

    pub(super) fn reply(&mut self, frame: &Frame<'_>) {
        // Nothing that a chat answers is too long for a frame.
        if self.is_connected
            && self.replies.len() < MAX_REPLIES
            && let Ok(reply) = encode(self.tag, frame)
        {
            self.replies.push_back(reply);
        }
    }
}
