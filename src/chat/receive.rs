//! What the world tells the chat.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::Chat;
use super::agreement::Keys;
use super::config::PeerPolicy;
#[cfg(feature = "telegram")]
use super::config::Profile;
use super::group::Change;
use super::state::{Arrived, Kind, Outgoing, Phase, State};
use crate::env::Env;
use crate::envelope;
use crate::error::{PeerFault, Violation};
use crate::event::{Event, Transmit};
use crate::id::{KeyFingerprint, Layer, Parity, Role, SeqNo, TransmitId, WireSeqNo};
use crate::message::{Content, IncomingFile, Message, read_content};
use crate::seq::{Arrival, Counters};
use crate::time::{Timestamp, Ttl};
use crate::verify::Verification;
use crate::wire::{ActionResend, DecryptedMessageAction, LayerHeader};

/// Something that happened in the world.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input<'a> {
    /// The responder accepted.
    Accepted {
        /// Its public value.
        public: &'a [u8],
        /// The key's name as the responder computed it.
        fingerprint: KeyFingerprint,
    },
    /// The server says that another device of this user accepted.
    AcceptedElsewhere,
    /// A Discard arrived.
    Discarded {
        /// Whether the peer asks to delete the history too.
        history: bool,
        /// That it comes from the peer.
        proof: Option<&'a [u8; 32]>,
    },
    /// An encrypted message arrived.
    Ciphertext {
        /// Its sealed bytes.
        bytes: &'a [u8],
        /// The file that came with it.
        file: Option<IncomingFile>,
        /// When, by the transport's account; `None` is now.
        date: Option<Timestamp>,
    },
    /// The server says that the peer's user has read messages: in the Telegram profile, outside of the encryption.
    Read {
        /// All that were sent until then.
        max_date: Timestamp,
        /// When, by the transport's account; `None` is now.
        date: Option<Timestamp>,
    },
    /// The transport has taken a transmission over: a transport fact, never called delivered.
    Carried {
        /// Which.
        id: TransmitId,
        /// When, by the transport's account; `None` is now.
        date: Option<Timestamp>,
    },
    /// The transport refused a transmission.
    Refused {
        /// Which.
        id: TransmitId,
        /// Whether trying again is pointless.
        permanent: bool,
    },
}

/// What became of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Handled {
    /// It had its effect.
    Applied,
    /// It is authentic and came too early: it is kept for its turn.
    Waiting,
    /// Seen before; no effect.
    Duplicate,
    /// It does not fit the chat's role or state, or comes so early that there is no room: no slot is used.
    Ignored,
    /// It ended the chat.
    ChatClosed,
}

/// # World -> chat
impl Chat {
    /// Takes one input.
    ///
    /// # Errors
    /// [`PeerFault`]: the bytes are wrong. State, records and outputs are as before, and the chat is open.
    pub fn handle(&mut self, input: Input<'_>, env: &mut Env<'_>) -> Result<Handled, PeerFault> {
        match input {
            Input::Accepted { public, fingerprint } => self.accepted(public, fingerprint, env),
            Input::AcceptedElsewhere => Ok(self.accepted_elsewhere(env)),
            Input::Discarded { history, proof } => self.discarded(history, proof, env),
            Input::Ciphertext { bytes, file, date } => self.ciphertext(bytes, file, date, env),
            Input::Read { max_date, date } => Ok(self.read(max_date, date, env)),
            Input::Carried { id, date } => Ok(self.carried(id, date, env)),
            Input::Refused { id, permanent } => Ok(self.refused(id, permanent, env)),
        }
    }

    /// Takes note of the time only.
    pub(super) fn ignore(&mut self, env: &Env<'_>) -> Handled {
        self.state = self.state_now(env);
        Handled::Ignored
    }

