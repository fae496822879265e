//! One end of a world: its records, its host's rows, what it has sent, and what is left of its script.
//!
//! An end is restored from its records for every call, with what the transport has said since the last batch. Its draws
//! depend on nothing but the seed, the slot that it makes next and the kind of the call. So what an end is does not depend
//! on the way that led there, as long as it said and heard the same.

mod call;
mod name;
mod old;
mod output;
mod packet;
mod restart;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use secretchat::{Chat, ChatId, Checkpoint, RecordName, SeqNo, TransmitId};

use call::drain;
pub use packet::{Packet, Sent};
use rows::Change;
pub use rows::{Rows, View};

use crate::invariants::Violation;
use crate::key_watch::Kept;
use crate::old::OldPeer;
use crate::settings::{Client, START, Settings, Side};
use crate::step::{Call, Kind, PacketName};

/// What became of a call.
#[derive(Debug)]
pub struct Outcome {
    /// The end, with all outputs carried out.
    pub end: End,
    /// What was sent, in order.
    pub sent: Vec<Rc<Packet>>,
    /// The end, if its process dies after so many outputs. None of these is `end`, nor the end before the call.
    pub deaths: Vec<(u8, End)>,
    /// Whether the chat did what was asked. A user's wish that is not possible now stays.
    pub done: bool,
    /// What came out, in a form in which two chats can be compared.
    pub outputs: Vec<String>,
}

/// One end.
#[derive(Clone, Debug)]
pub struct End {
    side: Side,
    chat: Option<ChatId>,
    records: BTreeMap<RecordName, Rc<[u8]>>,
    opened: BTreeMap<RecordName, Rc<[u8]>>,
    keys: Option<Rc<Kept>>,
    checkpoint: Option<Checkpoint>,
    /// What the transport has accepted, while that is in no record.
    accepted: BTreeSet<TransmitId>,
    sent: BTreeMap<PacketName, Rc<Packet>>,
    withdrawn: BTreeSet<PacketName>,
    now: u64,
    acts: usize,
    ticks: u8,
    refusals: u8,
    rollbacks: u8,
    batches: u32,
    rows: Rows,
    deadlines: BTreeMap<i64, u64>,
    view: View,
    delays: u8,
    /// Older copies, the oldest first, each with its canonical name.
    backups: Vec<(u128, Rc<End>)>,
    /// What takes the place of the chat, if an old client is here.
    old: Option<Box<OldPeer>>,
}

impl End {
    /// Returns an end without a chat.
    #[must_use]
    pub fn new(settings: &Settings, side: Side) -> Self {
        Self {
            side,
            chat: None,
            records: BTreeMap::new(),
            opened: BTreeMap::new(),
            keys: None,
            checkpoint: None,
            accepted: BTreeSet::new(),
            sent: BTreeMap::new(),
            withdrawn: BTreeSet::new(),
            now: START,
            acts: 0,
            ticks: settings.ticks,
            refusals: settings.refusals,
            rollbacks: settings.rollbacks,
            batches: 0,
            rows: Rows::default(),
            deadlines: BTreeMap::new(),
            view: View { idle: true, ..View::default() },
            delays: settings.delays,
            backups: Vec::new(),
            old: (settings.clients[side] != Client::Own).then(|| Box::new(OldPeer::new(settings, side))),
        }
    }

    /// Returns an end that has asked for a chat.
    ///
    /// # Errors
    /// What the first call violates.
    ///
    /// # Panics
    /// If the settings are not valid.
    pub fn asks(settings: &Settings) -> Result<Outcome, Violation> {
        let end = Self::new(settings, 0);
        if end.old.is_some() {
            return Ok(end.old_asks());
        }
        let mut rng = end.draws(settings, Call::Writes);
        let mut chat = Chat::request(settings.start(0), &mut end.env(&mut rng)).unwrap();
        let outputs = drain(&mut chat);
        end.absorb(settings, &chat, outputs, Change::default(), true, Call::Writes)
    }

