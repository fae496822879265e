//! A network between two ends, without sockets and clocks. A seed decides what is lost, repeated, damaged and delayed. The
//! rest is delivered when its time has come. Because delays differ, the order can change, too.
//!
//! A test that plays the network itself posts without faults, and takes parcels by hand.

use crate::rng::Seeded;

/// How bad the network is. Chances are in percent; none of it happens by default.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// The parcel never arrives.
    pub lost: u64,
    /// A second copy arrives, at another time.
    pub repeated: u64,
    /// A damaged copy also arrives.
    pub damaged: u64,
    /// The longest delay, in milliseconds.
    pub delay: u64,
}

/// The parcels in transit between the two ends.
#[derive(Clone, Debug)]
pub struct Network<T> {
    /// The faults from now on.
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
    /// The content.
    pub load: T,
    /// Whether the receiver must damage the load with [`Network::damage`].
    pub is_damaged: bool,
    arrives: u64,
}

impl<T> Default for Network<T> {
    fn default() -> Self {
        Self::new(0, Faults::default())
    }
}

impl<T> Network<T> {
    /// Creates a network from a seed.
    #[must_use]
    pub fn new(seed: u64, faults: Faults) -> Self {
        Self { faults, dice: Seeded::new(seed), under_way: Vec::new(), cut_until: 0 }
    }

    /// Takes `load` from an end. Returns whether it will arrive undamaged.
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

    /// Loses every parcel that is posted before this time.
    pub fn cut(&mut self, until: u64) {
        self.cut_until = until;
    }

    /// Returns when the next parcel arrives.
    #[must_use]
    pub fn next_arrival(&self) -> Option<u64> {
        self.under_way.iter().map(|parcel| parcel.arrives).min()
    }

    /// Returns the parcel that arrives first, if its time has come.
    pub fn arrive(&mut self, now: u64) -> Option<Parcel<T>> {
        let due = self.under_way.iter().enumerate().filter(|(_, parcel)| parcel.arrives <= now);
        let (first, _) = due.min_by_key(|(_, parcel)| parcel.arrives)?;
        Some(self.under_way.remove(first))
    }

    /// Flips a bit.
    ///
    /// # Panics
    /// Panics if there are no bytes.
    pub fn damage(&mut self, bytes: &mut [u8]) {
        let at = usize::try_from(self.dice.below(bytes.len() as u64)).expect("an index of a slice");
        bytes[at] ^= 1 << self.dice.below(8);
    }

    /// Returns whether nothing is in transit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Returns the loads in transit from an end, in the order of posting.
    pub fn under_way(&self, from: usize) -> impl Iterator<Item = &T> {
        self.under_way.iter().filter(move |parcel| parcel.from == from).map(|parcel| &parcel.load)
    }

    /// Takes the load that an end posted first.
    pub fn take(&mut self, from: usize) -> Option<T> {
        let first = self.under_way.iter().position(|parcel| parcel.from == from)?;
        Some(self.under_way.remove(first).load)
    }

    /// Takes the greatest load in transit from an end.
    pub fn take_greatest<K: Ord>(&mut self, from: usize, key: impl Fn(&T) -> K) -> Option<T> {
        let of_the_end = self.under_way.iter().enumerate().filter(|(_, parcel)| parcel.from == from);
        let (greatest, _) = of_the_end.max_by_key(|(_, parcel)| key(&parcel.load))?;
        Some(self.under_way.remove(greatest).load)
    }

    /// Reverses the order of the parcels in transit from an end.
    pub fn reverse(&mut self, from: usize) {
        // The relative order of the two ends has no meaning.
        let (mut turned, others): (Vec<_>, _) =
            std::mem::take(&mut self.under_way).into_iter().partition(|parcel| parcel.from == from);
        turned.reverse();
        self.under_way = turned;
        self.under_way.extend(others);
    }

    /// Loses the parcels in transit from an end, except those that `keep` accepts.
    pub fn retain(&mut self, from: usize, keep: impl Fn(&T) -> bool) {
        self.under_way.retain(|parcel| parcel.from != from || keep(&parcel.load));
    }
}