    /// Checks everything before anything changes: anyone on the wire may have made this up (SPEC X25-5).
    fn accepted(
        &mut self,
        public: &[u8],
        fingerprint: KeyFingerprint,
        env: &mut Env<'_>,
    ) -> Result<Handled, PeerFault> {
        let Phase::Requested(pending) = &self.phase else { return Ok(self.ignore(env)) };
        let keys = match pending.confirm(&self.setup, public, fingerprint) {
            Ok(keys) => Box::new(keys),
            Err(fault) if self.setup.profile.awaits_sign() => return Err(fault),
            Err(_) => return Ok(self.refuse_answer(env)),
        };
        let mut change = Change::of(State { confirmed: true, ..self.state_now(env) });
        change.news.push(self.ready_event(&keys));
        // An outbox without entries and a slot that is the first always have room.
        let _sent = self.notify_layer(&keys, &mut change, env.rng);
        change.phase = Some(Phase::Open(keys));
        change.forget_waiting = true;
        let early: Vec<_> = self.waiting.iter().map(Arrived::to_parts).collect();
        self.apply(change, env.rng);
        // One group each. What a crash takes of them is asked for like every missing message.
        for (bytes, file, date) in early {
            if let Ok(Handled::ChatClosed) = self.ciphertext(&bytes, file, date, env) {
                return Ok(Handled::ChatClosed);
            }
        }
        Ok(Handled::Applied)
    }

    /// A message before there are keys: kept as it is, within the bounds of what may wait.
    fn keep_for_keys(
        &mut self,
        bytes: &[u8],
        file: Option<IncomingFile>,
        date: Option<Timestamp>,
        env: &mut Env<'_>,
    ) -> Handled {
        if self.waiting.iter().any(|kept| **kept.body == *bytes) {
            self.ignore(env);
            return Handled::Duplicate;
        }
        let mut change = Change::of(self.state_now(env));
        let slot = u32::try_from(self.waiting.len() + 1).ok().and_then(SeqNo::new);
        let Some(slot) = slot.filter(|_| bytes.len() <= envelope::MAX_SEALED_LEN) else { return self.ignore(env) };
        let kept = Arrived::before_keys(slot, bytes, file, date);
        if !self.waiting.has_room_for(&kept, SeqNo::ZERO, &self.setup.limits) {
            return self.ignore(env);
        }
        change.waiting = Some(kept);
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
            Phase::Requested(_) if !self.setup.profile.awaits_sign() => {
                return Ok(self.keep_for_keys(bytes, file, date, env));
            }
            Phase::Requested(_) | Phase::Closed(_) => return Ok(self.ignore(env)),
        };
        let peer = self.setup.role.peer();
        if bytes.len() > envelope::MAX_SEALED_LEN {
            return Err(PeerFault::NotAuthentic);
        }
        let mut buffer = Zeroizing::new(bytes.to_vec());
        let body = envelope::open(&keys.message_key(peer), &mut buffer)?;

        // Everything from here on is authentic: there are outcomes, no errors.
        let mut change = Change::of(self.state_now(env));
        let mut arrived = match read_layer(body, peer, file, date) {
            Ok(arrived) => arrived,
            Err(violation) => match self.first_notice(violation, body, &change.state) {
                Some(layer) => {
                    raise_layer(layer, &mut change);
                    self.apply(change, env.rng);
                    return Ok(Handled::Applied);
                }
                None => return Ok(self.close_for(violation, change.state, env)),
            },
        };
        arrived.resent = arrived.slot < change.state.asked;
        if !change.state.confirmed {
            change.state.confirmed = true;
            change.news.push(self.ready_event(keys));
        }
        match change.state.counters.arrival(arrived.slot) {
            Arrival::Duplicate => {
                self.ignore(env);
                Ok(Handled::Duplicate)
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
            return self.close_for(violation, change.state, env);
        }
        self.ask_for_missing(None, &mut change, env);
        self.apply(change, env.rng);
        Handled::Applied
    }

    /// Sequence, layer, content (SPEC OUT-1).
    fn process(&self, arrived: &Arrived, change: &mut Change, env: &mut Env<'_>) -> Result<(), Violation> {
        let policy = self.setup.profile.policy();
        let before = change.state.counters;
        change.state.counters = match before.after_receiving(arrived.in_seq_no) {
            // Apps that build a message anew when it is asked for again get its in_seq_no wrong: it is not taken over.
            Err(Violation::InSeqBack | Violation::InSeqAhead)
                if policy == PeerPolicy::Tolerant || (policy == PeerPolicy::Default && arrived.resent) =>
            {
                before.after_receiving(before.acknowledged)?
            }
            counters => counters?,
        };
        if arrived.layer >= change.state.seen_layer {
            change.state.seen_layer = arrived.layer;
            raise_layer(arrived.layer, change);
        } else if policy == PeerPolicy::Strict {
            return Err(Violation::LayerBack);
        }
        self.acknowledgement_news(before.acknowledged, change, env);

        let content = if arrived.answered {
            Content::Noop
        } else if arrived.enough_random_bytes || policy == PeerPolicy::Tolerant {
            match read_content(&arrived.body) {
                Ok(content) => content,
                Err(_) if policy == PeerPolicy::Strict => return Err(Violation::BodyNotUnderstood),
                Err(_) => {
                    self.tell_layer(change, env);
                    Content::Unsupported
                }
            }
        } else {
            Content::Unsupported
        };
        change.state.owes_acknowledgement |= !matches!(content, Content::Noop);
        self.take_in(content, arrived, change, env)
    }

