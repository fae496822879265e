//! A message on its way in: kept, authenticated, put in its place (SPEC ENV-4, OUT-1).

use alloc::boxed::Box;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::Chat;
use super::input::{Handled, Input};
use super::keys::Keys;
use super::queue::Arrived;
use super::state::Phase;
use super::turn::{End, Note, Turn};
use crate::env::Env;
use crate::envelope;
use crate::error::{PeerFault, Violation};
use crate::event::Event;
use crate::id::{KeyFingerprint, Layer, Parity, Role, SeqNo, WireSeqNo};
use crate::message::{IncomingFile, Meaning, read_content};
use crate::profile::PeerPolicy;
use crate::record::Written;
use crate::seq::Arrival;
use crate::time::Timestamp;
use crate::verify::Verification;
use crate::wire::LayerHeader;

/// # World -> chat
impl Chat {
    /// Takes one input.
    ///
    /// # Errors
    /// [`PeerFault`]: the bytes are wrong. State, records and outputs are as before, and the chat is open.
    pub fn handle(&mut self, input: Input<'_>, env: &mut Env<'_>) -> Result<Handled, PeerFault> {
        let is_answer = matches!(input, Input::Accepted { .. });
        let handled = self.try_turn(env, |turn| turn.take(input))?;
        if is_answer && handled == Handled::Applied { Ok(self.take_unopened(env)) } else { Ok(handled) }
    }

    /// Takes what came before the keys, one group each, then forgets it. A crash in between takes it again: what was
    /// processed is a duplicate then.
    pub(super) fn take_unopened(&mut self, env: &mut Env<'_>) -> Handled {
        let unopened: Vec<_> = self.unopened.iter().map(Arrived::to_parts).collect();
        if unopened.is_empty() {
            return Handled::Applied;
        }
        for (bytes, file, date) in unopened {
            // A forged one is dropped like every forged message.
            if let Ok(Handled::ChatClosed) = self.try_turn(env, |turn| turn.ciphertext(&bytes, file, date)) {
                return Handled::ChatClosed;
            }
        }
        self.turn(env, |turn| {
            turn.forget_unopened = true;
            End::Commit(Handled::Applied)
        })
    }
}

