//! What a host does with the outputs of a chat, one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use secretchat::hazmat::records;
use secretchat::{Batch, Chat, Event, Output, RecordName, Records, SeqNo, Transmit, TransmitKind};

use super::name::masked;
use super::packet::{bytes_of, digest, hex};
use super::rows::Change;
use super::{End, Outcome, Packet, Sent, View};
use crate::fault::Fault;
use crate::invariants::{self, Violation, hold};
use crate::key_watch;
use crate::settings::{Profile, START, Settings};
use crate::step::{Call, Kind, PacketName};

/// How many outputs one call may have: what these scripts can cause, and some (SPEC LIM-5).
const MOST_OUTPUTS: usize = 64;

impl End {
    /// Carries out what a chat asks for, one output after the other.
    pub(super) fn absorb(
        mut self,
        settings: &Settings,
        chat: &Chat,
        outputs: Vec<Output>,
        change: Change,
        done: bool,
        call: Call,
    ) -> Result<Outcome, Violation> {
        let count = outputs.len();
        hold(count <= MOST_OUTPUTS, invariants::BOUNDED, || format!("{count} outputs of one call"))?;
        let mut sent = Vec::new();
        let mut deaths = Vec::new();
        let mut compared = Vec::new();
        // The rows of the transaction that the next batch ends (DRV-5).
        let mut change = Some(change);
        let mut events = Vec::new();
        let mut is_written = false;
        let fault = settings.fault;
        let mut outputs = outputs;
        if fault == Some(Fault::SendsBeforeWriting) {
            outputs.sort_by_key(|output| u8::from(!matches!(output, Output::Transmit(_))));
        }
        let view = View::of(chat);
        for (place, output) in outputs.into_iter().enumerate() {
            match output {
                Output::Event(event) => {
                    invariants::event(&event, settings.rollbacks > 0)?;
                    compared.push(plainly(&event));
                    if fault == Some(Fault::ShowsBeforeWriting) && !is_written {
                        let before = Self { accepted: BTreeSet::new(), ..self.clone() };
                        self.note(&event, call)?;
                        // The rows are there, and the records are not.
                        let rows = self.rows.clone();
                        deaths.push((u8::try_from(place + 1).unwrap_or(u8::MAX), Self { rows, ..before }));
                    } else {
                        events.push(event);
                    }
                }
                Output::Persist(batch) => {
                    let before = self.opened.clone();
                    self.write(settings, &batch)?;
                    compared.push(self.written(&batch, &before));
                    is_written = true;
                    if let Some(change) = change.take() {
                        self.change(change, &mut sent);
                    }
                    events.drain(..).try_for_each(|event| self.note(&event, call))?;
                    self.see(&view);
                }
                // A lost one is not repeated (ACT-3).
                Output::Transmit(Transmit { kind: TransmitKind::Typing { .. }, .. }) => {}
                Output::Transmit(transmit) => {
                    compared.push(format!("{transmit:?} {}", hex(&digest(&[&bytes_of(&transmit)]))));
                    sent.push(self.send(settings, transmit)?);
                }
                _ => {}
            }
            let is_durable = is_written || fault == Some(Fault::SendsBeforeWriting);
            if is_durable && place + 1 < count {
                let after = u8::try_from(place + 1).unwrap_or(u8::MAX);
                deaths.push((after, Self { accepted: BTreeSet::new(), ..self.clone() }));
            }
        }
        if let Some(change) = change.take() {
            self.change(change, &mut sent);
        }
        events.drain(..).try_for_each(|event| self.note(&event, call))?;
        self.see(&view);
        self.look_at_timers(chat, call)?;
        Ok(Outcome { end: self, sent, deaths, done, outputs: compared })
    }

    fn see(&mut self, view: &View) {
        // The current chat key is the first secret in the record.
        let keys = self.keys.as_ref().filter(|keys| keys.current.is_some());
        let key = keys.and_then(|keys| Some(digest(&[keys.secrets().first()?])));
        self.view = View { key, ..view.clone() };
    }

