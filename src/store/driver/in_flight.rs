//! Messages that a host is still carrying, so the driver need not ask for them again (SPEC DRV-7).

use alloc::vec::Vec;
use core::time::Duration;

use crate::chat::{Chat, Counters};
use crate::output::{Transmit, TransmitKind};
use crate::types::id::TransmitId;
use crate::types::time::Timestamp;

/// Messages that are in flight: at most one for each that the peer has not acknowledged.
#[derive(Debug, Default)]
pub(super) struct InFlight(Vec<Flight>);

#[derive(Debug)]
struct Flight {
    id: TransmitId,
    content: Content,
    /// When the host reported that the transport had carried it.
    landed: Option<Timestamp>,
}

/// The fingerprint and the `msg_key` at the start of a sealed message. They differ once a slot is emptied.
type Content = [u8; 24];

impl InFlight {
    /// Notes that the host carries a message of the chat.
    pub(super) fn note(&mut self, transmit: &Transmit, chat: &Chat) {
        self.forget_acknowledged(chat);
        let Some(content) = content(transmit).filter(|_| is_awaited(transmit.id, chat)) else { return };
        self.0.retain(|flight| flight.id != transmit.id);
        self.0.push(Flight { id: transmit.id, content, landed: None });
    }

    /// Notes that it has arrived as far as the host can tell. Returns whether it was in flight.
    pub(super) fn land(&mut self, id: TransmitId, now: Timestamp) -> bool {
        let flight = self.0.iter_mut().find(|flight| flight.id == id);
        flight.map(|flight| flight.landed = Some(now)).is_some()
    }

    /// Returns whether a transmission need not be asked for: the same one is in flight, or landed less than a pause
    /// ago.
    pub(super) fn covers(&self, transmit: &Transmit, pause: Duration, now: Timestamp) -> bool {
        let content = content(transmit);
        let fresh = |flight: &Flight| flight.landed.is_none_or(|landed| landed.until(now) < pause);
        self.0.iter().any(|flight| flight.id == transmit.id && Some(flight.content) == content && fresh(flight))
    }

    /// Returns a message whose slot was emptied while the old one was in flight, once, to replace it.
    pub(super) fn take_emptied(&mut self, chat: &Chat) -> Option<Transmit> {
        self.0.iter_mut().filter(|flight| flight.landed.is_none()).find_map(|flight| {
            let emptied = chat.emptied_in(flight.id)?;
            let content = content(&emptied).filter(|content| *content != flight.content)?;
            flight.content = content;
            Some(emptied)
        })
    }

    pub(super) fn forget_acknowledged(&mut self, chat: &Chat) {
        self.0.retain(|flight| is_awaited(flight.id, chat));
    }

    /// Forgets everything: the transport has lost what it accepted.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

fn content(transmit: &Transmit) -> Option<Content> {
    match &transmit.kind {
        TransmitKind::Ciphertext { bytes, .. } => bytes.first_chunk().copied(),
        _ => None,
    }
}

fn is_awaited(id: TransmitId, chat: &Chat) -> bool {
    let Counters { sent, acknowledged, .. } = chat.counters();
    id.slot().is_some_and(|slot| (acknowledged..sent).contains(&slot.get()))
}
