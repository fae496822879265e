//! Generators for tests: one that gives the same bytes in each run, one that says what it is told, one that is broken.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest, Sha256};

/// SHA-256 of the seed and a counter.
#[derive(Clone, Debug)]
pub(crate) struct Seeded {
    seed: u64,
    counter: u64,
    // On the stack: programs that count the heap use this.
    block: [u8; 32],
    left: usize,
}

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, counter: 0, block: [0; 32], left: 0 }
    }

    fn byte(&mut self) -> u8 {
        if self.left == 0 {
            let block = Sha256::new().chain_update(self.seed.to_le_bytes()).chain_update(self.counter.to_le_bytes());
            self.block = block.finalize().into();
            self.left = self.block.len();
            self.counter += 1;
        }
        // From the end.
        self.left -= 1;
        self.block[self.left]
    }
}

/// Answers each draw with the first answer of the same length that is left, else as [`Seeded`].
#[derive(Clone, Debug)]
pub(crate) struct Scripted {
    answers: Vec<Vec<u8>>,
    fallback: Seeded,
}

impl Scripted {
    pub(crate) fn new(answers: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self { answers: answers.into_iter().collect(), fallback: Seeded::new(0) }
    }

    /// The answers that were not asked for.
    pub(crate) fn left(&self) -> &[Vec<u8>] {
        &self.answers
    }
}

/// Gives one byte for ever.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Constant(pub(crate) u8);

/// Works for some draws, then panics.
#[derive(Clone, Debug)]
pub(crate) struct Failing {
    draws_left: u32,
    seeded: Seeded,
}

impl Failing {
    pub(crate) fn after(draws: u32) -> Self {
        Self { draws_left: draws, seeded: Seeded::new(0) }
    }
}

trait Fill {
    fn fill(&mut self, to: &mut [u8]);
}

impl Fill for Seeded {
    fn fill(&mut self, to: &mut [u8]) {
        to.fill_with(|| self.byte());
    }
}

impl Fill for Scripted {
    fn fill(&mut self, to: &mut [u8]) {
        match self.answers.iter().position(|answer| answer.len() == to.len()) {
            Some(i) => to.copy_from_slice(&self.answers.remove(i)),
            None => self.fallback.fill(to),
        }
    }
}

impl Fill for Constant {
    fn fill(&mut self, to: &mut [u8]) {
        to.fill(self.0);
    }
}

impl Fill for Failing {
    fn fill(&mut self, to: &mut [u8]) {
        self.draws_left = self.draws_left.checked_sub(1).expect("the source of randomness fails");
        self.seeded.fill(to);
    }
}

macro_rules! generators {
    ($($name:ident)+) => {$(
        impl TryRng for $name {
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

        impl TryCryptoRng for $name {}
    )+};
}

generators! { Seeded Scripted Constant Failing }