    fn write(&mut self, settings: &Settings, batch: &Batch) -> Result<(), Violation> {
        if settings.rollbacks > 0 && settings.copies > 1 && !self.backups.is_empty() {
            self.make_backup(settings.copies);
        }
        self.batches += 1;
        let has_sent = batch.put.iter().any(|(name, _)| matches!(name, RecordName::Outgoing(_)));
        if settings.fault == Some(Fault::LosesABatch) && self.side == 1 && !has_sent {
            self.checkpoint = Some(batch.checkpoint);
            return Ok(());
        }
        let head = self.records.get(&RecordName::State).or_else(|| self.records.get(&RecordName::Tombstone));
        let fits = batch.fits(head.map(|sealed| &**sealed));
        hold(fits, invariants::FOLLOWS, || format!("{:?} after {:?}", batch.follows, self.checkpoint))?;
        self.chat = Some(batch.chat);
        for name in &batch.delete {
            self.records.remove(name);
            self.opened.remove(name);
        }
        for (name, sealed) in &batch.put {
            self.records.insert(*name, sealed.as_slice().into());
        }
        self.checkpoint = Some(batch.checkpoint);
        self.accepted.clear();
        let put = Records { chat: batch.chat, rows: batch.put.clone() };
        let opened = records::open(&put, &Settings::store_key(self.side));
        let refused = |error| Violation { invariant: invariants::RESTORES, seen: format!("{error:?}") };
        let replaced = self.opened.get(&RecordName::Keys).cloned();
        let elsewhere = SeqNo::new(30_000).map(RecordName::Waiting);
        if let (Some(Fault::KeepsReplacedRows), Some(name), Some(plain)) = (settings.fault, elsewhere, replaced) {
            self.opened.insert(name, plain);
        }
        for (name, _, plain) in opened.map_err(refused)? {
            self.opened.insert(name, plain.as_slice().into());
        }
        let touched = |name: &RecordName| *name == RecordName::Keys;
        if batch.delete.iter().any(touched) || batch.put.iter().any(|(name, _)| touched(name)) {
            let keys = self.opened.get(&RecordName::Keys).map(|plain| Rc::new(key_watch::read_keys(plain)));
            let plain = self.opened.iter().map(|(name, plain)| (*name, plain.to_vec())).collect();
            invariants::keys(self.keys.as_deref(), keys.as_deref(), &plain)?;
            self.keys = keys;
        }
        Ok(())
    }

    /// What was written, without what differs between two chats that write the same, and without what the transport said:
    /// a restart may forget that (DRV-9).
    fn written(&self, batch: &Batch, before: &BTreeMap<RecordName, Rc<[u8]>>) -> String {
        let told = |name: RecordName, plain: &[u8]| {
            let mut plain = masked(name, plain);
            if let (RecordName::Outgoing(_), Some(delivery)) = (name, plain.get_mut(24..26)) {
                delivery.fill(0);
            }
            plain
        };
        let mut parts: Vec<String> = batch.delete.iter().map(|name| format!("deletes {name}")).collect();
        for (name, _) in &batch.put {
            let (Some(now), before) = (self.opened.get(name), before.get(name)) else { continue };
            let now = told(*name, now);
            let is_new = before.is_none_or(|before| told(*name, before) != now);
            if is_new || !matches!(name, RecordName::Outgoing(_)) {
                parts.push(format!("{name} {}", hex(&digest(&[&now]))));
            }
        }
        parts.join(", ")
    }

    fn change(&mut self, change: Change, sent: &mut Vec<Rc<Packet>>) {
        self.acts += change.acts;
        if let Some((id, ttl)) = change.made {
            self.rows.writes(id, ttl);
        }
        self.rows.destroyed.extend(change.destroyed);
        if let Some(name) = change.refused {
            self.rows.refused.insert(name.slot);
            self.withdrawn.insert(name);
        }
        if let Some(proof) = change.receipt {
            self.answer_discard(proof, sent);
        }
    }

    pub(super) fn answer_discard(&mut self, proof: Option<[u8; 32]>, sent: &mut Vec<Rc<Packet>>) {
        let proof_bytes = proof.unwrap_or_default();
        let (name, digest) = (PacketName { kind: Kind::Receipt, slot: 0, copy: 0 }, digest(&[&proof_bytes]));
        // An end that closes later has another answer.
        let known = (0..).map(|copy| PacketName { copy, ..name });
        let Some(name) = known.into_iter().find(|name| self.sent.get(name).is_none_or(|old| old.digest == digest))
        else {
            return;
        };
        let packet = Rc::new(Packet { name, sent: Sent::Receipt(proof), digest });
        self.sent.insert(name, Rc::clone(&packet));
        sent.push(packet);
    }

