//! What leaves a phone, in its order, when the link has room.

use secretchat::frame::{FileId, Frame, encode};
use secretchat::{Transmit, TransmitId, TransmitKind};

use super::Result;
use super::desk::Tray;
use super::phone::Phone;
use super::shelf::Shelf;

pub(crate) enum Carry {
    Receipt {
        id: TransmitId,
        proof: Option<[u8; 32]>,
    },
    /// A file goes before the message that names it, so that whoever has the message has the file.
    File(FileId),
    Transmit(Transmit),
}

impl<S: Shelf> Phone<S> {
    pub(crate) fn enqueue(&mut self, transmit: Transmit) {
        // One that comes again while it still waits here need not go twice.
        if self.to_carry.iter().any(|carry| matches!(carry, Carry::Transmit(waiting) if waiting.id == transmit.id)) {
            return;
        }
        if let TransmitKind::Ciphertext { file, .. } = &transmit.kind {
            let file = file.as_deref().and_then(|name| name.try_into().ok());
            self.to_carry.extend(file.map(|id| Carry::File(FileId(id))));
        }
        self.to_carry.push_back(Carry::Transmit(transmit));
    }

    /// The next bytes for the link.
    pub(crate) fn next_frame(&mut self) -> Result<Option<Vec<u8>>> {
        let (Some(tag), Some(carry)) = (self.journal.tag(), self.to_carry.front()) else { return Ok(None) };
        self.settings.pace.step();
        let mut buffer = Vec::new();
        let mut goes_on = false;
        let frame = match carry {
            Carry::Receipt { id, proof } => Some(Frame::Receipt { transmit_id: *id, proof: *proof }),
            Carry::File(id) => {
                let upload = match &mut self.upload {
                    Some(upload) if upload.id == *id => upload,
                    // The file before is not wanted any more.
                    other => other.insert(self.desk.upload(*id)?),
                };
                let part = upload.next_part(&mut buffer)?;
                goes_on = part.is_some();
                part
            }
            Carry::Transmit(transmit) => Some(Frame::of(transmit)?),
        };
        let bytes = frame.map(|frame| encode(tag, &frame)).transpose()?;
        if !goes_on {
            self.to_carry.pop_front();
            self.upload = None;
        }
        // An empty answer is no end: the next item may have something.
        if bytes.is_none() { self.next_frame() } else { Ok(bytes) }
    }

    /// The peer has the messages of these files, and the chat's batch that says so is written: they need not lie here any
    /// more. Before that, a restart could ask for them again.
    pub(crate) fn remove_delivered(&mut self) -> Result<()> {
        for file in std::mem::take(&mut self.delivered) {
            self.to_carry.retain(|carry| !matches!(carry, Carry::File(waiting) if *waiting == file));
            self.desk.remove(Tray::Outgoing, file)?;
        }
        Ok(())
    }
}
