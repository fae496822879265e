//! Generators with known draws.

use std::collections::VecDeque;
use std::convert::Infallible;

use rand_core::utils::next_word_via_fill;
use rand_core::{Rng, TryCryptoRng, TryRng};
use sha2::{Digest, Sha256};

/// Answers each draw with the first remaining answer of the same length; otherwise draws like a [`Seeded`]. Such a draw may
/// be of several values, and the first ones may be given.
#[derive(Clone, Debug)]
pub struct Scripted {
    answers: Vec<Vec<u8>>,
    beginnings: VecDeque<Vec<u8>>,
    otherwise: Seeded,
}

/// Draws the bytes `SHA-256(seed || n)` for `n` = 0, 1, ... as 64 bits, little-endian, one hash after the other.
///
/// It uses no heap, so programs that count heap use can draw from it.
#[derive(Clone, Debug)]
pub struct Seeded {
    seed: Sha256,
    blocks: u64,
    block: [u8; 32],
    used: usize,
}

/// Returns the same byte for ever.
#[derive(Clone, Copy, Debug)]
pub struct Constant(pub u8);

/// Works for a number of draws, then panics.
#[derive(Clone, Debug)]
pub struct Failing {
    draws_left: u32,
    seeded: Seeded,
}

impl Scripted {
    /// Creates a generator with these answers and a fixed stream for all other draws.
    pub fn new(answers: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self::with(answers, Seeded::new(0))
    }

    /// Creates a generator with these answers, and a stream for all other draws.
    pub fn with(answers: impl IntoIterator<Item = Vec<u8>>, otherwise: Seeded) -> Self {
        Self { answers: answers.into_iter().collect(), beginnings: VecDeque::new(), otherwise }
    }

    /// Adds an answer after the remaining ones.
    pub fn push(&mut self, answer: Vec<u8>) {
        self.answers.push(answer);
    }

    /// Adds what a later draw begins with that has no answer and is at least as long.
    pub fn push_beginning(&mut self, beginning: Vec<u8>) {
        self.beginnings.push_back(beginning);
    }

    /// Returns the answers that were not drawn.
    #[must_use]
    pub fn left(&self) -> &[Vec<u8>] {
        &self.answers
    }

    /// Drops the remaining answers and beginnings.
    pub fn forget(&mut self) {
        self.answers.clear();
        self.beginnings.clear();
    }
}

impl Default for Scripted {
    fn default() -> Self {
        Self::new([])
    }
}

impl Seeded {
    /// Creates the stream of a number, which is its seed as 64 bits, little-endian.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::of(&seed.to_le_bytes())
    }

    /// Creates the stream of any seed.
    #[must_use]
    pub fn of(seed: &[u8]) -> Self {
        let block = [0; 32];
        Self { seed: Sha256::new_with_prefix(seed), blocks: 0, block, used: block.len() }
    }

    /// Returns a number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next_u64() % bound
    }

    /// Returns `true` in the given percentage of cases.
    pub fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    fn byte(&mut self) -> u8 {
        if self.used == self.block.len() {
            self.block = self.seed.clone().chain_update(self.blocks.to_le_bytes()).finalize().into();
            self.blocks += 1;
            self.used = 0;
        }
        self.used += 1;
        self.block[self.used - 1]
    }
}

impl Failing {
    /// Creates a generator that works for this number of draws.
    #[must_use]
    pub fn after(draws: u32) -> Self {
        Self { draws_left: draws, seeded: Seeded::new(0) }
    }
}

/// The one operation of these generators: filling a buffer. Words are drawn by filling a buffer, too.
trait Fill {
    fn fill(&mut self, to: &mut [u8]);
}

impl Fill for Scripted {
    fn fill(&mut self, to: &mut [u8]) {
        match self.answers.iter().position(|answer| answer.len() == to.len()) {
            Some(first) => to.copy_from_slice(&self.answers.remove(first)),
            None => {
                let fits = self.beginnings.front().is_some_and(|beginning| beginning.len() <= to.len());
                let beginning = if fits { self.beginnings.pop_front().unwrap_or_default() } else { Vec::new() };
                let (first, rest) = to.split_at_mut(beginning.len());
                first.copy_from_slice(&beginning);
                self.otherwise.fill(rest);
            }
        }
    }
}

impl Fill for Seeded {
    fn fill(&mut self, to: &mut [u8]) {
        to.fill_with(|| self.byte());
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
                next_word_via_fill(self)
            }

            fn try_next_u64(&mut self) -> Result<u64, Infallible> {
                next_word_via_fill(self)
            }

            fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
                self.fill(to);
                Ok(())
            }
        }

        impl TryCryptoRng for $name {}
    )+};
}

generators! { Scripted Seeded Constant Failing }
