//! An end at which an old client is: its host, and what a chat makes of what it says.

use std::rc::Rc;

use secretchat::{Chat, Env, History, Input, Timestamp};

use super::call::{carried, message_id};
use super::packet::digest;
use super::{End, Outcome, Packet, Sent, View};
use crate::fault::Fault;
use crate::invariants::Violation;
use crate::old::{Effects, OldPeer, Said};
use crate::settings::{Act, START, Settings};
use crate::step::{Call, Kind, PacketName};

impl End {
    /// Returns an end whose old client has asked for a chat.
    pub(super) fn old_asks(&self) -> Outcome {
        let mut end = self.clone();
        let effects = end.old.as_mut().map(|old| old.asks()).unwrap_or_default();
        end.settle(self, effects, true)
    }

    /// Returns the calls that may come next at an old client. It acknowledges nothing by itself.
    pub(super) fn old_calls(&self, settings: &Settings) -> Vec<Call> {
        let Some(old) = &self.old else { return Vec::new() };
        let message = |slot: u32| self.newest(u16::try_from(slot).unwrap_or(u16::MAX));
        let unaccepted: Vec<_> = old.unaccepted().collect();
        // What has not left is accepted by nobody.
        let mut calls: Vec<_> = unaccepted.iter().filter_map(|slot| message(*slot)).map(Call::Accepted).collect();
        let discard = PacketName { kind: Kind::Discard, slot: 0, copy: 0 };
        calls.extend(self.sent.contains_key(&discard).then_some(Call::Accepted(discard)));
        calls.push(Call::Repeat);
        if self.ticks > 0 && old.due().is_some() {
            calls.push(Call::Tick);
        }
        if self.acts < settings.scripts[self.side].len() {
            calls.push(Call::User);
        }
        calls
    }

    /// Makes a call on the old client.
    pub(super) fn call_old(
        &self,
        settings: &Settings,
        call: Call,
        packet: Option<&Packet>,
    ) -> Result<Outcome, Violation> {
        let mut end = self.clone();
        let due = end.old.as_ref().and_then(|old| old.due());
        match call {
            Call::Tick => (end.ticks, end.now) = (end.ticks - 1, end.now.max(due.unwrap_or(0))),
            Call::Waits => end.now += end.pause(),
            _ => {}
        }
        let Some(old) = &mut end.old else { return Ok(Outcome::of(end)) };
        old.prepare(settings.fault, end.now);
        let mut done = true;
        let effects = match call {
            Call::User => {
                let act = settings.scripts[self.side][self.acts];
                let (effects, possible) = end.acts(act);
                (end.acts, done) = (end.acts + usize::from(possible), possible);
                effects
            }
            Call::Writes | Call::AsksForKey => {
                let act = if call == Call::Writes { Act::Send } else { Act::Rekey };
                let (effects, possible) = end.acts(act);
                done = possible;
                effects
            }
            Call::Takes(name) => match packet {
                Some(packet) => old_takes(old, settings, packet)?,
                None => return Err(Violation { invariant: crate::TAKEN, seen: format!("{name} was not sent") }),
            },
            Call::Accepted(name) if name.kind == Kind::Message => old.carried(name.slot.into()),
            Call::Accepted(PacketName { kind: Kind::Discard, .. }) => old.discard_carried(),
            Call::Repeat => old.starts_anew(),
            Call::Tick | Call::Waits => old.expires(),
            _ => return Ok(Outcome::of(end)),
        };
        Ok(end.settle(self, effects, done))
    }

    fn acts(&mut self, act: Act) -> (Effects, bool) {
        let id = message_id(self.side, self.rows.made.len());
        let mut effects = Effects::default();
        let possible = self.old.as_mut().is_some_and(|old| old.act(act, &mut self.rows, &mut effects, id));
        (effects, possible)
    }

    /// Notes what came of a call, and sends what is to be sent. After each packet the process may die.
    fn settle(mut self, before: &Self, effects: Effects, done: bool) -> Outcome {
        let Effects { said, heard, acknowledged, destroyed, flushed } = effects;
        // The store drops a text that it has.
        for (id, ttl) in heard {
            if !self.rows.heard.contains(&id) {
                self.rows.hears(id, ttl);
            }
        }
        self.rows.acknowledged.extend(acknowledged);
        self.rows.destroyed.extend(destroyed);
        if flushed {
            let all: Vec<i64> = self.rows.made.iter().chain(&self.rows.heard).copied().collect();
            self.rows.destroyed.extend(all);
        }
        if let Some(old) = &self.old {
            self.view = View::of_old(old);
        }
        let mut outcome = Outcome::of(self);
        outcome.done = done;
        let last = said.len();
        let forgets = outcome.end.old.as_ref().is_some_and(|old| old.has_fault(Fault::ForgetsWhatItSent));
        let mut deaths = Vec::new();
        for (place, said) in said.into_iter().enumerate() {
            let mut dead = outcome.end.clone();
            if let Some(old) = &mut dead.old {
                old.dies();
            }
            dead.view = dead.old.as_ref().map(|old| View::of_old(old)).unwrap_or_default();
            deaths.push((u8::try_from(place).unwrap_or(u8::MAX), dead));
            let packet = outcome.end.sends(said);
            if forgets && place + 1 == last {
                let sent = outcome.end.sent.clone();
                deaths.push((u8::try_from(last).unwrap_or(u8::MAX), Self { sent, ..before.clone() }));
            }
            outcome.sent.push(packet);
        }
        outcome.deaths = deaths;
        outcome
    }