    fn send(&mut self, settings: &Settings, mut transmit: Transmit) -> Result<Rc<Packet>, Violation> {
        let mut is_empty = false;
        if let Some(slot) = transmit.id.slot() {
            // The flag of REC-4.
            let outgoing = self.opened.get(&RecordName::Outgoing(slot));
            is_empty = outgoing.is_some_and(|plain| plain.get(26) == Some(&1));
            let slot = u16::try_from(slot.get()).unwrap_or(u16::MAX);
            let kept = self.sent.get(&PacketName { kind: Kind::Message, slot, copy: 0 });
            if let (Some(Fault::SendsFirstCopies), Some(kept)) = (settings.fault, kept)
                && let Sent::Transmit(kept) = &kept.sent
            {
                transmit = kept.clone();
                is_empty = false;
            }
        }
        let bytes = bytes_of(&transmit);
        let (kind, slot) = match &transmit.kind {
            TransmitKind::Request { .. } => (Kind::Request, 0),
            TransmitKind::Accept { .. } => (Kind::Accept, 0),
            TransmitKind::Discard { .. } => (Kind::Discard, 0),
            TransmitKind::Read { max_date, .. } => (Kind::Read, (max_date.as_millis().saturating_sub(START)) / 1000),
            _ => (Kind::Message, transmit.id.slot().map_or(0, |slot| slot.get().into())),
        };
        let first = PacketName { kind, slot: u16::try_from(slot).unwrap_or(u16::MAX), copy: 0 };
        let digest = digest(&[&bytes]);
        let name = PacketName { copy: u8::from(is_empty), ..first };
        if let TransmitKind::Ciphertext { random_id, .. } = &transmit.kind {
            let destroyed = self.rows.destroyed.contains(&random_id.0) || self.rows.refused.contains(&first.slot);
            hold(is_empty || !destroyed, invariants::SEALED_ONCE, || format!("{name} leaves, and is destroyed"))?;
            hold(!is_empty || destroyed, invariants::SEALED_ONCE, || format!("{name}, and nothing was destroyed"))?;
        }
        let before = self.sent.get(&name).map(|packet| packet.digest);
        let changed = before.is_some_and(|before| before != digest);
        hold(!changed || settings.rollbacks > 0, invariants::SEALED_ONCE, || format!("{name} has other bytes"))?;
        let second = PacketName { copy: 1, ..first };
        let back = name == first && kind == Kind::Message && self.sent.contains_key(&second);
        hold(!back || settings.rollbacks > 0, invariants::SEALED_ONCE, || format!("{name} leaves after {second}"))?;
        let name = if changed { PacketName { copy: name.copy + 2, ..name } } else { name };
        if kind == Kind::Message {
            let outgoing = transmit.id.slot().and_then(|slot| self.opened.get(&RecordName::Outgoing(slot)));
            let durable = outgoing.is_some_and(|plain| plain.windows(bytes.len()).any(|window| window == bytes));
            hold(durable, invariants::PERSIST_BEFORE_TRANSMIT, || format!("{first} is in no record"))?;
        } else if matches!(kind, Kind::Request | Kind::Accept) {
            let durable = self.records.contains_key(&RecordName::Keys);
            hold(durable, invariants::PERSIST_BEFORE_TRANSMIT, || format!("{first} and no keys"))?;
        } else if kind == Kind::Discard && settings.profile != Profile::Telegram {
            let durable = self.records.contains_key(&RecordName::Tombstone);
            hold(durable, invariants::PERSIST_BEFORE_TRANSMIT, || format!("{first} and no tombstone"))?;
        }
        let packet = Rc::new(Packet { name, sent: Sent::Transmit(transmit), digest });
        self.sent.insert(name, Rc::clone(&packet));
        Ok(packet)
    }
}

fn plainly(event: &Event) -> String {
    match event {
        Event::Message(message) => format!("{event:?} {}", message.content.text),
        _ => format!("{event:?}"),
    }
}
