//! A network between two ends, without sockets and clocks. A seed decides what is lost, repeated, damaged and delayed;
//! the rest is given out when its time has come. With different delays, order is lost as well.
//!
//! A story that plays the network itself posts without faults and takes what is under way by hand.

use crate::rng::Seeded;

/// How bad the network is. Chances are in percent; none of it happens by default.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// It never arrives.
    pub lost: u64,
    /// A second copy arrives, at a time of its own.
    pub repeated: u64,
    /// A damaged copy arrives besides.
    pub damaged: u64,
    /// The longest time on the way, in milliseconds.
    pub delay: u64,
}

/// What is under way between the two ends.
#[derive(Clone, Debug)]
pub struct Network<T> {
    /// What it does from now on.
    pub faults: Faults,
    dice: Seeded,
    /// In the order of posting.
    under_way: Vec<Parcel<T>>,
    cut_until: u64,
}

/// Something on its way from one end, 0 or 1, to the other.
#[derive(Clone, Debug)]
pub struct Parcel<T> {
    /// The end that posted it.
    pub from: usize,
    /// What was posted.
    pub load: T,
    /// Whether the receiver is to damage it: [`Network::damage`].
    pub is_damaged: bool,
    arrives: u64,
}

impl<T> Default for Network<T> {
    fn default() -> Self {
        Self::new(0, Faults::default())
    }
}

impl<T> Network<T> {
    /// Creates a network of a seed.
    #[must_use]
    pub fn new(seed: u64, faults: Faults) -> Self {
        Self { faults, dice: Seeded::new(seed), under_way: Vec::new(), cut_until: 0 }
    }

    /// Takes `load` from an end. Returns whether it will arrive, undamaged.
    pub fn post(&mut self, from: usize, load: T, now: u64) -> bool
    where
        T: Clone,
    {
        let Faults { lost, repeated, damaged, delay } = self.faults;
        if now < self.cut_until || self.dice.percent(lost) {
            return false;
        }
        for (chance, is_damaged) in [(100, false), (repeated, false), (damaged, true)] {
            if self.dice.percent(chance) {
                let arrives = now + self.dice.below(delay + 1);
                self.under_way.push(Parcel { from, load: load.clone(), is_damaged, arrives });
            }
        }
        true
    }

    /// Loses everything that is posted before this time.
    pub fn cut(&mut self, until: u64) {
        self.cut_until = until;
    }

    /// Returns when the next parcel arrives.
    #[must_use]
    pub fn next_arrival(&self) -> Option<u64> {
        self.under_way.iter().map(|parcel| parcel.arrives).min()
    }

    /// Gives out the parcel that arrives first, if its time has come.
    pub fn arrive(&mut self, now: u64) -> Option<Parcel<T>> {
        let due = self.under_way.iter().enumerate().filter(|(_, parcel)| parcel.arrives <= now);
        let (first, _) = due.min_by_key(|(_, parcel)| parcel.arrives)?;
        Some(self.under_way.remove(first))
    }

    /// Flips a bit.
    ///
    /// # Panics
    /// Without bytes.
    pub fn damage(&mut self, bytes: &mut [u8]) {
        let at = usize::try_from(self.dice.below(bytes.len() as u64)).expect("an index of a slice");
        bytes[at] ^= 1 << self.dice.below(8);
    }

    /// Returns whether nothing is under way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Returns what is under way from an end, in the order of posting.
    pub fn under_way(&self, from: usize) -> impl Iterator<Item = &T> {
        self.under_way.iter().filter(move |parcel| parcel.from == from).map(|parcel| &parcel.load)
    }

    /// Takes what an end posted first.
    pub fn take(&mut self, from: usize) -> Option<T> {
        let first = self.under_way.iter().position(|parcel| parcel.from == from)?;
        Some(self.under_way.remove(first).load)
    }

    /// Takes the greatest that is under way from an end.
    pub fn take_greatest<K: Ord>(&mut self, from: usize, key: impl Fn(&T) -> K) -> Option<T> {
        let of_the_end = self.under_way.iter().enumerate().filter(|(_, parcel)| parcel.from == from);
        let (greatest, _) = of_the_end.max_by_key(|(_, parcel)| key(&parcel.load))?;
        Some(self.under_way.remove(greatest).load)
    }

    /// Turns round the order of what is under way from an end.
    pub fn reverse(&mut self, from: usize) {
        // The order of both ends together means nothing.
        let (mut turned, others): (Vec<_>, _) =
            std::mem::take(&mut self.under_way).into_iter().partition(|parcel| parcel.from == from);
        turned.reverse();
        self.under_way = turned;
        self.under_way.extend(others);
    }

    /// Loses what is under way from an end, unless `keep` says otherwise.
    pub fn retain(&mut self, from: usize, keep: impl Fn(&T) -> bool) {
        self.under_way.retain(|parcel| parcel.from != from || keep(&parcel.load));
    }
}