    /// Returns which end it is.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.side
    }

    /// Returns the rows of its host.
    #[must_use]
    pub const fn rows(&self) -> &Rows {
        &self.rows
    }

    /// Returns what its chat said last.
    #[must_use]
    pub const fn view(&self) -> &View {
        &self.view
    }

    /// Returns whether it has a chat.
    #[must_use]
    pub const fn has_chat(&self) -> bool {
        self.chat.is_some() || self.old.is_some()
    }

    /// Returns whether it has records. A chat that is over may have none.
    #[must_use]
    pub fn has_records(&self) -> bool {
        !self.records.is_empty()
    }

    /// Returns whether the time of a message runs.
    #[must_use]
    pub fn has_running_timer(&self) -> bool {
        !self.deadlines.is_empty()
    }

    /// Returns how many keys its records hold.
    #[must_use]
    pub fn keys_kept(&self) -> usize {
        match &self.old {
            Some(old) => old.keys_kept(),
            None => self.keys.as_ref().map_or(0, |keys| keys.keys()),
        }
    }

    /// Returns whether it was set back.
    #[must_use]
    pub const fn was_set_back(&self, settings: &Settings) -> bool {
        self.rollbacks < settings.rollbacks
    }

    /// Returns what the network may still bring.
    pub fn packets(&self) -> impl Iterator<Item = &Rc<Packet>> {
        self.sent.values().filter(|packet| !self.withdrawn.contains(&packet.name))
    }

    /// Returns the bytes of its records.
    #[must_use]
    pub fn stored_bytes(&self) -> usize {
        self.records.values().map(|sealed| sealed.len()).sum()
    }

    /// Returns whether it has processed or keeps what is in a slot of the peer.
    #[must_use]
    pub fn has_heard(&self, slot: u16) -> bool {
        let early = self.old.as_ref().is_some_and(|old| old.keeps_early(slot.into()));
        u32::from(slot) < self.view.received || early || {
            let slot = SeqNo::new(slot.into());
            slot.is_some_and(|slot| {
                [RecordName::Waiting(slot), RecordName::Unopened(slot)]
                    .iter()
                    .any(|name| self.records.contains_key(name))
            })
        }
    }

    /// Keeps a copy of what it is now, for [`Call::RollsBack`]: the first one for ever, and so many with it.
    pub fn make_backup(&mut self, most: u8) {
        let copy = Self { backups: Vec::new(), ..self.clone() };
        self.backups.push((copy.name(), Rc::new(copy)));
        if self.backups.len() > usize::from(most) {
            self.backups.remove(1);
        }
    }

    /// Returns the calls that may come next, apart from what the other end has sent.
    #[must_use]
    pub fn own_calls(&self, settings: &Settings) -> Vec<Call> {
        if self.old.is_some() {
            return self.old_calls(settings);
        }
        if self.chat.is_none() {
            return Vec::new();
        }
        let mut calls = vec![Call::Acknowledge, Call::Repeat];
        if self.acts < settings.scripts[self.side].len() {
            calls.push(Call::User);
        }
        if self.ticks > 0 {
            calls.push(Call::Tick);
        }
        if !self.accepted.is_empty() {
            calls.push(Call::Dies);
        }
        if self.rollbacks > 0 {
            calls.extend((0..).take(self.backups.len()).map(Call::RollsBack));
        }
        for name in self.packets().map(|packet| packet.name) {
            match name.kind {
                Kind::Message => {
                    calls.push(Call::Accepted(name));
                    if self.refusals > 0 {
                        calls.push(Call::Refused(name));
                    }
                    if self.delays > 0 {
                        calls.push(Call::RefusedForNow(name));
                    }
                }
                Kind::Discard => calls.push(Call::Accepted(name)),
                _ => {}
            }
        }
        calls
    }

    /// Returns the same end for a closing phase: nothing goes wrong any more.
    #[must_use]
    pub fn willing(&self) -> Self {
        Self { ticks: 0, refusals: 0, delays: 0, ..self.clone() }
    }

    /// Makes the next pause of a closing phase longer.
    pub const fn lengthen_pause(&mut self) {
        self.ticks = self.ticks.saturating_add(1);
    }
}

impl Outcome {
    const fn of(end: End) -> Self {
        Self { end, sent: Vec::new(), deaths: Vec::new(), done: false, outputs: Vec::new() }
    }
}
