//! An arriving message: it is authenticated and put in its place (SPEC ENV-4, OUT-1).

use crate::chat::Chat;
use crate::chat::input::Handled;
use crate::chat::model::{Arrived, Meaning, Phase};
use crate::chat::turn::{End, Note, Turn};
use crate::envelope;
use crate::message::IncomingFile;
use crate::profile::PeerPolicy;
use crate::seq::Arrival;
use crate::types::error::{PeerFault, Violation};
use crate::types::id::{Layer, SeqNo};
use crate::types::time::Timestamp;
use crate::wire::LayerHeader;

impl Turn<'_> {
    /// Judges size, outer form, authenticity, inner form, sequence, layer and content, in this order (SPEC OUT-1).
    pub(super) fn ciphertext(
        &mut self,
        bytes: &[u8],
        file: Option<IncomingFile>,
        date: Option<Timestamp>,
    ) -> Result<End<Handled>, PeerFault> {
        let chat = self.chat;
        let keys = match &chat.phase {
            Phase::Open(keys) => keys,
            // Only a server lets messages overtake the answer that they depend on.
            Phase::Requested(_) if chat.rules().keeps_unopened => {
                return Ok(self.keep_for_keys(bytes, file, date));
            }
            // The answer may still be on its way.
            Phase::Requested(_) => return Ok(End::Pass(Handled::NoRoom)),
            Phase::Closed(_) => return Ok(End::Pass(Handled::Ignored)),
        };
        let mut opened = chat.open_sealed(keys, bytes).inspect_err(|fault| {
            if *fault == PeerFault::UnknownKey {
                let msg_key = bytes.get(8..envelope::HEADER_LEN).and_then(|msg_key| msg_key.try_into().ok());
                self.notes.extend(msg_key.map(Note::UnknownKey));
            }
        })?;

        // Everything below is authentic: it leads to outcomes, and to one error, for a message that comes too late.
        let is_old = opened.is_old;
        let arrived = match opened.read(chat.setup.role.peer(), self.state.asked, file, date) {
            Ok(arrived) => arrived,
            Err(violation) => match chat.first_notice(&opened.body) {
                Some(layer) => {
                    if !self.note_protocol(is_old, SeqNo::ZERO) {
                        return Err(PeerFault::NotAuthentic);
                    }
                    self.raise_layer(layer);
                    return Ok(End::Commit(Handled::Applied));
                }
                None => return Ok(self.close_for(violation)),
            },
        };
        if !self.note_protocol(is_old, arrived.slot) {
            return Err(PeerFault::NotAuthentic);
        }
        if !self.state.confirmed {
            // The sender of a Discard noted here was not the initiator (SPEC X25-10).
            self.state.discard_noted = None;
            self.be_ready(keys);
        }
        match self.state.slots.arrival(arrived.slot) {
            Arrival::Duplicate => {
                self.wake_last_noop(&arrived);
                Ok(End::Pass(Handled::Duplicate))
            }
            // Its turn may never come, and asking for what is missing would reuse a slot (SPEC REC-6).
            Arrival::Early if chat.unproved_restore && arrived.in_seq_no > self.state.slots.sent => {
                Ok(self.close_for(Violation::InSeqAhead))
            }
            Arrival::Early => {
                self.count_sealed(bytes.len());
                Ok(self.early(arrived))
            }
            Arrival::Next => {
                self.count_sealed(bytes.len());
                Ok(self.next_ones(&arrived))
            }
        }
    }

    /// Processes the message whose turn it is, and those that waited for it.
    fn next_ones(&mut self, arrived: &Arrived) -> End<Handled> {
        let waiting = &self.chat.waiting;
        let mut processed = self.process(arrived);
        while let (Ok(()), Some(arrived)) = (processed, waiting.get(self.state.slots.received)) {
            processed = self.process(arrived);
        }
        if let Err(violation) = processed {
            return self.close_for(violation);
        }
        self.note_progress();
        self.ask_for_missing(None);
        End::Commit(Handled::Applied)
    }
}

impl Chat {
    /// Returns the layer of a notice without sequence numbers, with which old apps begin (SPEC OUT-1).
    fn first_notice(&self, body: &[u8]) -> Option<Layer> {
        let lenient = self.setup.profile.policy() != PeerPolicy::Strict;
        let first = self.state.slots.received == SeqNo::ZERO && self.waiting.len() == 0;
        let bare = match LayerHeader::read(body) {
            Ok((header, inner)) if (header.in_seq_no, header.out_seq_no) == (-1, -1) => inner,
            Ok(_) => return None,
            Err(_) => body,
        };
        match Meaning::read_protocol(bare) {
            Some(Meaning::NotifyLayer(layer)) if lenient && first => Some(layer),
            _ => None,
        }
    }
}
