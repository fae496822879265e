//! A file that is being sent.

use core::ops::Range;

use super::pause::Pause;
use crate::frame::{FileId, RangeList, Ranges};
use crate::media::Progress;
use crate::types::time::Timestamp;

#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) id: FileId,
    pub(super) total: u64,
    /// The bytes to read and send.
    todo: Ranges,
    /// The bytes that the host is sending.
    in_flight: Ranges,
    /// Present while it is unknown what the peer has: the peer is asked first.
    asking: Option<Pause>,
}

impl Outgoing {
    /// Creates a file of which nothing has been sent.
    pub(super) fn new(id: FileId, total: u64) -> Self {
        Self { id, total, todo: Ranges::from(0..total), in_flight: Ranges::new(), asking: None }
    }

    /// Creates a file of which some may have been sent. Nothing is sent before the peer has said what it lacks.
    pub(super) fn asking(id: FileId, total: u64) -> Self {
        Self { todo: Ranges::new(), asking: Some(Pause::DUE), ..Self::new(id, total) }
    }

    /// Returns whether a message that names it may be sent (SPEC FILE-2).
    pub(super) fn is_carried(&self) -> bool {
        self.asking.is_none() && self.todo.is_empty() && self.in_flight.is_empty()
    }

    pub(super) fn in_flight(&self) -> u64 {
        self.in_flight.byte_count()
    }

    pub(super) const fn ask_at(&self) -> Option<Timestamp> {
        match &self.asking {
            Some(pause) => Some(pause.at()),
            None => None,
        }
    }

    /// Returns whether it is time to ask the peer.
    pub(super) fn take_question(&mut self, now: Timestamp) -> bool {
        self.asking.as_mut().is_some_and(|pause| pause.take(now))
    }

    /// Returns whether something of it is to be sent next.
    pub(super) fn has_parts(&self) -> bool {
        !self.todo.is_empty()
    }

    /// Returns the next part to send, if there is one of at most `room` bytes.
    pub(super) fn next_part(&mut self, part_len: u64, room: u64) -> Option<Range<u64>> {
        let first = self.todo.iter().next()?;
        let part = first.start..first.end.min(first.start.saturating_add(part_len));
        if part.end - part.start > room {
            return None;
        }
        self.todo.remove(part.clone());
        self.in_flight.insert(part.clone());
        Some(part)
    }

    pub(super) fn carried(&mut self, part: Range<u64>) {
        self.in_flight.remove(part);
    }

    /// Plans a part again that was not sent. If it is no longer in flight, it was asked about since.
    pub(super) fn failed(&mut self, part: Range<u64>) {
        for left in self.in_flight.within(part).iter() {
            self.in_flight.remove(left.clone());
            self.todo.insert(left);
        }
    }

    /// Asks the peer what it has, because the transport may have lost what it accepted.
    pub(super) fn interrupted(&mut self) {
        if self.todo != Ranges::from(0..self.total) {
            *self = Self::asking(self.id, self.total);
        }
    }

    /// Takes the peer's report of what it lacks. While something is still to be sent, an outdated report would send
    /// it twice.
    pub(super) fn requested(&mut self, missing: RangeList<'_>) {
        let missing: Ranges = missing.iter().collect();
        if missing.is_empty() {
            self.stop();
            return;
        }
        let wanted = missing.within(0..self.total);
        if (self.asking.is_some() || self.is_carried()) && !wanted.is_empty() {
            self.asking = None;
            self.todo = wanted;
            self.in_flight.iter().for_each(|part| self.todo.remove(part));
        }
    }

    /// Sends nothing more unless the peer asks for it.
    pub(super) fn stop(&mut self) {
        self.asking = None;
        self.todo = Ranges::new();
    }

    pub(super) fn progress(&self) -> Progress {
        let left = if self.asking.is_some() { self.total } else { self.todo.byte_count() + self.in_flight() };
        Progress { done: self.total - left, total: self.total }
    }
}
