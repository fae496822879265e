//! One file on its way in.

use core::ops::Range;

use super::bounds::MAX_HOLES;
use super::pause::Pause;
use crate::frame::{FileId, Ranges};
use crate::media::Progress;
use crate::types::time::Timestamp;

#[derive(Debug)]
pub(super) struct Arriving {
    pub(super) id: FileId,
    /// Its length, as the first part says it.
    total: Option<u64>,
    /// What was given to the host.
    there: Ranges,
    /// The host has said that all of it is on disk to stay.
    durable: bool,
    /// Somebody waits for it: a message, or the host.
    asking: Option<Pause>,
    /// When something of it came last.
    pub(super) heard: Timestamp,
    /// The host has its message, and misses some of it.
    pub(super) is_hosts: bool,
}

impl Arriving {
    pub(super) const fn new(id: FileId, total: Option<u64>, now: Timestamp) -> Self {
        Self { id, total, there: Ranges::new(), durable: false, asking: None, heard: now, is_hosts: false }
    }

    /// A file of which some, or all, is on disk to stay.
    pub(super) fn restored(id: FileId, total: Option<u64>, there: &Ranges, now: Timestamp) -> Self {
        let there = there.within(0..total.unwrap_or(u64::MAX));
        let durable = total.is_some_and(|total| there == Ranges::from(0..total));
        Self { there, durable, ..Self::new(id, total, now) }
    }

    /// What it takes on a disk: everything up to its last byte, holes included.
    pub(super) fn extent(&self) -> u64 {
        self.there.end()
    }

    pub(super) const fn is_durable(&self) -> bool {
        self.durable
    }

    /// Whether all of it was given to the host.
    pub(super) fn is_complete(&self) -> bool {
        self.total.is_some_and(|total| self.there == Ranges::from(0..total))
    }

    /// Takes the word of a part how long the file is: the first one stays.
    pub(super) fn agree_on(&mut self, total: u64) -> bool {
        if self.total.is_none() && self.extent() <= total {
            self.total = Some(total);
            // What is there of a file of unknown length came back from disk.
            self.durable = !self.there.is_empty() && self.is_complete();
        }
        self.total == Some(total)
    }

    /// Returns the first bytes of a part that are not there. What is there stays as it came first.
    pub(super) fn new_bytes(&self, part: Range<u64>) -> Option<Range<u64>> {
        let mut new = Ranges::from(part);
        self.there.iter().for_each(|there| new.remove(there));
        new.iter().next()
    }

    /// Takes bytes; `false` if they would leave too many holes.
    pub(super) fn take(&mut self, bytes: Range<u64>, now: Timestamp) -> bool {
        let mut there = self.there.clone();
        there.insert(bytes);
        if there.count() > MAX_HOLES {
            return false;
        }
        self.there = there;
        self.heard = now;
        if self.asking.is_some() {
            self.asking = Some(Pause::begin(now));
        }
        true
    }

    /// Notes that the whole file is on disk to stay.
    pub(super) fn note_durable(&mut self) {
        self.durable = true;
        self.asking = None;
    }

    /// Somebody waits for it: what is missing is asked for after a silence, so that what is under way may come.
    pub(super) fn wait_for(&mut self, now: Timestamp) {
        if !self.is_complete() {
            self.asking.get_or_insert(Pause::begin(now));
        }
    }

    /// Takes bytes back that turned out wrong, and asks for them at once.
    pub(super) fn again(&mut self, range: Range<u64>) {
        self.there.remove(range);
        self.durable = false;
        self.asking = Some(Pause::DUE);
    }

    pub(super) const fn ask_at(&self) -> Option<Timestamp> {
        match &self.asking {
            Some(pause) => Some(pause.at()),
            None => None,
        }
    }

    /// Whether it is time to ask for what is missing.
    pub(super) fn take_question(&mut self, now: Timestamp) -> bool {
        !self.is_complete() && self.asking.as_mut().is_some_and(|pause| pause.take(now))
    }

    /// Returns what is missing. Where its end is not known, everything from there on is.
    pub(super) fn missing(&self) -> Ranges {
        self.there.missing(self.total.unwrap_or(u64::MAX))
    }

    pub(super) const fn there(&self) -> &Ranges {
        &self.there
    }

    pub(super) fn progress(&self) -> Option<Progress> {
        Some(Progress { done: self.there.byte_count(), total: self.total? })
    }
}