    /// A peer that speaks beyond us is told our layer, once for each layer of its own (SPEC OUT-1).
    fn tell_layer(&self, change: &mut Change, env: &mut Env<'_>) {
        let at = Some(change.state.peer_layer);
        let Some(keys) = self.keys().filter(|_| change.state.told_at != at) else { return };
        if self.notify_layer(keys, change, env.rng).is_ok() {
            change.state.told_at = at;
        }
    }

    /// The layer of a notice without sequence numbers, which old apps begin with (SPEC OUT-1).
    fn first_notice(&self, violation: Violation, body: &[u8], state: &State) -> Option<Layer> {
        let lenient = self.setup.profile.policy() != PeerPolicy::Strict;
        let first = state.counters.received == SeqNo::ZERO && self.waiting.len() == 0;
        match read_content(body) {
            Ok(Content::NotifyLayer(layer)) if lenient && first && violation == Violation::BareObject => Some(layer),
            _ => None,
        }
    }

    /// Keeps a message for its turn, asks for what is missing before it, and answers a request to resend at once: the
    /// missing ones may be what the peer waits for (SPEC SEQ-7, SEQ-9).
    fn early(&mut self, mut arrived: Arrived, mut change: Change, env: &mut Env<'_>) -> Handled {
        let Counters { received, .. } = change.state.counters;
        if self.waiting.get(arrived.slot).is_some() {
            self.ignore(env);
            return Handled::Duplicate;
        }
        if !self.waiting.has_room_for(&arrived, received, &self.setup.limits) {
            if change.news.is_empty() {
                return self.ignore(env);
            }
            self.apply(change, env.rng);
            return Handled::Ignored;
        }
        if let (true, Ok(Content::Resend { start, end })) = (arrived.enough_random_bytes, read_content(&arrived.body))
            && let Ok(answer) = self.resend(start, end, &change.state)
        {
            change.transmits.extend(answer);
            arrived.answered = true;
        }
        self.ask_for_missing(Some(arrived.slot), &mut change, env);
        change.waiting = Some(arrived);
        self.apply(change, env.rng);
        Handled::Waiting
    }

    /// One request for each gap, of at most 1,000 slots; more of the same gap once those are there (SPEC SEQ-9).
    /// `arrived` is a slot that will wait.
    fn ask_for_missing(&self, arrived: Option<SeqNo>, change: &mut Change, env: &mut Env<'_>) {
        let Some(keys) = self.keys() else { return };
        let waits = |slot| arrived == Some(slot) || self.waiting.get(slot).is_some();
        let Counters { received, .. } = change.state.counters;
        let begun = change.state.asked;
        // Everything below is processed, waits or was asked for.
        let mut from = received.max(begun);
        while let (true, Some(next)) = (waits(from), from.next()) {
            from = next;
        }
        change.state.asked = from;
        let until = self.waiting.first_from(from).into_iter().chain(arrived.filter(|slot| *slot > from)).min();
        let Some(until) = until else { return };
        let in_a_gap = from == begun && received < begun && !from.previous().is_some_and(waits);
        if in_a_gap {
            return;
        }
        let last = until.get().min(from.get().saturating_add(MAX_RESEND)) - 1;
        let Some((last, asked)) = SeqNo::new(last).and_then(|last| Some((last, last.next()?))) else { return };
        let parity = Parity::of_out_seq_no(self.setup.role.peer());
        let action = DecryptedMessageAction::Resend(ActionResend {
            start_seq_no: from.to_wire(parity).to_wire(),
            end_seq_no: last.to_wire(parity).to_wire(),
        });
        // Without room for the request it is made when another message shows the gap again.
        if self.queue_service(keys, &action, Kind::Protocol, change, env.rng).is_ok() {
            change.state.asked = asked;
        }
    }

