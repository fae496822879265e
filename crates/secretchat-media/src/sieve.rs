//! The parts of a file: which to remove, and which remain.

use crate::part::{Part, Parts};

pub(crate) struct Sieve {
    strip: Parts,
    pub(crate) removed: Parts,
    pub(crate) left: Parts,
}

impl Sieve {
    pub(crate) fn new(strip: Parts) -> Self {
        Self { strip: strip.with_what_may_hold_them(), removed: Parts::NONE, left: Parts::NONE }
    }

    pub(crate) fn strips(&self, part: Part) -> bool {
        self.strip.contains(part)
    }

    /// Notes that the file has a part, and returns whether to remove it.
    pub(crate) fn takes(&mut self, part: Part) -> bool {
        let goes = self.strips(part);
        if goes {
            self.removed = self.removed.with(part);
        } else {
            self.left = self.left.with(part);
        }
        goes
    }
}
