//! Digests of the existing records, updated in O(1). They reveal a missing, extra, swapped or restored record (SPEC
//! REC-3).

use alloc::boxed::Box;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::contents::joined;
use super::lists::{fields, stored_as};
use super::{RecordName, Written};
use crate::types::secret::Secret;

/// A digest of the records of each kind. The state has none, since it holds the others, and neither has the
/// tombstone, which is always alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RecordSets {
    pub(super) keys: RecordSet,
    pub(super) outgoing: RecordSet,
    pub(super) waiting: RecordSet,
    pub(super) unopened: RecordSet,
    pub(super) timed: RecordSet,
}

// The digests are in the state, and are its last fields.
fields! { RecordSets { keys, outgoing, waiting, unopened, timed } }

impl RecordSets {
    /// Adds a record.
    pub(crate) fn insert(&mut self, name: RecordName, member: &[u8; 32]) {
        if let Some(set) = self.of(name) {
            set.insert(member);
        }
    }

    /// Removes a record.
    pub(crate) fn remove(&mut self, name: RecordName, member: &[u8; 32]) {
        if let Some(set) = self.of(name) {
            set.remove(member);
        }
    }

    /// Removes all records of a kind, and returns whether there were any.
    pub(crate) fn clear(&mut self, kind: RecordName) -> bool {
        self.of(kind).is_some_and(|set| core::mem::take(set) != RecordSet::default())
    }

    fn of(&mut self, name: RecordName) -> Option<&mut RecordSet> {
        match name {
            RecordName::Keys => Some(&mut self.keys),
            RecordName::Outgoing(_) => Some(&mut self.outgoing),
            RecordName::Waiting(_) => Some(&mut self.waiting),
            RecordName::Unopened(_) => Some(&mut self.unopened),
            RecordName::Timed(_) => Some(&mut self.timed),
            RecordName::State | RecordName::Tombstone => None,
        }
    }
}

/// The digests between two batches. Most chats have only records of the first two kinds, and then there is no box.
#[derive(Debug, Default)]
pub(crate) struct PackedSets {
    keys: RecordSet,
    outgoing: RecordSet,
    others: Option<Box<[RecordSet; 3]>>,
}

impl PackedSets {
    pub(crate) fn get(&self) -> RecordSets {
        let Self { keys, outgoing, others } = self;
        let [waiting, unopened, timed] = others.as_deref().copied().unwrap_or_default();
        RecordSets { keys: *keys, outgoing: *outgoing, waiting, unopened, timed }
    }

    pub(crate) fn set(&mut self, sets: RecordSets) {
        let RecordSets { keys, outgoing, waiting, unopened, timed } = sets;
        (self.keys, self.outgoing) = (keys, outgoing);
        let others = [waiting, unopened, timed];
        if others == <[RecordSet; 3]>::default() {
            self.others = None;
        } else {
            **self.others.get_or_insert_default() = others;
        }
    }
}

/// How many records of a kind there are, and the sum modulo 2^256 of HMAC-SHA-256(name, generation, tag) over them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RecordSet {
    count: u32,
    sum: [u64; 4],
}

impl RecordSet {
    const LEN: usize = 36;

    /// Returns what one record contributes to the sum.
    pub(super) fn member(key: &Secret<32>, name: RecordName, written: Written) -> [u8; 32] {
        let Written { generation, tag } = written;
        let record: [u8; RecordName::LEN + 8 + 16] = joined(&[&name.to_bytes(), &generation.to_le_bytes(), &tag]);
        // HMAC takes keys of every length.
        <Hmac<Sha256> as KeyInit>::new_from_slice(key.expose())
            .map_or([0; 32], |mac| mac.chain_update(record).finalize().into_bytes().into())
    }

    pub(crate) fn insert(&mut self, member: &[u8; 32]) {
        self.count = self.count.saturating_add(1);
        let mut carry = false;
        for (limb, add) in self.sum.iter_mut().zip(limbs(member)) {
            let (sum, first) = limb.overflowing_add(add);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            (*limb, carry) = (sum, first | second);
        }
    }

    pub(crate) fn remove(&mut self, member: &[u8; 32]) {
        self.count = self.count.saturating_sub(1);
        let mut borrow = false;
        for (limb, sub) in self.sum.iter_mut().zip(limbs(member)) {
            let (difference, first) = limb.overflowing_sub(sub);
            let (difference, second) = difference.overflowing_sub(u64::from(borrow));
            (*limb, borrow) = (difference, first | second);
        }
    }

    fn to_bytes(self) -> [u8; Self::LEN] {
        let sum = self.sum.map(u64::to_le_bytes);
        joined(&[&self.count.to_le_bytes(), sum.as_flattened()])
    }

    fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        let (count, sum) = bytes.split_first_chunk().unwrap_or((&[0; 4], &[]));
        let mut limbs = sum.as_chunks().0.iter().copied().map(u64::from_le_bytes);
        Self { count: u32::from_le_bytes(*count), sum: core::array::from_fn(|_| limbs.next().unwrap_or(0)) }
    }
}

stored_as! { RecordSet = [u8; RecordSet::LEN]: |set| set.to_bytes(), |bytes| Some(RecordSet::from_bytes(&bytes)); }

fn limbs(member: &[u8; 32]) -> impl Iterator<Item = u64> {
    member.as_chunks().0.iter().copied().map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sum_carries_and_order_does_not_matter() {
        let (a, b) = ([0xff; 32], [0x81; 32]);
        let mut forth = RecordSet::default();
        forth.insert(&a);
        forth.insert(&b);
        let mut back = RecordSet::default();
        back.insert(&b);
        back.insert(&a);
        assert_eq!(forth, back);
        // 2^256 - 1 + 0x8181..81 is 0x8181..80 modulo 2^256.
        assert_eq!(
            forth.sum,
            [0x8181_8181_8181_8180, 0x8181_8181_8181_8181, 0x8181_8181_8181_8181, 0x8181_8181_8181_8181]
        );
        assert_eq!(RecordSet::from_bytes(&forth.to_bytes()), forth);
        forth.remove(&b);
        assert_eq!(forth.sum, [u64::MAX; 4]);
        forth.remove(&a);
        assert_eq!(forth, RecordSet::default());
    }
}