    /// What an in-order message means (SPEC ACT-1).
    fn take_in(
        &self,
        content: Content,
        arrived: &Arrived,
        change: &mut Change,
        env: &mut Env<'_>,
    ) -> Result<(), Violation> {
        let news = match content {
            Content::Message(mut message) => {
                message.date = arrived.date.unwrap_or(env.now).min(env.now);
                message.layer = arrived.layer;
                message.file.clone_from(&arrived.file);
                if !self.file_fits(&message) {
                    message.withhold_key();
                }
                Event::Message(message)
            }
            Content::SetTtl(ttl) => {
                change.state.ttl = Ttl::from_wire(ttl);
                Event::TtlChanged { ttl: change.state.ttl }
            }
            Content::Read(random_ids) => Event::ReadByPeer { random_ids },
            Content::Delete(random_ids) => {
                self.destroy(|id| random_ids.contains(&id), change, env.rng);
                Event::Deleted { random_ids }
            }
            Content::FlushHistory => {
                self.destroy(|_| true, change, env.rng);
                Event::HistoryFlushed
            }
            Content::Screenshot(random_ids) => Event::Screenshot { random_ids },
            Content::Typing(action) => Event::Typing { action },
            Content::NotifyLayer(layer) if self.setup.profile.policy() != PeerPolicy::Strict => {
                raise_layer(layer, change);
                return Ok(());
            }
            Content::NotifyLayer(layer) if layer < change.state.seen_layer => return Err(Violation::LayerBack),
            Content::NotifyLayer(layer) => {
                change.state.seen_layer = layer;
                raise_layer(layer, change);
                return Ok(());
            }
            Content::Resend { start, end } => {
                change.transmits.extend(self.resend(start, end, &change.state)?);
                return Ok(());
            }
            Content::Rekey if self.setup.profile.policy() == PeerPolicy::Strict => {
                return Err(Violation::RekeyUnexpected);
            }
            Content::Rekey | Content::Noop => return Ok(()),
            Content::Unsupported => Event::Unsupported,
        };
        change.news.push(news);
        Ok(())
    }

    /// The sealed bytes of a range of our slots, unchanged (SPEC SEQ-7). A strict chat wants the whole range to be sent
    /// and not acknowledged; others answer the part that is.
    fn resend(&self, start: i32, end: i32, state: &State) -> Result<Vec<Transmit>, Violation> {
        let raw = |wire| WireSeqNo::from_wire(wire).to_raw(Parity::of_out_seq_no(self.setup.role));
        let Counters { sent, acknowledged, .. } = state.counters;
        let asked = match (raw(start), raw(end)) {
            (Ok(start), Ok(end)) if start <= end => Some((start.get(), end.get())),
            _ => None,
        };
        let valid = asked.map(|(start, end)| {
            let first = start.max(acknowledged.get());
            first..(end + 1).min(sent.get()).min(first.saturating_add(MAX_RESEND))
        });
        let whole = asked.zip(valid.clone()).is_some_and(|((start, end), valid)| valid == (start..end + 1));
        if self.setup.profile.policy() == PeerPolicy::Strict && !whole {
            return Err(Violation::ResendRange);
        }
        let slots = valid.into_iter().flatten().filter_map(SeqNo::new);
        Ok(slots.filter_map(|slot| self.outbox.get(slot)).map(Outgoing::transmit).collect())
    }

    /// Names what this message of the peer acknowledges; a transport that never said so has carried it, too.
    fn acknowledgement_news(&self, before: SeqNo, change: &mut Change, env: &Env<'_>) {
        let acknowledged = before..change.state.counters.acknowledged;
        let mut random_ids = vec![];
        for entry in self.outbox.iter().take_while(|entry| entry.slot < acknowledged.end) {
            if entry.kind != Kind::Written || entry.slot < acknowledged.start {
                continue;
            }
            if !entry.carried {
                change.news.push(Event::Sent { id: entry.id(), random_id: entry.random_id, date: env.now });
            }
            random_ids.push(entry.random_id);
        }
        if !random_ids.is_empty() {
            change.news.push(Event::Acknowledged { random_ids });
        }
    }