impl Turn<'_> {
    fn take(&mut self, input: Input<'_>) -> Result<End<Handled>, PeerFault> {
        match input {
            Input::Accepted { public, fingerprint } => self.accepted(public, fingerprint),
            Input::AcceptedElsewhere => Ok(self.accepted_elsewhere()),
            Input::Discarded { history, proof } => self.discarded(history.into(), proof),
            Input::DiscardReceipt { proof } => self.discard_answered(proof),
            Input::Ciphertext { bytes, file, date } => self.ciphertext(bytes, file, date),
            Input::Read { max_date, date } => Ok(self.read(max_date, date)),
            Input::Typing => Ok(self.peer_types()),
            Input::Carried { id, date } => Ok(self.carried(id, date)),
            Input::Refused { id, permanent } => Ok(self.refused(id, permanent)),
        }
    }

    /// Checks everything before anything changes: anyone on the wire may have made this up (SPEC X25-5).
    fn accepted(&mut self, public: &[u8], fingerprint: KeyFingerprint) -> Result<End<Handled>, PeerFault> {
        let chat = self.chat;
        let Phase::Requested(pending) = &chat.phase else { return Ok(End::Pass(Handled::Ignored)) };
        // The ends were checked when the chat was set up.
        let binding = chat.setup.binding().map_err(|_| PeerFault::FingerprintMismatch)?;
        let keys = match pending.confirm(&binding, public, fingerprint) {
            Ok(agreed) => Box::new(Keys::first(agreed, chat.setup.role, None)),
            Err(_) if chat.rules().wrong_answer_ends => return Ok(self.refuse_answer()),
            Err(fault) => return Err(fault),
        };
        self.be_ready(&keys);
        self.phase.set(Phase::Open(keys));
        // An outbox without entries and a slot that is the first always have room.
        let _sent = self.notify_layer();
        Ok(End::Commit(Handled::Applied))
    }

    /// Keeps a message before there are keys as it is, within the bounds of what may wait.
    fn keep_for_keys(&mut self, bytes: &[u8], file: Option<IncomingFile>, date: Option<Timestamp>) -> End<Handled> {
        let unopened = &self.chat.unopened;
        if unopened.iter().any(|kept| **kept.body == *bytes) {
            return End::Pass(Handled::Duplicate);
        }
        if bytes.len() > envelope::MAX_SEALED_LEN {
            return End::Pass(Handled::Ignored);
        }
        let slot = u32::try_from(unopened.len()).ok().and_then(SeqNo::new);
        let Some(slot) = slot else { return End::Pass(Handled::NoRoom) };
        let kept = Arrived::before_keys(slot, bytes, file, date);
        if !unopened.has_room_for(&kept, SeqNo::ZERO, &self.chat.setup.limits) {
            return End::Pass(Handled::NoRoom);
        }
        self.unopened = Some(kept);
        End::Commit(Handled::Waiting)
    }

    /// Size, outer parse, authentication, inner parse, sequence, layer, content, commit: in this order (SPEC OUT-1).
    fn ciphertext(
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
        let peer = chat.setup.role.peer();
        if bytes.len() > envelope::MAX_SEALED_LEN {
            return Err(PeerFault::NotAuthentic);
        }
        let fingerprint = envelope::fingerprint(bytes).ok_or(PeerFault::NotAuthentic)?;
        let Some(key) = keys.opening_key(fingerprint, chat.rules().offset(peer)) else {
            let msg_key = bytes.get(8..envelope::HEADER_LEN).and_then(|msg_key| msg_key.try_into().ok());
            self.notes.extend(msg_key.map(Note::UnknownKey));
            return Err(PeerFault::UnknownKey);
        };
        let mut buffer = Zeroizing::new(bytes.to_vec());
        let opened = envelope::open(&key, &mut buffer).map(|body| (body, false));
        let mut again = Zeroizing::new(Vec::new());
        let opened = match (opened, chat.old_key(keys, fingerprint)) {
            (Err(_), Some((open_old, chat_key))) => {
                again.extend_from_slice(bytes);
                open_old(chat_key, fingerprint, &mut again).map(|body| (body, true))
            }
            (opened, _) => opened,
        };
        let (body, is_old) = opened?;

        // Everything from here on is authentic: there are outcomes, and one error, of what comes too late.
        let mut arrived = match read_layer(body, fingerprint, peer, file, date) {
            Ok(arrived) => Arrived { is_old, ..arrived },
            Err(violation) => match chat.first_notice(body) {
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
        arrived.resent = arrived.slot < self.state.asked;
        if !self.state.confirmed {
            // Whoever noted a Discard here was not the initiator (SPEC X25-10).
            self.state.discard_noted = None;
            self.be_ready(keys);
        }
        match self.state.counters.arrival(arrived.slot) {
            Arrival::Duplicate => {
                self.wake_last_noop(&arrived);
                Ok(End::Pass(Handled::Duplicate))
            }
            // Its turn may never come, and asking for what is missing would take a slot that was used (SPEC REC-6).
            Arrival::Early if chat.unproved_restore && arrived.in_seq_no > self.state.counters.sent => {
                Ok(self.close_for(Violation::InSeqAhead))
            }
            Arrival::Early => Ok(self.early(arrived)),
            Arrival::Next => Ok(self.next_ones(&arrived)),
        }
    }

    /// Processes a message whose turn it is, and those that waited for it.
    fn next_ones(&mut self, arrived: &Arrived) -> End<Handled> {
        let waiting = &self.chat.waiting;
        let mut processed = self.process(arrived);
        while let (Ok(()), Some(arrived)) = (processed, waiting.get(self.state.counters.received)) {
            processed = self.process(arrived);
        }
        if let Err(violation) = processed {
            return self.close_for(violation);
        }
        self.note_progress();
        self.ask_for_missing(None);
        End::Commit(Handled::Applied)
    }

    /// Messages go both ways from now on, and the host is told.
    pub(super) fn be_ready(&mut self, keys: &Keys) {
        self.state.confirmed = true;
        self.news.push(Event::Ready { verification: Verification::from_bytes(keys.verification) });
    }
}

impl Chat {
    /// Returns the layer of a notice without sequence numbers, which old apps begin with (SPEC OUT-1).
    fn first_notice(&self, body: &[u8]) -> Option<Layer> {
        let lenient = self.setup.profile.policy() != PeerPolicy::Strict;
        let first = self.state.counters.received == SeqNo::ZERO && self.waiting.len() == 0;
        let bare = match LayerHeader::read(body) {
            Ok((header, inner)) if (header.in_seq_no, header.out_seq_no) == (-1, -1) => inner,
            Ok(_) => return None,
            Err(_) => body,
        };
        match read_content(bare, self.rules().file_form) {
            Ok(Meaning::NotifyLayer(layer)) if lenient && first => Some(layer),
            _ => None,
        }
    }
}

/// Header, sequence numbers, and the message for later (SPEC SEQ-2).
fn read_layer(
    body: &[u8],
    fingerprint: KeyFingerprint,
    sender: Role,
    file: Option<IncomingFile>,
    date: Option<Timestamp>,
) -> Result<Arrived, Violation> {
    let (header, inner) = LayerHeader::read(body).map_err(|_| Violation::BareObject)?;
    let in_seq_no = WireSeqNo::from_wire(header.in_seq_no).to_raw(Parity::of_in_seq_no(sender))?;
    let slot = WireSeqNo::from_wire(header.out_seq_no).to_slot(Parity::of_out_seq_no(sender))?;
    Ok(Arrived {
        slot,
        in_seq_no,
        fingerprint,
        layer: Layer(header.layer),
        is_old: false,
        enough_random_bytes: header.random_bytes.as_slice().len() >= MIN_RANDOM_BYTES,
        resent: false,
        answered: false,
        file,
        date,
        body: Zeroizing::new(inner.to_vec()),
        written: Written::default(),
    })
}

/// The constructor's page demands at least 15 random bytes.
const MIN_RANDOM_BYTES: usize = 15;
