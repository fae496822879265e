//! The outbox as a turn leaves it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::cell::Cell;

use crate::chat::model::{Kind, Load, Outbox, Outgoing, Setup};
use crate::types::id::SeqNo;

/// Up to this many changed entries, a lookup scans them all.
const SCANNED: usize = 8;

/// The chat's outbox, and what is new or replaced in it.
pub(in crate::chat) struct NextOutbox<'a> {
    before: &'a Outbox,
    /// At most one for each slot, in the order they were made.
    changed: Vec<Outgoing>,
    /// Where the entry of each slot is in that list, without the first few.
    at: BTreeMap<SeqNo, usize>,
    /// Those of them that are in new slots.
    new: Load,
    /// A slot that the peer has acknowledged, and the part of `before` that lies before it. It is counted once, however many
    /// answers one call makes (SPEC LIM-5).
    freed: Cell<(SeqNo, Load)>,
    /// Whether everything that was there before has been emptied.
    pub(in crate::chat) all_emptied: bool,
}

impl<'a> NextOutbox<'a> {
    pub(super) const fn over(before: &'a Outbox) -> Self {
        let (new, freed) = (Load::NONE, Cell::new((SeqNo::ZERO, Load::NONE)));
        Self { before, changed: Vec::new(), at: BTreeMap::new(), new, freed, all_emptied: false }
    }

    pub(in crate::chat) fn get(&self, slot: SeqNo) -> Option<&Outgoing> {
        self.replacement(slot).or_else(|| self.before.get(slot))
    }

    /// Returns this turn's entry for a slot.
    pub(in crate::chat) fn replacement(&self, slot: SeqNo) -> Option<&Outgoing> {
        self.changed.get(self.place(slot)?)
    }

    pub(in crate::chat) fn changed(&self) -> &[Outgoing] {
        &self.changed
    }

    /// Returns the changed entries, so that the records can note what they wrote.
    pub(in crate::chat) fn changed_mut(&mut self) -> &mut [Outgoing] {
        &mut self.changed
    }

    /// Puts an entry in place of the one in its slot.
    pub(in crate::chat) fn put(&mut self, outgoing: Outgoing) {
        // Messages that replace others need no room.
        let is_new = self.before.get(outgoing.slot).is_none();
        if is_new {
            let replaced = self.replacement(outgoing.slot).map_or(Load::NONE, Load::of);
            self.new = self.new.and(Load::of(&outgoing)).without(replaced);
        }
        match self.place(outgoing.slot).and_then(|at| self.changed.get_mut(at)) {
            Some(replaced) => *replaced = outgoing,
            None => {
                if self.changed.len() >= SCANNED {
                    self.at.insert(outgoing.slot, self.changed.len());
                }
                self.changed.push(outgoing);
            }
        }
    }

    /// Returns whether there is room for one more message of `len` sealed bytes. The slots before `acknowledged`,
    /// which this turn frees, do not count.
    pub(in crate::chat) fn has_room(&self, acknowledged: SeqNo, kind: Kind, len: usize, setup: &Setup) -> bool {
        let (counted, freed) = self.freed.get();
        let first = self.before.iter().next().map_or(acknowledged, |entry| entry.slot).max(counted);
        let freed = self.before.between(first, acknowledged).map(Load::of).fold(freed, Load::and);
        self.freed.set((first.max(acknowledged), freed));
        self.before.load().without(freed).and(self.new).has_room(kind, len, setup)
    }

    /// Forgets what one message of the peer replaced and the next one acknowledged: nothing of it is left to keep.
    pub(super) fn forget_before(&mut self, acknowledged: SeqNo) {
        if self.changed.iter().any(|entry| entry.slot < acknowledged) {
            let changed = core::mem::take(&mut self.changed);
            self.at.clear();
            self.new = Load::NONE;
            changed.into_iter().filter(|entry| entry.slot >= acknowledged).for_each(|entry| self.put(entry));
        }
    }

    /// Puts beside the changed entries those of the slots whose records are behind (SPEC DRV-9).
    pub(super) fn catch_up(&mut self, behind: &BTreeSet<SeqNo>, acknowledged: SeqNo) {
        for slot in behind.range(acknowledged..) {
            if let (None, Some(entry)) = (self.replacement(*slot), self.before.get(*slot)) {
                self.put(entry.clone());
            }
        }
    }

    pub(super) fn into_changed(self) -> Vec<Outgoing> {
        self.changed
    }

    /// Returns where the entry of a slot is among the changed ones.
    fn place(&self, slot: SeqNo) -> Option<usize> {
        let first = self.changed.iter().take(SCANNED).position(|entry| entry.slot == slot);
        first.or_else(|| self.at.get(&slot).copied())
    }
}