    fn carried(&mut self, id: TransmitId, date: Option<Timestamp>, env: &mut Env<'_>) -> Handled {
        if id == TransmitId::DISCARD {
            return self.discard_carried(env);
        }
        let Some(entry) = self.outbox.by_id(id).filter(|entry| !entry.carried) else { return self.ignore(env) };
        let mut change = Change::of(self.state_now(env));
        if entry.kind == Kind::Written {
            let date = date.unwrap_or(env.now).min(env.now);
            change.news.push(Event::Sent { id, random_id: entry.random_id, date });
        }
        change.outgoing.push(Outgoing { carried: true, ..entry.clone() });
        self.apply(change, env.rng);
        Handled::Applied
    }

    /// A message refused for good leaves no gap: an empty one takes its slot (SPEC SEQ-8).
    fn refused(&mut self, id: TransmitId, permanent: bool, env: &mut Env<'_>) -> Handled {
        let (Some(keys), Some(entry)) =
            (self.keys(), self.outbox.by_id(id).filter(|entry| !entry.carried && !entry.emptied))
        else {
            return self.ignore(env);
        };
        if !permanent {
            return self.ignore(env);
        }
        let mut change = Change::of(self.state_now(env));
        let Ok(empty) = self.emptied(keys, entry, env.rng) else { return self.ignore(env) };
        if entry.kind == Kind::Written {
            change.news.push(Event::Failed { id, random_id: entry.random_id });
        }
        change.send(empty);
        self.apply(change, env.rng);
        Handled::Applied
    }

    /// Whether the file that came beside a message can be the one that the message describes (SPEC MED-3).
    fn file_fits(&self, message: &Message) -> bool {
        match (&self.setup.profile, &message.file, message.file_of_medium()) {
            #[cfg(feature = "telegram")]
            (Profile::Telegram { .. }, Some(file), Some((size, Some(key)))) => {
                file.fingerprint.is_none_or(|fingerprint| fingerprint == key.fingerprint()) && file.holds(size)
            }
            (_, Some(file), Some((size, _))) => file.holds(size),
            _ => true,
        }
    }

    /// The peer's user has read what was sent until then, by the server's account.
    fn read(&mut self, max_date: Timestamp, date: Option<Timestamp>, env: &mut Env<'_>) -> Handled {
        if self.setup.profile.awaits_sign() || self.ready_keys().is_err() {
            return self.ignore(env);
        }
        let mut change = Change::of(self.state_now(env));
        change.news.push(Event::ReadUpTo { max_date, date: date.unwrap_or(env.now).min(env.now) });
        self.apply(change, env.rng);
        Handled::Applied
    }

    pub(super) fn ready_event(&self, keys: &Keys) -> Event {
        Event::Ready { verification: Verification::from_bytes(keys.verification) }
    }
}

/// Believes a higher layer of the peer, and tells of it.
fn raise_layer(layer: Layer, change: &mut Change) {
    if layer > change.state.peer_layer {
        change.state.peer_layer = layer;
        change.news.push(Event::PeerLayer { layer });
    }
}

/// Header, sequence numbers, and the message for later (SPEC SEQ-2).
fn read_layer(
    body: &[u8],
    sender: Role,
    file: Option<IncomingFile>,
    date: Option<Timestamp>,
) -> Result<Arrived, Violation> {
    let (header, inner) = LayerHeader::read(body).map_err(|_| Violation::BareObject)?;
    let in_seq_no = WireSeqNo::from_wire(header.in_seq_no).to_raw(Parity::of_in_seq_no(sender))?;
    let slot = WireSeqNo::from_wire(header.out_seq_no).to_raw(Parity::of_out_seq_no(sender))?;
    Ok(Arrived {
        slot,
        in_seq_no,
        layer: Layer(header.layer),
        enough_random_bytes: header.random_bytes.as_slice().len() >= MIN_RANDOM_BYTES,
        resent: false,
        answered: false,
        file,
        date,
        body: Zeroizing::new(inner.to_vec()),
        generation: 0,
    })
}

/// The constructor's page demands at least 15 random bytes.
const MIN_RANDOM_BYTES: usize = 15;

/// The most slots that one request may name (TDLib's limit).
const MAX_RESEND: u32 = 1000;
