//! What the app tells the chat: messages, and the upkeep of their delivery.

use alloc::vec;
use alloc::vec::Vec;

use rand_core::CryptoRng;

use super::Chat;
use super::keys::Keys;
use super::queue::{Delivery, Kind, Outgoing};
use super::repeat::Rest;
use super::state::{Phase, State};
use super::turn::{End, Turn};
use crate::env::Env;
use crate::envelope::{self, DirectionKey, Layout};
use crate::error::{ApiMisuse, CallError, Unavailable};
use crate::id::{GroupedId, Layer, Parity, RandomId, SeqNo, WireSeqNo};
use crate::message::{Draft, check_album, check_draft, with_wire};
use crate::record::Written;
use crate::time::Ttl;
use crate::wire::{
    ActionNotifyLayer, Bytes, DecryptedMessage, DecryptedMessageAction, DecryptedMessageLayer, Encode, Service17,
    encode_exact,
};

/// TDLib's number; the constructor's page demands at least 15.
const RANDOM_BYTES: usize = 31;

/// # App -> chat
impl Chat {
    /// Sends a message. `Ok` means queued: it survives a crash from its batch on.
    ///
    /// # Errors
    /// [`Unavailable::NotReady`], [`Unavailable::ChatClosed`], [`Unavailable::OutboxFull`], [`Unavailable::SeqExhausted`],
    /// [`Unavailable::RekeyRequired`], [`Unavailable::TooManyTimers`], [`ApiMisuse::ViewOnce`], [`ApiMisuse::RandomId`],
    /// [`ApiMisuse::UnusableRng`], [`ApiMisuse::MessageTooLong`], and what may be wrong with the draft (SPEC MSG-1 to MSG-5).
    /// Nothing has changed then.
    pub fn send(&mut self, draft: &Draft, env: &mut Env<'_>) -> Result<RandomId, CallError> {
        self.try_turn(env, |turn| {
            turn.chat.check_draft(draft)?;
            let random_id = turn.random_id_of(draft)?;
            turn.chat.check_key_use(&turn.state)?;
            turn.queue(draft, random_id, None)?;
            Ok(End::Commit(random_id))
        })
    }

    /// Sends 2 to 10 media as an album: all of them in order, or none.
    ///
    /// # Errors
    /// As [`Chat::send`]; [`ApiMisuse::AlbumSize`], [`ApiMisuse::AlbumMedia`].
    pub fn send_album(&mut self, drafts: &[Draft], env: &mut Env<'_>) -> Result<Vec<RandomId>, CallError> {
        self.try_turn(env, |turn| {
            turn.chat.ready_keys()?;
            check_album(drafts)?;
            drafts.iter().try_for_each(|draft| turn.chat.check_draft(draft))?;
            let mut random_ids: Vec<RandomId> = Vec::with_capacity(drafts.len());
            for draft in drafts {
                let random_id = turn.random_id_of(draft)?;
                if random_ids.contains(&random_id) {
                    return Err(ApiMisuse::RandomId.into());
                }
                random_ids.push(random_id);
            }
            // Positive, as TDLib's are.
            let grouped_id = GroupedId((draw_nonzero(turn.rng)? & i64::MAX).max(1));
            turn.chat.check_key_use(&turn.state)?;
            for (draft, random_id) in drafts.iter().zip(&random_ids) {
                turn.queue(draft, *random_id, Some(grouped_id))?;
            }
            Ok(End::Commit(random_ids))
        })
    }

    /// Sends one Noop if anything was processed since our last message, so that the peer may forget what it keeps. While the
    /// transport has not taken over an earlier Noop it waits: [`Chat::owes_acknowledgement`] stays true.
    ///
    /// # Errors
    /// [`Unavailable::OutboxFull`], [`Unavailable::SeqExhausted`], [`ApiMisuse::UnusableRng`]. A chat that is not ready or
    /// closed has nothing to acknowledge.
    pub fn acknowledge(&mut self, env: &mut Env<'_>) -> Result<(), CallError> {
        self.try_turn(env, |turn| {
            if !turn.chat.owes_acknowledgement() || turn.chat.outbox.tally().uncarried_noops > 0 {
                return Ok(End::Pass(()));
            }
            turn.queue_service(&DecryptedMessageAction::Noop, Kind::Protocol).map(End::Commit)
        })
    }
}

