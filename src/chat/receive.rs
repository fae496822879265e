//! A message on its way in: kept, authenticated, put in its place (SPEC ENV-4, OUT-1).

use alloc::boxed::Box;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::Chat;
use super::group::Change;
use super::input::{Handled, Input};
use super::keys::Keys;
use super::old::note_protocol;
use super::process::raise_layer;
use super::queue::Arrived;
use super::state::{Phase, State};
use crate::env::Env;
use crate::envelope;
use crate::error::{PeerFault, Violation};
use crate::event::Event;
use crate::id::{KeyFingerprint, Layer, Parity, Role, SeqNo, WireSeqNo};
use crate::message::{IncomingFile, Meaning, read_content};
use crate::profile::PeerPolicy;
use crate::record::Written;
use crate::secret::swept;
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
        swept(|| self.handle_unswept(input, env))
    }

    fn handle_unswept(&mut self, input: Input<'_>, env: &mut Env<'_>) -> Result<Handled, PeerFault> {
        match input {
            Input::Accepted { public, fingerprint } => self.accepted(public, fingerprint, env),
            Input::AcceptedElsewhere => Ok(self.accepted_elsewhere(env)),
            Input::Discarded { history, proof } => self.discarded(history, proof, env),
            Input::DiscardReceipt { proof } => self.discard_answered(proof, env),
            Input::Ciphertext { bytes, file, date } => self.ciphertext(bytes, file, date, env),
            Input::Read { max_date, date } => Ok(self.read(max_date, date, env)),
            Input::Typing => Ok(self.peer_types(env)),
            Input::Carried { id, date } => Ok(self.carried(id, date, env)),
            Input::Refused { id, permanent } => Ok(self.refused(id, permanent, env)),
        }
    }

    /// Takes note of the time only.
    pub(super) fn ignore(&mut self, env: &Env<'_>) -> Handled {
        self.state = self.state_now(env);
        Handled::Ignored
    }

    /// The same for what has to come again.
    pub(super) fn no_room(&mut self, env: &Env<'_>) -> Handled {
        self.ignore(env);
        Handled::NoRoom
    }

    /// Checks everything before anything changes: anyone on the wire may have made this up (SPEC X25-5).
    fn accepted(
        &mut self,
        public: &[u8],
        fingerprint: KeyFingerprint,
        env: &mut Env<'_>,
    ) -> Result<Handled, PeerFault> {
        let Phase::Requested(pending) = &self.phase else { return Ok(self.ignore(env)) };
        // The ends were checked when the chat was set up.
        let binding = self.setup.binding().map_err(|_| PeerFault::FingerprintMismatch)?;
        let keys = match pending.confirm(&binding, public, fingerprint) {
            Ok(agreed) => Box::new(Keys::first(agreed, self.setup.role, None)),
            Err(_) if self.rules().wrong_answer_ends => return Ok(self.refuse_answer(env)),
            Err(fault) => return Err(fault),
        };
        let mut change = Change::of(State { confirmed: true, ..self.state_now(env) });
        change.news.push(self.ready_event(&keys));
        change.phase = Some(Phase::Open(keys));
        // An outbox without entries and a slot that is the first always have room.
        let _sent = self.notify_layer(&mut change, env.rng);
        self.apply(change, env.rng);
        Ok(self.take_early(env))
    }

    /// Takes what came before the keys, one group each, then forgets it. A crash in between takes it again: what was
    /// processed is a duplicate then.
    pub(super) fn take_early(&mut self, env: &mut Env<'_>) -> Handled {
        let early: Vec<_> = self.early.iter().map(Arrived::to_parts).collect();
        if early.is_empty() {
            return Handled::Applied;
        }
        for (bytes, file, date) in early {
            // A forged one is dropped like every forged message.
            if let Ok(Handled::ChatClosed) = self.ciphertext(&bytes, file, date, env) {
                return Handled::ChatClosed;
            }
        }
        let mut change = Change::of(self.state);
        change.forget_early = true;
        self.apply(change, env.rng);
        Handled::Applied
    }

    /// A message before there are keys: kept as it is, within the bounds of what may wait.
    fn keep_for_keys(
        &mut self,
        bytes: &[u8],
        file: Option<IncomingFile>,
        date: Option<Timestamp>,
        env: &mut Env<'_>,
    ) -> Handled {
        if self.early.iter().any(|kept| **kept.body == *bytes) {
            self.ignore(env);
            return Handled::Duplicate;
        }
        let mut change = Change::of(self.state_now(env));
        if bytes.len() > envelope::MAX_SEALED_LEN {
            return self.ignore(env);
        }
        let slot = u32::try_from(self.early.len()).ok().and_then(SeqNo::new);
        let Some(slot) = slot else { return self.no_room(env) };
        let kept = Arrived::before_keys(slot, bytes, file, date);
        if !self.early.has_room_for(&kept, SeqNo::ZERO, &self.setup.limits) {
            return self.no_room(env);
        }
        change.early = Some(kept);
        self.apply(change, env.rng);
        Handled::Waiting
    }

    /// Size, outer parse, authentication, inner parse, sequence, layer, content, commit: in this order (SPEC OUT-1).
    fn ciphertext(
        &mut self,
        bytes: &[u8],
        file: Option<IncomingFile>,
        date: Option<Timestamp>,
        env: &mut Env<'_>,
    ) -> Result<Handled, PeerFault> {
        let keys = match &self.phase {
            Phase::Open(keys) => keys,
            // Only a server lets messages overtake the answer that they depend on.
            Phase::Requested(_) if self.rules().keeps_unopened => {
                return Ok(self.keep_for_keys(bytes, file, date, env));
            }
            // The answer may be on its way behind it.
            Phase::Requested(_) => return Ok(self.no_room(env)),
            Phase::Closed(_) => return Ok(self.ignore(env)),
        };
        let peer = self.setup.role.peer();
        if bytes.len() > envelope::MAX_SEALED_LEN {
            return Err(PeerFault::NotAuthentic);
        }
        let fingerprint = envelope::fingerprint(bytes).ok_or(PeerFault::NotAuthentic)?;
        let Some(key) = keys.opening_key(fingerprint, self.rules().offset(peer)) else {
            self.note_unknown_key(bytes);
            return Err(PeerFault::UnknownKey);
        };
        let mut buffer = Zeroizing::new(bytes.to_vec());
        let opened = envelope::open(&key, &mut buffer).map(|body| (body, false));
        let mut again = Zeroizing::new(Vec::new());
        let opened = match (opened, self.old_key(keys, fingerprint)) {
            (Err(_), Some((open_old, chat_key))) => {
                again.extend_from_slice(bytes);
                open_old(chat_key, fingerprint, &mut again).map(|body| (body, true))
            }
            (opened, _) => opened,
        };
        let (body, is_old) = opened?;

        // Everything from here on is authentic: there are outcomes, and one error, of what comes too late.
        let mut change = Change::of(self.state_now(env));
        let mut arrived = match read_layer(body, fingerprint, peer, file, date) {
            Ok(arrived) => Arrived { is_old, ..arrived },
            Err(violation) => match self.first_notice(body, &change.state) {
                Some(layer) => {
                    if !note_protocol(is_old, SeqNo::ZERO, &mut change) {
                        return Err(PeerFault::NotAuthentic);
                    }
                    raise_layer(layer, &mut change);
                    self.apply(change, env.rng);
                    return Ok(Handled::Applied);
                }
                None => return Ok(self.close_for(violation, &change, env)),
            },
        };
        if !note_protocol(is_old, arrived.slot, &mut change) {
            return Err(PeerFault::NotAuthentic);
        }
        arrived.resent = arrived.slot < change.state.asked;
        if !change.state.confirmed {
            change.state.confirmed = true;
            // Whoever noted a Discard here was not the initiator (SPEC X25-10).
            change.state.discard_noted = None;
            change.news.push(self.ready_event(keys));
        }
        match change.state.counters.arrival(arrived.slot) {
            Arrival::Duplicate => {
                self.ignore(env);
                self.wake_last_noop(&arrived);
                Ok(Handled::Duplicate)
            }
            // Its turn may never come, and asking for what is missing would take a slot that was used (SPEC REC-6).
            Arrival::Early if self.unproved_restore && arrived.in_seq_no > change.state.counters.sent => {
                Ok(self.close_for(Violation::InSeqAhead, &change, env))
            }
            Arrival::Early => Ok(self.early(arrived, change, env)),
            Arrival::Next => Ok(self.next_ones(&arrived, change, env)),
        }
    }

    /// Processes a message whose turn it is, and those that waited for it.
    fn next_ones(&mut self, arrived: &Arrived, mut change: Change, env: &mut Env<'_>) -> Handled {
        let mut processed = self.process(arrived, &mut change, env);
        while let (Ok(()), Some(arrived)) = (processed, self.waiting.get(change.state.counters.received)) {
            processed = self.process(arrived, &mut change, env);
        }
        if let Err(violation) = processed {
            return self.close_for(violation, &change, env);
        }
        self.note_progress(&mut change);
        self.ask_for_missing(None, &mut change, env);
        self.apply(change, env.rng);
        Handled::Applied
    }

    /// The layer of a notice without sequence numbers, which old apps begin with (SPEC OUT-1).
    fn first_notice(&self, body: &[u8], state: &State) -> Option<Layer> {
        let lenient = self.setup.profile.policy() != PeerPolicy::Strict;
        let first = state.counters.received == SeqNo::ZERO && self.waiting.len() == 0;
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

    pub(super) fn ready_event(&self, keys: &Keys) -> Event {
        Event::Ready { verification: Verification::from_bytes(keys.verification) }
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
