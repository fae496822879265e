//! The frames that leave a phone, in order, when the link has room.

use secretchat::frame::{Frame, encode};
use secretchat::{Transmit, TransmitKind};

use super::Result;
use super::desk::Tray;
use super::os::now;
use super::phone::Phone;
use super::shelf::Shelf;

impl<S: Shelf> Phone<S> {
    /// Takes a transmission of the chat. A message waits until its file has left, and so do the messages after it.
    pub(crate) fn enqueue(&mut self, transmit: Transmit) -> Result<()> {
        if let Some(driver) = &mut self.driver {
            driver.in_flight(&transmit);
        }
        let desk = &self.desk;
        // No part of a file that this process made has left, so the peer need not be asked.
        if let TransmitKind::Ciphertext { random_id, .. } = &transmit.kind
            && let Some(file) = self.files.get(random_id)
            && let Some(len) = desk.leaving(*file)
        {
            self.sender.add(*file, len);
        }
        self.sender.hold(transmit, |file| desk.leaving(file)).map_err(|lost| match lost.kind {
            TransmitKind::Ciphertext { random_id, .. } => format!("the file of message {random_id} is gone").into(),
            _ => "a transmission that no frame carries".into(),
        })
    }

    /// Takes a frame that need not wait.
    pub(crate) fn reply(&mut self, frame: &Frame<'_>) -> Result<()> {
        if let Some(tag) = self.journal.tag() {
            self.replies.push_back(encode(tag, frame)?);
        }
        Ok(())
    }

    /// Returns the next bytes for the link.
    pub(crate) fn next_frame(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(tag) = self.journal.tag() else { return Ok(None) };
        self.settings.pace.step();
        if let Some(reply) = self.replies.pop_front() {
            return Ok(Some(reply));
        }
        let Some(leaving) = self.sender.next(now()) else { return Ok(None) };
        let part = match leaving.part() {
            Some((file, range)) => self.desk.read_part(file, range)?,
            None => Vec::new(),
        };
        let bytes = encode(tag, &leaving.frame(&part)?)?;
        if let (Some(message), Some(driver)) = (self.sender.carried(leaving), &mut self.driver) {
            driver.landed(message, now());
        }
        Ok(Some(bytes))
    }

    /// Deletes files whose messages the peer has, once the chat's batch that says so is written. Before that, a restart
    /// could ask for them again.
    pub(crate) fn remove_delivered(&mut self) -> Result<()> {
        for file in std::mem::take(&mut self.delivered) {
            self.sender.finished(file);
            self.desk.remove(Tray::Outgoing, file)?;
        }
        Ok(())
    }
}
