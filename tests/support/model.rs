//! What SPEC TIME-1, DES-2 to DES-7 and DES-14 say of the messages at one end, written from their tables.

use std::collections::{BTreeMap, BTreeSet};

use secretchat::{Chat, RandomId, Timestamp};

use super::gaps::Gaps;

pub(crate) const VIEW_ONCE: i32 = 0x7fff_ffff;

/// DES-2, with the seconds that hideable content plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    File,
    Hideable(u32),
    /// A text that its sender hides.
    Hidden,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Read,
    Opened,
    ReadMessages,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timed {
    pub(crate) ours: bool,
    pub(crate) kind: Kind,
    pub(crate) ttl: i32,
    /// In `elapsed`.
    pub(crate) deadline: Option<u64>,
}

/// One end's messages that have a timer and have neither ended nor been deleted, what it misses, and its clock.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    raw: u64,
    pub(crate) elapsed: u64,
    pub(crate) messages: BTreeMap<RandomId, Timed>,
    pub(crate) started: BTreeSet<RandomId>,
    pub(crate) ended: BTreeSet<RandomId>,
    pub(crate) deleted: BTreeSet<RandomId>,
    pub(crate) gaps: Gaps,
}

impl Model {
    /// Checks that the chat says of its timers what the tables say.
    pub(crate) fn check(&self, chat: &Chat) {
        for (id, timed) in &self.messages {
            let running = timed.deadline.filter(|deadline| *deadline > self.elapsed);
            let expected = running.map(|deadline| Timestamp::from_millis(self.on_host_clock(deadline)));
            assert_eq!(chat.deadline(*id), expected, "{id:?} {timed:?}");
        }
        for id in self.ended.iter().chain(&self.deleted) {
            assert_eq!(chat.deadline(*id), None, "{id:?}");
        }
    }
}

impl Timed {
    /// DES-4.
    fn starts(self, cause: Cause) -> bool {
        let once = self.ttl == VIEW_ONCE;
        let only_when_opened = once || self.kind == Kind::Hidden || (self.ttl <= 60 && self.kind != Kind::Text);
        match cause {
            Cause::Read => !self.ours && !only_when_opened,
            Cause::Opened => !self.ours,
            Cause::ReadMessages => self.ours,
        }
    }

    /// DES-5 and DES-7, in milliseconds.
    pub(crate) fn life(self) -> u64 {
        let played = match self.kind {
            Kind::Hideable(seconds) if seconds > 0 => (u64::from(seconds) + 1).min(31_536_000),
            _ => 0,
        };
        let counted = match self.ttl {
            VIEW_ONCE => 300,
            seconds => u64::try_from(seconds).unwrap(),
        };
        counted.max(played) * 1000
    }
}

impl Model {
    pub(crate) fn at(now: u64) -> Self {
        Self { raw: now, ..Self::default() }
    }

    /// TIME-1.
    pub(crate) fn advance(&mut self, now: u64) {
        self.elapsed += now.saturating_sub(self.raw);
        self.raw = now;
    }

    /// What `elapsed` is in a call at `now`.
    pub(crate) fn elapsed_at(&self, now: u64) -> u64 {
        self.elapsed + now.saturating_sub(self.raw)
    }

    /// DES-12: when these records, if a timer runs, want to be told the time.
    pub(crate) fn clock_due(&self) -> Option<u64> {
        let remains = self.first_deadline()?.saturating_sub(self.elapsed);
        Some(self.elapsed + (remains / 8).clamp(1_000, 60_000))
    }

    /// TIME-1 and DES-12, over what the records say.
    pub(crate) fn restart(&mut self, now: u64) {
        let due = self.clock_due().unwrap_or(0);
        self.advance(now);
        self.elapsed = self.elapsed.max(due);
    }

    /// A deadline as the host is told it (TIME-1).
    pub(crate) fn on_host_clock(&self, deadline: u64) -> u64 {
        self.raw + deadline.saturating_sub(self.elapsed)
    }

    pub(crate) fn add(&mut self, id: RandomId, ours: bool, kind: Kind, ttl: i32) {
        // It may have been deleted before it arrived.
        self.deleted.remove(&id);
        // DES-4: nobody tells when a view-once message of ours was seen.
        if ttl != 0 && !(ours && ttl == VIEW_ONCE) {
            self.messages.insert(id, Timed { ours, kind, ttl, deadline: None });
        }
    }

    /// DES-6: the first start counts.
    pub(crate) fn start(&mut self, id: RandomId, cause: Cause) {
        let now = self.elapsed;
        if let Some(timed) = self.messages.get_mut(&id).filter(|timed| timed.starts(cause)) {
            timed.deadline.get_or_insert(now + timed.life());
            self.started.insert(id);
        }
    }

    /// DES-7.
    pub(crate) fn close(&mut self, id: RandomId) {
        let now = self.elapsed;
        if let Some(timed) = self.messages.get_mut(&id).filter(|timed| !timed.ours && timed.ttl == VIEW_ONCE) {
            timed.deadline = timed.deadline.map(|deadline| deadline.min(now));
        }
    }

    /// Whether a view of a message of the peer may be opened at `now`; `None` without a timer.
    pub(crate) fn may_open(&self, id: RandomId, now: u64) -> Option<bool> {
        let timed = self.messages.get(&id).filter(|timed| !timed.ours)?;
        let over = timed.deadline.is_some_and(|deadline| self.elapsed_at(now) >= deadline);
        Some(!(over || timed.ttl == VIEW_ONCE && timed.deadline.is_some()))
    }

    pub(crate) fn delete(&mut self, id: RandomId) {
        self.messages.remove(&id);
        self.deleted.insert(id);
    }

    /// Takes the news that a message has ended: not before its deadline, and not twice.
    pub(crate) fn end(&mut self, id: RandomId) {
        let timed = self.messages.remove(&id).unwrap_or_else(|| panic!("{id:?} ended without a timer"));
        assert!(timed.deadline.is_some_and(|deadline| deadline <= self.elapsed), "too early: {timed:?} {self:?}");
        assert!(self.ended.insert(id), "{id:?} ended twice");
    }

    pub(crate) fn first_deadline(&self) -> Option<u64> {
        self.messages.values().filter_map(|timed| timed.deadline).min()
    }
}
