//! IGE with `ige-lanes`: as fast as the processor allows, with several chains side by side.

use core::array;
use core::cmp::Reverse;

use ige_lanes::{DecryptionKey, EncryptionKey};

use super::{Block, Job};
use crate::types::secret::Scratch;

/// How many keys are expanded at once: as many as an album has files.
const KEYS: usize = 10;

/// This is about as far as a processor looks ahead.
pub(super) const TURN: usize = 8;

pub(super) struct Encryptor {
    key: EncryptionKey,
    iv: Scratch<32>,
}

impl Encryptor {
    pub(super) fn new(key: &[u8; 32], iv: &[u8; 32]) -> Self {
        Self { key: EncryptionKey::new(key), iv: Scratch::new(*iv) }
    }

    pub(super) fn encrypt(&mut self, blocks: &mut [Block]) {
        self.key.encrypt(&mut self.iv, blocks);
    }
}

pub(super) struct Decryptor {
    key: DecryptionKey,
    iv: Scratch<32>,
}

impl Decryptor {
    pub(super) fn new(key: &[u8; 32], iv: &[u8; 32]) -> Self {
        Self { key: DecryptionKey::new(key), iv: Scratch::new(*iv) }
    }

    pub(super) fn decrypt(&mut self, blocks: &mut [Block]) {
        self.key.decrypt(&mut self.iv, blocks);
    }
}

pub(super) fn encrypt_many(jobs: &mut [Job<'_>]) {
    longest_first(jobs);
    for jobs in jobs.chunks_mut(KEYS) {
        let keys: [_; KEYS] = array::from_fn(|i| jobs.get(i).map(|job| EncryptionKey::new(job.key)));
        let jobs = keys.iter().flatten().zip(jobs);
        ige_lanes::encrypt_many(jobs.map(|(key, job)| ige_lanes::Job::new(key, job.iv, job.blocks)));
    }
}

pub(super) fn decrypt_many(jobs: &mut [Job<'_>]) {
    longest_first(jobs);
    for jobs in jobs.chunks_mut(KEYS) {
        let keys: [_; KEYS] = array::from_fn(|i| jobs.get(i).map(|job| DecryptionKey::new(job.key)));
        let jobs = keys.iter().flatten().zip(jobs);
        ige_lanes::decrypt_many(jobs.map(|(key, job)| ige_lanes::Job::new(key, job.iv, job.blocks)));
    }
}

/// A call takes as long as its longest chain, which must not start only when the others are done.
fn longest_first(jobs: &mut [Job<'_>]) {
    jobs.sort_unstable_by_key(|job| Reverse(job.blocks.len()));
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::plain;
    use super::*;

    type Chain = ([u8; 32], [u8; 32], Vec<Block>);
    type Many = fn(&mut [Job<'_>]);

    fn run(chains: &mut [Chain], many: Many) {
        let jobs = chains.iter_mut().map(|(key, iv, blocks)| Job { key, iv, blocks });
        many(&mut jobs.collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn the_feature_changes_no_byte(chains in vec((any::<[u8; 32]>(), any::<[u8; 32]>(), vec(any::<Block>(), 0..40)), 0..25)) {
            for (ours, crates) in [(encrypt_many as Many, plain::encrypt_many as Many), (decrypt_many, plain::decrypt_many)] {
                let (mut by_lanes, mut in_turn) = (chains.clone(), chains.clone());
                run(&mut by_lanes, ours);
                run(&mut in_turn, crates);
                prop_assert_eq!(by_lanes, in_turn);
            }
        }

        #[test]
        fn a_chain_in_two_calls(key: [u8; 32], iv: [u8; 32], blocks in vec(any::<Block>(), 0..40), split: prop::sample::Index) {
            let at = split.index(blocks.len() + 1);
            let (mut by_lanes, mut in_turn) = (blocks.clone(), blocks);
            let mut lanes = Encryptor::new(&key, &iv);
            let (first, second) = by_lanes.split_at_mut(at);
            lanes.encrypt(first);
            lanes.encrypt(second);
            plain::Encryptor::new(&key, &iv).encrypt(&mut in_turn);
            prop_assert_eq!(&by_lanes, &in_turn);

            let mut lanes = Decryptor::new(&key, &iv);
            let (first, second) = by_lanes.split_at_mut(at);
            lanes.decrypt(first);
            lanes.decrypt(second);
            plain::Decryptor::new(&key, &iv).decrypt(&mut in_turn);
            prop_assert_eq!(by_lanes, in_turn);
        }
    }
}
