//! Generators for tests: one that gives the same bytes in each run, and two that are broken.

use std::convert::Infallible;

use rand_core::utils::next_word_via_fill;
use rand_core::{TryCryptoRng, TryRng};
#[allow(unused_imports)] // Every program uses its part.
pub(crate) use recordings::Seeded;

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

impl Fill for Constant {
    fn fill(&mut self, to: &mut [u8]) {
        to.fill(self.0);
    }
}

impl Fill for Failing {
    fn fill(&mut self, to: &mut [u8]) {
        self.draws_left = self.draws_left.checked_sub(1).expect("the source of randomness fails");
        let Ok(()) = self.seeded.try_fill_bytes(to);
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

generators! { Constant Failing }