impl Turn<'_> {
    /// Confirms that both ends agree on the layer.
    pub(super) fn notify_layer(&mut self) -> Result<(), CallError> {
        let action = ActionNotifyLayer { layer: self.state.own_layer.0 };
        self.queue_service(&DecryptedMessageAction::NotifyLayer(action), Kind::Protocol)
    }

    /// Seals a draft for the next slot.
    fn queue(&mut self, draft: &Draft, random_id: RandomId, grouped_id: Option<GroupedId>) -> Result<(), CallError> {
        let (noop, silent, file) = (false, draft.silent, draft.file.clone());
        let carriage = Carriage { kind: Kind::Written, ttl: Ttl::OFF, noop, silent, file };
        let layer = self.chat.layer_for_peer(&self.state);
        self.chat.check_view_once(draft.ttl.unwrap_or_default())?;
        let ttl = draft.ttl.unwrap_or(self.state.ttl);
        self.keep_own_timed(random_id, ttl, draft.kind())?;
        with_wire(draft, random_id, ttl, layer, grouped_id, |message| self.queue_message(random_id, message, carriage))
    }

    /// Seals a service message for the next slot.
    pub(super) fn queue_service(&mut self, action: &DecryptedMessageAction<'_>, kind: Kind) -> Result<(), CallError> {
        let random_id = draw_nonzero(self.rng).map(RandomId)?;
        let message = DecryptedMessage::Service17(Service17 { random_id: random_id.0, action: *action });
        let noop = matches!(action, DecryptedMessageAction::Noop);
        let ttl = match action {
            DecryptedMessageAction::SetMessageTTL(set) => Ttl::from_wire(set.ttl_seconds),
            _ => Ttl::OFF,
        };
        self.queue_message(random_id, &message, Carriage { kind, ttl, noop, silent: false, file: None })
    }

    fn queue_message(
        &mut self,
        random_id: RandomId,
        message: &DecryptedMessage<'_>,
        carriage: Carriage,
    ) -> Result<(), CallError> {
        let Self { chat, rng, state, phase, outbox, .. } = self;
        let (slot, counters) = state.counters.after_sending().ok_or(Unavailable::SeqExhausted)?;
        let layer = layer_to_write(chat.layer_for_peer(state));
        let header = Header { layer, in_seq_no: counters.received, slot };
        let key = phase.keys().ok_or(Unavailable::NotReady)?.current_key(chat.rules().offset(chat.setup.role));
        let sealed = chat.seal(&key, &header, message, *rng)?;
        let Carriage { kind, ttl, noop, silent, file } = carriage;
        if !outbox.has_room(state.counters.acknowledged, kind, sealed.len(), &chat.setup) {
            return Err(Unavailable::OutboxFull.into());
        }
        state.counters = counters;
        // Whatever it is, it says what was received.
        state.owes_acknowledgement = false;
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
            file,
            sealed,
            replacement: None,
            rest: Rest::default(),
            written: Written::default(),
        });
        Ok(())
    }

    fn random_id_of(&mut self, draft: &Draft) -> Result<RandomId, ApiMisuse> {
        let Chat { outbox, timed, .. } = self.chat;
        match draft.random_id {
            Some(random_id) if random_id.0 == 0 || outbox.holds(random_id) || timed.get(random_id).is_some() => {
                Err(ApiMisuse::RandomId)
            }
            Some(random_id) => Ok(random_id),
            None => draw_nonzero(self.rng).map(RandomId),
        }
    }
}

impl Chat {
    pub(super) fn ready_keys(&self) -> Result<&Keys, Unavailable> {
        match &self.phase {
            Phase::Open(keys) if self.state.confirmed => Ok(keys),
            Phase::Open(_) | Phase::Requested(_) => Err(Unavailable::NotReady),
            Phase::Closed(_) => Err(Unavailable::ChatClosed),
        }
    }

    /// Returns what the peer can read of what we can write.
    fn layer_for_peer(&self, state: &State) -> Layer {
        state.peer_layer.clamp(Layer::L73, state.own_layer)
    }

    fn check_draft(&self, draft: &Draft) -> Result<(), CallError> {
        self.ready_keys()?;
        Ok(check_draft(draft, self.layer_for_peer(&self.state), self.rules().file_form)?)
    }

    pub(super) fn seal(
        &self,
        key: &DirectionKey<'_>,
        &Header { layer, in_seq_no, slot }: &Header,
        message: &DecryptedMessage<'_>,
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<u8>, ApiMisuse> {
        let role = self.setup.role;
        let mut random_bytes = [0; RANDOM_BYTES];
        rng.fill_bytes(&mut random_bytes);
        let body = DecryptedMessageLayer {
            random_bytes: Bytes::new(&random_bytes).ok_or(ApiMisuse::MessageTooLong)?,
            layer: layer.0,
            in_seq_no: WireSeqNo::new(in_seq_no, Parity::of_in_seq_no(role)).to_wire(),
            out_seq_no: WireSeqNo::new(slot, Parity::of_out_seq_no(role)).to_wire(),
            message: *message,
        };
        let layout = Layout::size_class(body.encoded_len()).map_err(|_| ApiMisuse::MessageTooLong)?;
        let mut sealed = vec![0; layout.sealed_len()];
        let done = envelope::seal(key, layout, rng, &mut sealed, |out| {
            let filled = encode_exact(&body, out);
            debug_assert!(filled, "a slice of encoded_len bytes is filled exactly");
        });
        done.map_err(|_| ApiMisuse::MessageTooLong)?;
        Ok(sealed)
    }
}

/// What stands before a message inside the layer.
pub(super) struct Header {
    pub(super) layer: Layer,
    pub(super) in_seq_no: SeqNo,
    pub(super) slot: SeqNo,
}

/// How a message is to be carried.
struct Carriage {
    kind: Kind,
    /// Of a [`Kind::SetTtl`].
    ttl: Ttl,
    noop: bool,
    silent: bool,
    file: Option<Vec<u8>>,
}

/// The layer in a message's header: only those that every official app parses, never below the first of MTProto 2.0,
/// and never falling, since what is known of the peer never falls (SPEC LAY-2).
fn layer_to_write(peer: Layer) -> Layer {
    [Layer::L144, Layer::L101].into_iter().find(|layer| *layer <= peer).unwrap_or(Layer::L73)
}

/// Zero names no message and no exchange: a strict peer aborts on it.
pub(super) fn draw_nonzero(rng: &mut dyn CryptoRng) -> Result<i64, ApiMisuse> {
    (0..8)
        .map(|_| {
            let mut bytes = [0; 8];
            rng.fill_bytes(&mut bytes);
            i64::from_le_bytes(bytes)
        })
        .find(|id| *id != 0)
        .ok_or(ApiMisuse::UnusableRng)
}
