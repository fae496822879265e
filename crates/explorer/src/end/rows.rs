//! What a host has noted, and what a chat says about itself.

use std::collections::{BTreeMap, BTreeSet};

use secretchat::{Chat, ChatState, CloseReason, Event, KeyFingerprint, RandomId, RekeyState, Verification};

use super::End;
use crate::invariants::{self, Violation, hold};
use crate::step::{Call, PacketName};

/// What the host of an end has noted: its rows, in the transactions of the batches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// The own messages, in order.
    pub made: Vec<i64>,
    /// Those of the peer, in order.
    pub heard: Vec<i64>,
    /// The timers of those that have one, in seconds.
    pub timers: BTreeMap<i64, i32>,
    /// Own messages that the transport refused.
    pub failed: BTreeSet<i64>,
    /// Own messages that the peer has processed.
    pub acknowledged: BTreeSet<i64>,
    /// Messages of either end that were deleted or have expired.
    pub destroyed: BTreeSet<i64>,
    /// Slots that the transport refused.
    pub refused: BTreeSet<u16>,
    /// Why the chat is over.
    pub closed: Option<CloseReason>,
}

/// What a chat says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Whether messages go both ways.
    pub ready: bool,
    /// Whether the chat is over.
    pub closed: bool,
    /// How many messages it made.
    pub sent: u32,
    /// How many of the peer it processed.
    pub received: u32,
    /// How many the peer has processed.
    pub acknowledged: u32,
    /// Whether no key exchange is open.
    pub idle: bool,
    /// How many keys followed the first one.
    pub rekeys: u32,
    /// What the users may compare of the current key. Never in the Telegram profile.
    pub check: Option<[u8; 36]>,
    /// A hash of the current key.
    pub key: Option<[u8; 16]>,
    /// The fingerprint of the current key.
    pub fingerprint: Option<[u8; 8]>,
    /// Whether it owes an acknowledgement.
    pub owes: bool,
    /// Whether something has to be sent again.
    pub awaits: bool,
}

/// What a call changes at the host if its batch becomes durable.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub(super) acts: usize,
    /// Its timer, in seconds.
    pub(super) made: Option<(i64, i32)>,
    pub(super) destroyed: Vec<i64>,
    pub(super) refused: Option<PacketName>,
    pub(super) receipt: Option<Option<[u8; 32]>>,
}

impl Rows {
    /// Notes an own message.
    pub(crate) fn writes(&mut self, id: i64, ttl: i32) {
        self.made.push(id);
        self.times(id, ttl);
    }

    /// Notes a message of the peer.
    pub(super) fn hears(&mut self, id: i64, ttl: i32) {
        self.heard.push(id);
        self.times(id, ttl);
    }

    fn times(&mut self, id: i64, ttl: i32) {
        if ttl > 0 {
            self.timers.insert(id, ttl);
        }
    }
}

impl End {
    pub(super) fn note(&mut self, event: &Event, call: Call) -> Result<(), Violation> {
        match event {
            Event::Message(message) => self.rows.hears(message.random_id.0, message.ttl.to_wire()),
            Event::Failed { random_id, .. } => {
                self.rows.failed.insert(random_id.0);
            }
            Event::Acknowledged { random_ids, .. } => {
                self.rows.acknowledged.extend(random_ids.iter().map(|id| id.0));
            }
            Event::Expired { random_id, .. } => {
                let id = random_id.0;
                let due = self.deadlines.remove(&id);
                let now = self.now;
                // A message that is read and expires in one call was not seen running.
                let early = due.is_some_and(|due| due > now);
                hold(!early, invariants::TIMERS, || format!("{id} ended at {now} in {call:?}, due at {due:?}"))?;
                let first = self.rows.destroyed.insert(id);
                hold(first, invariants::TIMERS, || format!("{id} ended twice"))?;
            }
            Event::Deleted { random_ids, .. } => self.rows.destroyed.extend(random_ids.iter().map(|id| id.0)),
            Event::HistoryFlushed => {
                let all: Vec<i64> = self.rows.made.iter().chain(&self.rows.heard).copied().collect();
                self.rows.destroyed.extend(all);
            }
            Event::Closed { reason, .. } => self.rows.closed = Some(*reason),
            _ => {}
        }
        Ok(())
    }

    /// SPEC DES-8: nothing that is due goes on.
    pub(super) fn look_at_timers(&mut self, chat: &Chat, call: Call) -> Result<(), Violation> {
        let all = self.rows.made.iter().chain(&self.rows.heard).filter(|id| !self.rows.destroyed.contains(id));
        let running = all.filter_map(|id| Some((*id, chat.deadline(RandomId(*id))?.as_millis())));
        let running: BTreeMap<i64, u64> = running.collect();
        for (id, due) in &self.deadlines {
            let over =
                *due <= self.now && matches!(call, Call::Tick | Call::Waits) && !self.rows.destroyed.contains(id);
            hold(!over || self.view.closed, invariants::TIMERS, || format!("{id} was due at {due} and is there"))?;
        }
        self.deadlines = running;
        Ok(())
    }
}

impl View {
    pub(super) fn of(chat: &Chat) -> Self {
        let counters = chat.counters();
        Self {
            ready: chat.state() == ChatState::Ready,
            closed: matches!(chat.state(), ChatState::Closed(_)),
            sent: counters.sent,
            received: counters.received,
            acknowledged: counters.acknowledged,
            idle: chat.rekey_state() == RekeyState::Idle,
            rekeys: chat.rekeys(),
            key: None,
            check: chat.check().map(Verification::to_bytes),
            fingerprint: chat.key_fingerprint().map(KeyFingerprint::to_bytes),
            owes: chat.owes_acknowledgement(),
            awaits: chat.awaits_transport(),
        }
    }
}
