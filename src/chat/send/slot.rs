//! The next slot: sealing and queueing one of our messages (SPEC SEQ-1, SEQ-6).

use alloc::vec::Vec;

use rand_core::Rng;

use super::seal::{Header, Sizes};
use crate::chat::Chat;
use crate::chat::model::{Delivery, Kind, Outgoing, Rest, State};
use crate::chat::turn::Turn;
use crate::record::Written;
use crate::types::error::{ApiMisuse, CallError, Unavailable};
use crate::types::id::{Layer, RandomId};
use crate::types::time::Ttl;
use crate::wire::{ActionNotifyLayer, DecryptedMessage, DecryptedMessageAction, Service17};

/// The length of an id.
pub(super) const ID_LEN: usize = 8;

/// The transport options of a message.
pub(super) struct Carriage {
    pub(super) kind: Kind,
    /// The timer that a [`Kind::SetTtl`] sets.
    pub(super) ttl: Ttl,
    pub(super) noop: bool,
    pub(super) silent: bool,
    pub(super) file: Option<Vec<u8>>,
}

impl Turn<'_> {
    /// Confirms that both ends agree on the layer.
    pub(in crate::chat) fn notify_layer(&mut self) -> Result<(), CallError> {
        let action = ActionNotifyLayer { layer: self.state.own_layer.0 };
        self.queue_service(&DecryptedMessageAction::NotifyLayer(action), Kind::Protocol)
    }

    /// Seals a service message for the next slot.
    pub(in crate::chat) fn queue_service(
        &mut self,
        action: &DecryptedMessageAction<'_>,
        kind: Kind,
    ) -> Result<(), CallError> {
        let message = |random_id| DecryptedMessage::Service17(Service17 { random_id, action: *action });
        let sizes = self.chat.sizes(&message(0))?;
        self.rng.read_ahead(ID_LEN + sizes.drawn());
        let random_id = self.draw_nonzero().map(RandomId)?;
        let noop = matches!(action, DecryptedMessageAction::Noop);
        let ttl = match action {
            DecryptedMessageAction::SetMessageTTL(set) => Ttl::from_wire(set.ttl_seconds),
            _ => Ttl::OFF,
        };
        let carriage = Carriage { kind, ttl, noop, silent: false, file: None };
        self.queue_message(random_id, &message(random_id.0), &sizes, carriage)
    }

    /// Seals any message for the next slot.
    pub(super) fn queue_message(
        &mut self,
        random_id: RandomId,
        message: &DecryptedMessage<'_>,
        sizes: &Sizes,
        carriage: Carriage,
    ) -> Result<(), CallError> {
        let Self { chat, rng, state, phase, outbox, .. } = self;
        let (slot, slots) = state.slots.after_sending().ok_or(Unavailable::SeqExhausted)?;
        let layer = layer_to_write(chat.layer_for_peer(state));
        let header = Header { layer, in_seq_no: slots.received, slot };
        let key = phase.keys().ok_or(Unavailable::NotReady)?.current_key(chat.rules().offset(chat.setup.role));
        let sealed = chat.seal(&key, &header, message, sizes, rng)?;
        let Carriage { kind, ttl, noop, silent, file } = carriage;
        if !outbox.has_room(state.slots.acknowledged, kind, sealed.len(), &chat.setup) {
            return Err(Unavailable::OutboxFull.into());
        }
        state.slots = slots;
        // Every message acknowledges what was received.
        state.owes_acknowledgement = false;
        self.count_sealed(sealed.len());
        self.send(Outgoing {
            slot,
            in_seq_no: header.in_seq_no,
            random_id,
            layer,
            kind,
            ttl,
            noop,
            silent,
            delivery: Delivery::Queued,
            told: false,
            emptied: false,
            file: file.map(Vec::into_boxed_slice),
            sealed,
            replacement: None,
            rest: Rest::default(),
            written: Written::default(),
        });
        Ok(())
    }

    /// Draws an id. Zero names no message and no exchange, and a strict peer aborts on it.
    pub(in crate::chat) fn draw_nonzero(&mut self) -> Result<i64, ApiMisuse> {
        (0..8)
            .map(|_| {
                let mut bytes = [0; ID_LEN];
                self.rng.fill_bytes(&mut bytes);
                i64::from_le_bytes(bytes)
            })
            .find(|id| *id != 0)
            .ok_or(ApiMisuse::UnusableRng)
    }
}

impl Chat {
    /// Returns the highest layer that both the peer can read and we can write.
    pub(super) fn layer_for_peer(&self, state: &State) -> Layer {
        state.peer_layer.clamp(Layer::L73, state.own_layer)
    }
}

/// Returns the layer in a message's header. It is one that every official app parses, at least the first of MTProto
/// 2.0, and never falls, since what is known of the peer never falls (SPEC LAY-2).
fn layer_to_write(peer: Layer) -> Layer {
    [Layer::L144, Layer::L101].into_iter().find(|layer| *layer <= peer).unwrap_or(Layer::L73)
}
