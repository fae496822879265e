//! A file that is arriving.

use core::ops::Range;

use super::bounds::MAX_HOLES;
use super::pause::Pause;
use crate::frame::{FileId, Ranges};
use crate::media::Progress;
use crate::types::time::Timestamp;

#[derive(Debug)]
pub(super) struct Arriving {
    pub(super) id: FileId,
    /// The length of the file, as stated by its first part.
    total: Option<u64>,
    /// The bytes that the host has received.
    there: Ranges,
    /// Whether the host has reported that all of it is durable.
    durable: bool,
    /// Present while a message or the host waits for the file.
    asking: Option<Pause>,
    /// When something of it last came.
    pub(super) heard: Timestamp,
    /// Whether the host has its message, and lacks some of the file.
    pub(super) is_hosts: bool,
}

impl Arriving {
    pub(super) const fn new(id: FileId, total: Option<u64>, now: Timestamp) -> Self {
        Self { id, total, there: Ranges::new(), durable: false, asking: None, heard: now, is_hosts: false }
    }

    /// Creates a file that is durable in part or as a whole.
    pub(super) fn restored(id: FileId, total: Option<u64>, there: &Ranges, now: Timestamp) -> Self {
        let there = there.within(0..total.unwrap_or(u64::MAX));
        let durable = total.is_some_and(|total| there == Ranges::from(0..total));
        Self { there, durable, ..Self::new(id, total, now) }
    }

    /// Returns the space that it takes on disk: everything up to its last byte, including holes.
    pub(super) fn extent(&self) -> u64 {
        self.there.end()
    }

    pub(super) const fn is_durable(&self) -> bool {
        self.durable
    }

    /// Returns whether the host has received all of it.
    pub(super) fn is_complete(&self) -> bool {
        self.total.is_some_and(|total| self.there == Ranges::from(0..total))
    }

    /// Accepts the file's length from a part. The first one stays.
    pub(super) fn agree_on(&mut self, total: u64) -> bool {
        if self.total.is_none() && self.extent() <= total {
            self.total = Some(total);
            // Bytes of a file of unknown length can only have come from disk.
            self.durable = !self.there.is_empty() && self.is_complete();
        }
        self.total == Some(total)
    }

    /// Returns the first new bytes of a part. Bytes that are already there stay as they first came.
    pub(super) fn new_bytes(&self, part: Range<u64>) -> Option<Range<u64>> {
        let mut new = Ranges::from(part);
        self.there.iter().for_each(|there| new.remove(there));
        new.iter().next()
    }

    /// Takes bytes. Returns `false` if they would leave too many holes. There may be too many already, because the host
    /// discarded wrong bytes: then it takes what makes no new one.
    pub(super) fn take(&mut self, bytes: Range<u64>, now: Timestamp) -> bool {
        let mut there = self.there.clone();
        there.insert(bytes);
        if there.count() > MAX_HOLES.max(self.there.count()) {
            return false;
        }
        self.there = there;
        self.heard = now;
        if self.asking.is_some() {
            self.asking = Some(Pause::begin(now));
        }
        true
    }

    /// Notes that the whole file is durable.
    pub(super) fn note_durable(&mut self) {
        self.durable = true;
        self.asking = None;
    }

    /// Notes that somebody waits for the file. What is missing is requested after a pause, so that parts in flight
    /// can arrive first.
    pub(super) fn wait_for(&mut self, now: Timestamp) {
        if !self.is_complete() {
            self.asking.get_or_insert(Pause::begin(now));
        }
    }

    /// Discards bytes that turned out wrong, and requests them at once.
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

    /// Returns whether it is time to request what is missing.
    pub(super) fn take_question(&mut self, now: Timestamp) -> bool {
        !self.is_complete() && self.asking.as_mut().is_some_and(|pause| pause.take(now))
    }

    /// Returns what is missing. If the end is unknown, that is everything from the last byte on.
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