    /// Other bytes of a slot are another packet.
    fn sends(&mut self, said: Said) -> Rc<Packet> {
        let (kind, slot, bytes) = match &said {
            Said::Request(public) => (Kind::Request, 0, public),
            Said::Accept(public, _) => (Kind::Accept, 0, public),
            Said::Message { slot, sealed, .. } => (Kind::Message, u16::try_from(*slot).unwrap_or(u16::MAX), sealed),
            Said::Discard => (Kind::Discard, 0, &Vec::new()),
            Said::Read(date) => (Kind::Read, u16::try_from((date - START) / 1000).unwrap_or(u16::MAX), &Vec::new()),
        };
        let digest = digest(&[bytes]);
        let names = (0..u8::MAX).map(|copy| PacketName { kind, slot, copy });
        let free = |name: &PacketName| self.sent.get(name).is_none_or(|known| known.digest == digest);
        let name = names.into_iter().find(free).unwrap_or(PacketName { kind, slot, copy: u8::MAX });
        let packet = Rc::new(Packet { name, sent: Sent::Said(said), digest });
        self.sent.insert(name, Rc::clone(&packet));
        packet
    }

    fn newest(&self, slot: u16) -> Option<PacketName> {
        self.sent.keys().rfind(|name| name.kind == Kind::Message && name.slot == slot).copied()
    }

    /// Lets the chat of this end take what an old client says.
    pub(super) fn take_said(
        &self,
        settings: &Settings,
        chat: &mut Chat,
        packet: &Packet,
        said: &Said,
        env: &mut Env<'_>,
    ) -> Result<bool, Violation> {
        let input = match said {
            Said::Request(_) => {
                chat.accept_again(env);
                return Ok(true);
            }
            Said::Accept(public, fingerprint) => Input::accepted(public, *fingerprint),
            Said::Message { sealed, .. } => Input::ciphertext(sealed, None, None),
            Said::Discard => Input::discarded(History::Keep, None),
            Said::Read(date) => Input::read(Timestamp::from_millis(*date), None),
        };
        let handled = chat.handle(input, env);
        self.was_taken(settings, packet, handled, chat.counters().received)
    }

    /// Returns whether the server has accepted a message of this end, which it does not lose then.
    #[must_use]
    pub fn has_accepted(&self, slot: u16) -> bool {
        if let Some(old) = &self.old {
            return old.unaccepted().all(|unaccepted| unaccepted != u32::from(slot));
        }
        let told = |name| self.opened.get(&name).is_none_or(|plain| plain.get(25) == Some(&1));
        let Some(slot) = secretchat::SeqNo::new(slot.into()) else { return false };
        self.accepted.contains(&secretchat::TransmitId::of_slot(slot)) || told(secretchat::RecordName::Outgoing(slot))
    }

    /// Returns whether an old client ended the chat by its own rules, though nobody did anything wrong.
    #[must_use]
    pub fn was_forced(&self) -> bool {
        self.old.as_ref().is_some_and(|old| old.was_forced())
    }
}

impl View {
    fn of_old(old: &OldPeer) -> Self {
        Self {
            ready: old.is_ready(),
            closed: old.is_closed(),
            sent: old.sent,
            received: old.received,
            acknowledged: old.acknowledged,
            idle: old.is_idle(),
            rekeys: old.rekeys,
            check: None,
            fingerprint: old.fingerprint().map(secretchat::KeyFingerprint::to_bytes),
            owes: false,
            awaits: old.awaits_server(),
            key: old.current_key().map(|key| digest(&[key])),
        }
    }
}

fn old_takes(old: &mut OldPeer, settings: &Settings, packet: &Packet) -> Result<Effects, Violation> {
    use secretchat::TransmitKind::{Accept, Ciphertext, Discard, Read, Request};
    match &packet.sent {
        Sent::Transmit(transmit) => match &transmit.kind {
            Request { public, .. } => old.accepts(public),
            Accept { public, fingerprint, .. } => old.is_accepted(public, *fingerprint),
            Ciphertext { bytes, .. } => old.takes(&carried(settings, packet, bytes)),
            Discard { .. } => {
                old.is_discarded();
                Ok(Effects::default())
            }
            Read { max_date, .. } => {
                old.is_read(max_date.as_millis());
                Ok(Effects::default())
            }
            _ => Ok(Effects::default()),
        },
        Sent::Said(Said::Request(public)) => old.accepts(public),
        Sent::Said(Said::Accept(public, fingerprint)) => old.is_accepted(public, *fingerprint),
        Sent::Said(Said::Message { sealed, .. }) => old.takes(sealed),
        Sent::Said(Said::Discard) => {
            old.is_discarded();
            Ok(Effects::default())
        }
        Sent::Said(Said::Read(date)) => {
            old.is_read(*date);
            Ok(Effects::default())
        }
        Sent::Receipt(_) => Ok(Effects::default()),
    }
}
