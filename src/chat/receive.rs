//! What the world tells the chat.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::Chat;
use super::group::Change;
use super::state::{Keys, Outgoing, Phase, State};
use crate::env::Env;
use crate::envelope;
use crate::error::{PeerFault, Violation};
use crate::event::Event;
use crate::id::{KeyFingerprint, Layer, Parity, SeqNo, TransmitId, WireSeqNo};
use crate::message::{Content, IncomingFile, read_content};
use crate::seq::Arrival;
use crate::time::{Timestamp, Ttl};
use crate::wire::LayerHeader;

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
    /// Seen before; no effect.
    Duplicate,
    /// It does not fit the chat's role or state, or comes too early: no slot is used.
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
            Input::Discarded { history, proof } => self.discarded(history, proof, env),
            Input::Ciphertext { bytes, file, date } => self.ciphertext(bytes, file, date, env),
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
        let Phase::Requested(request) = &self.phase else { return Ok(self.ignore(env)) };
        let Ok(ends) = self.setup.identities.ends(self.setup.role) else { return Ok(self.ignore(env)) };
        let established = request.confirm(&ends, public, fingerprint)?;
        let keys = Box::new(Keys { established, accepted: None });

        let mut change = Change::of(State { confirmed: true, ..self.state_now(env) });
        change.news.push(self.ready_event(&keys));
        // An outbox without entries and a slot that is the first always have room.
        if let Ok(notice) = self.notify_layer(&keys, &mut change.state, env.rng) {
            change.send(notice);
        }
        change.phase = Some(Phase::Open(keys));
        self.apply(change, env.rng);
        Ok(Handled::Applied)
    }

    /// Size, outer parse, authentication, inner parse, sequence, layer, content, commit: in this order (SPEC OUT-1).
    fn ciphertext(
        &mut self,
        bytes: &[u8],
        file: Option<IncomingFile>,
        date: Option<Timestamp>,
        env: &mut Env<'_>,
    ) -> Result<Handled, PeerFault> {
        let Phase::Open(keys) = &self.phase else { return Ok(self.ignore(env)) };
        let peer = self.setup.role.peer();
        if bytes.len() > envelope::MAX_SEALED_LEN {
            return Err(PeerFault::NotAuthentic);
        }
        let mut buffer = Zeroizing::new(bytes.to_vec());
        let body = envelope::open(&keys.message_key(self.setup.profile, peer), &mut buffer)?;

        // Everything from here on is authentic: there are outcomes, no errors.
        let mut change = Change::of(self.state_now(env));
        let Ok((header, inner)) = LayerHeader::read(body) else {
            return Ok(self.close_for(Violation::BareObject, change.state, env));
        };
        let in_seq_no = WireSeqNo::from_wire(header.in_seq_no).to_raw(Parity::of_in_seq_no(peer));
        let out_seq_no = WireSeqNo::from_wire(header.out_seq_no).to_raw(Parity::of_out_seq_no(peer));
        let (in_seq_no, slot) = match (in_seq_no, out_seq_no) {
            (Ok(in_seq_no), Ok(slot)) => (in_seq_no, slot),
            (Err(violation), _) | (_, Err(violation)) => return Ok(self.close_for(violation, change.state, env)),
        };
        if !change.state.confirmed {
            change.state.confirmed = true;
            change.news.push(self.ready_event(keys));
        }
        match change.state.counters.arrival(slot) {
            Arrival::Next => {}
            Arrival::Duplicate => {
                self.ignore(env);
                return Ok(Handled::Duplicate);
            }
            Arrival::Early if change.news.is_empty() => return Ok(self.ignore(env)),
            Arrival::Early => {
                self.apply(change, env.rng);
                return Ok(Handled::Ignored);
            }
        }
        change.state.counters = match change.state.counters.after_receiving(in_seq_no) {
            Ok(counters) => counters,
            Err(violation) => return Ok(self.close_for(violation, change.state, env)),
        };
        let layer = Layer(header.layer);
        if layer < change.state.peer_layer {
            return Ok(self.close_for(Violation::LayerBack, change.state, env));
        }
        change.state.peer_layer = layer;
        self.acknowledgement_news(&mut change, env);

        let content = if header.random_bytes.as_slice().len() < MIN_RANDOM_BYTES {
            Content::Unsupported
        } else {
            match read_content(inner) {
                Ok(content) => content,
                Err(_) => return Ok(self.close_for(Violation::BodyNotUnderstood, change.state, env)),
            }
        };
        change.state.owes_acknowledgement |= !matches!(content, Content::Noop);
        if let Err(violation) = self.take_in(content, file, date, &mut change, env) {
            return Ok(self.close_for(violation, change.state, env));
        }
        self.apply(change, env.rng);
        Ok(Handled::Applied)
    }

    /// What an in-order message means (SPEC ACT-1).
    fn take_in(
        &self,
        content: Content,
        file: Option<IncomingFile>,
        date: Option<Timestamp>,
        change: &mut Change,
        env: &Env<'_>,
    ) -> Result<(), Violation> {
        let news = match content {
            Content::Message(mut message) => {
                message.date = date.unwrap_or(env.now).min(env.now);
                message.layer = change.state.peer_layer;
                message.file = file;
                Event::Message(message)
            }
            Content::SetTtl(ttl) => {
                change.state.ttl = Ttl::from_wire(ttl);
                Event::TtlChanged { ttl: change.state.ttl }
            }
            Content::Read(random_ids) => Event::ReadByPeer { random_ids },
            Content::Delete(random_ids) => Event::Deleted { random_ids },
            Content::FlushHistory => Event::HistoryFlushed,
            Content::Screenshot(random_ids) => Event::Screenshot { random_ids },
            Content::Typing(action) => Event::Typing { action },
            Content::NotifyLayer(layer) if layer < change.state.peer_layer => return Err(Violation::LayerBack),
            Content::NotifyLayer(layer) if layer == change.state.peer_layer => return Ok(()),
            Content::NotifyLayer(layer) => {
                change.state.peer_layer = layer;
                Event::PeerLayer { layer }
            }
            Content::Noop => return Ok(()),
            Content::Resend { start, end } => {
                change.transmits.extend(self.resend(start, end, &change.state)?);
                return Ok(());
            }
            Content::Rekey => return Err(Violation::RekeyUnexpected),
            Content::Unsupported => Event::Unsupported,
        };
        change.news.push(news);
        Ok(())
    }

    /// The sealed bytes of a range of our slots, unchanged. The whole range must be sent and not acknowledged.
    fn resend(&self, start: i32, end: i32, state: &State) -> Result<Vec<crate::event::Transmit>, Violation> {
        let raw = |wire| WireSeqNo::from_wire(wire).to_raw(Parity::of_out_seq_no(self.setup.role));
        let (Ok(start), Ok(end)) = (raw(start), raw(end)) else { return Err(Violation::ResendRange) };
        let sendable = state.counters.acknowledged..state.counters.sent;
        if start > end || !sendable.contains(&start) || !sendable.contains(&end) {
            return Err(Violation::ResendRange);
        }
        let count = end.get() - start.get() + 1;
        if count > MAX_RESEND {
            return Err(Violation::ResendRange);
        }
        Ok((start.get()..=end.get())
            .filter_map(SeqNo::new)
            .filter_map(|slot| self.outbox.get(slot))
            .map(Outgoing::transmit)
            .collect())
    }

    /// Names what this message of the peer acknowledges; a transport that never said so has carried it, too.
    fn acknowledgement_news(&self, change: &mut Change, env: &Env<'_>) {
        let freed = self.outbox.iter().take_while(|entry| entry.slot < change.state.counters.acknowledged);
        let mut random_ids = vec![];
        for entry in freed.filter(|entry| !entry.service) {
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
        if !entry.service {
            let date = date.unwrap_or(env.now).min(env.now);
            change.news.push(Event::Sent { id, random_id: entry.random_id, date });
        }
        change.outgoing = Some(Outgoing { carried: true, ..entry.clone() });
        self.apply(change, env.rng);
        Handled::Applied
    }

    /// A message refused for good leaves no gap: an empty one takes its slot (SPEC SEQ-8).
    fn refused(&mut self, id: TransmitId, permanent: bool, env: &mut Env<'_>) -> Handled {
        let (Some(keys), Some(entry)) = (self.keys(), self.outbox.by_id(id).filter(|entry| !entry.carried)) else {
            return self.ignore(env);
        };
        if !permanent {
            return self.ignore(env);
        }
        let mut change = Change::of(self.state_now(env));
        let Ok(empty) = self.emptied(keys, entry, env.rng) else { return self.ignore(env) };
        if !entry.service {
            change.news.push(Event::Failed { id, random_id: entry.random_id });
        }
        change.send(empty);
        self.apply(change, env.rng);
        Handled::Applied
    }

    fn ready_event(&self, keys: &Keys) -> Event {
        let verification = keys.established.transcript.verification();
        Event::Ready { verification: crate::verify::Verification::from_bytes(verification) }
    }
}

/// The constructor's page demands at least 15 random bytes.
const MIN_RANDOM_BYTES: usize = 15;

/// The most slots that one request may name (TDLib's limit).
const MAX_RESEND: u32 = 1000;
