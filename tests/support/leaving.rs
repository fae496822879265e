//! What leaves an end, and every ciphertext that its slots ever had (SPEC SEQ-8).

use std::collections::BTreeMap;

use secretchat::{Transmit, TransmitId, TransmitKind};

#[derive(Default)]
pub(crate) struct Leaving {
    /// What nobody has taken yet, in the order of the outputs.
    outgoing: Vec<Transmit>,
    ciphertexts: BTreeMap<TransmitId, Vec<Vec<u8>>>,
}

impl Leaving {
    pub(crate) fn push(&mut self, transmit: Transmit) {
        if let TransmitKind::Ciphertext { bytes, .. } = &transmit.kind {
            let of_slot = self.ciphertexts.entry(transmit.id).or_default();
            if !of_slot.contains(bytes) {
                of_slot.push(bytes.clone());
            }
        }
        self.outgoing.push(transmit);
    }

    /// Takes what is to be carried.
    pub(crate) fn take(&mut self) -> Vec<Transmit> {
        std::mem::take(&mut self.outgoing)
    }

    /// Asserts that no slot was sealed with more than its content and the empty message in its place. Returns how many slots
    /// were emptied.
    pub(crate) fn check(&self, seed: u64) -> usize {
        for (id, ciphertexts) in &self.ciphertexts {
            assert!(ciphertexts.len() <= 2, "seed {seed}: {id} was sealed {} times", ciphertexts.len());
        }
        self.ciphertexts.values().filter(|two| two.len() == 2).count()
    }

    /// Returns all ciphertexts in slot order, an emptied one beside what it replaced.
    pub(crate) fn ciphertexts(&self) -> impl Iterator<Item = &[u8]> {
        self.ciphertexts.values().flatten().map(Vec::as_slice)
    }
}
