//! Randomness that gives what a recording says it was.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};

/// Answers each draw with the first answer of the same length that is left, else with bytes of a counter.
#[derive(Debug, Default)]
pub(crate) struct Scripted {
    answers: Vec<Vec<u8>>,
    counter: u64,
}

impl Scripted {
    pub(crate) fn push(&mut self, answer: Vec<u8>) {
        self.answers.push(answer);
    }

    /// Whether all answers were asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }

    pub(crate) fn forget(&mut self) {
        self.answers.clear();
    }

    fn fill(&mut self, to: &mut [u8]) {
        if let Some(i) = self.answers.iter().position(|answer| answer.len() == to.len()) {
            return to.copy_from_slice(&self.answers.remove(i));
        }
        for byte in to {
            // The multiplier of Knuth's MMIX: nothing here is a secret.
            self.counter = self.counter.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = self.counter.to_be_bytes()[0];
        }
    }
}

impl TryRng for Scripted {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        self.fill(to);
        Ok(())
    }
}

impl TryCryptoRng for Scripted {}
