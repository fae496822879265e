//! Generators for tests: one that gives the same bytes in each run, and two that are broken.

#[allow(unused_imports)] // Every program uses its part.
pub(crate) use recordings::{Constant, Failing, Seeded};
