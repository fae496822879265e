//! The whole way of a message through two chats: `send`, all outputs, the peer's `handle`, all of its outputs.

use message_paths::{Counter, Hosts, Profile, Settings, carry, draft, env, input_of, transmissions};
use rand_core::CryptoRng;
use secretchat::{Chat, Draft};

use super::ALLOCATIONS;
use crate::measure::heap::taken;
use crate::measure::random::system;
use crate::measure::{Case, Lap, Table};

/// The messages of a lap, where the keys stay.
const COUNT: u32 = 64;

/// One line: what two chats do beside the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// Whether each end writes records. Without a driver they are made and dropped.
    pub records: bool,
    /// What is between the chats.
    pub between: Between,
}

/// What is between two chats, or differs from message to message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// One message there, one back.
    Nothing,
    /// 32 messages in one direction, and one that acknowledges them.
    OneWay,
    /// The same as [`Between::Nothing`], with the system's generator.
    SystemRandom,
    /// The same, with the default policy for new keys.
    Rekeys,
    /// Two drivers on stores in memory, frames that are encoded and decoded, and receipts.
    Frames,
}

impl Path {
    /// The base of comparison.
    pub const NO_RECORDS: Self = Self { records: false, between: Between::Nothing };
    /// The same with records.
    pub const RECORDS: Self = Self { records: true, between: Between::Nothing };
    /// What a host does.
    pub const HOST: Self = Self { records: true, between: Between::Frames };
    /// With a new key from time to time.
    pub const REKEYS: Self = Self { records: false, between: Between::Rekeys };

    /// Returns all lines.
    pub fn all() -> impl Iterator<Item = Self> {
        [false, true].into_iter().flat_map(|records| Between::ALL.map(|between| Self { records, between }))
    }

    /// Returns the name of the line.
    #[must_use]
    pub fn name(self) -> String {
        let records = if self.records { "records" } else { "no records" };
        let between = match self.between {
            Between::Nothing => "to and fro",
            Between::OneWay => "32 one way, 1 acknowledgement",
            Between::SystemRandom => "to and fro, the system's generator",
            Between::Rekeys => "to and fro, new keys by default",
            Between::Frames if self.records => "driver, `MemoryStore`, frames, receipts",
            Between::Frames => "driver, frames, receipts",
        };
        format!("{records}, {between}")
    }

    fn lap(self, profile: Profile) -> Lap {
        let rekeys = self.between == Between::Rekeys;
        let settings = Settings { profile, records: self.records, rekeys };
        match self.between {
            Between::Frames => {
                let mut hosts = Hosts::ready(settings);
                Lap::of(COUNT, move || (0..COUNT / 2).for_each(|_| hosts.say_both()))
            }
            Between::OneWay => {
                let mut ends = Ends::ready(settings, Box::new(Counter::default()));
                Lap::of(COUNT / 2, move || ends.say_one_way(COUNT / 2))
            }
            Between::Rekeys => {
                let mut ends = Ends::ready(settings, Box::new(Counter::default()));
                // The key of the handshake is older than the others are when they are replaced.
                ends.say_until_new_key();
                let count = ends.say_until_new_key();
                Lap::of(2 * count, move || _ = ends.say_until_new_key())
            }
            Between::Nothing | Between::SystemRandom => {
                let rng = if self.between == Between::Nothing { Box::new(Counter::default()) } else { system() };
                let mut ends = Ends::ready(settings, rng);
                Lap::of(COUNT, move || (0..COUNT / 2).for_each(|_| ends.say_both()))
            }
        }
    }
}

impl Between {
    const ALL: [Self; 5] = [Self::Nothing, Self::OneWay, Self::SystemRandom, Self::Rekeys, Self::Frames];
}

pub(super) fn cases() -> Vec<Case> {
    Path::all().map(|path| Case::new(path.name(), Profile::ALL.map(|profile| path.lap(profile)))).collect()
}

/// Two chats, and what they say.
struct Ends {
    chats: [Chat; 2],
    draft: Draft,
    rng: Box<dyn CryptoRng>,
}

impl Ends {
    fn ready(settings: Settings, mut rng: Box<dyn CryptoRng>) -> Self {
        Self { chats: settings.ready(&mut *rng), draft: draft(), rng }
    }

    fn say(&mut self, from: usize) {
        self.chats[from].send(&self.draft, &mut env(&mut *self.rng)).unwrap();
        carry(&mut self.chats, from, &mut *self.rng);
    }

    fn say_both(&mut self) {
        self.say(0);
        self.say(1);
    }

    fn say_one_way(&mut self, count: u32) {
        (0..count).for_each(|_| self.say(0));
        self.chats[1].acknowledge(&mut env(&mut *self.rng)).unwrap();
        carry(&mut self.chats, 1, &mut *self.rng);
    }

    /// Lets both speak until they have a new key, and returns how often they did. Each time is as long as the others, but
    /// for a message or two.
    fn say_until_new_key(&mut self) -> u32 {
        let rekeys = self.chats[0].rekeys();
        let mut count = 0;
        while self.chats[0].rekeys() == rekeys {
            self.say_both();
            count += 1;
        }
        count
    }
}

/// Counts what a message asks of the heap at each end, the average of many.
pub(super) fn allocations() -> Table {
    let mut table = Table::new(ALLOCATIONS, "X25519");
    for column in ["send", "handle"] {
        table.add_column(column, 2);
    }
    for path in [Path::NO_RECORDS, Path::RECORDS] {
        let mut ends = Ends::ready(
            Settings { profile: Profile::X25519, records: path.records, rekeys: false },
            Box::new(Counter::default()),
        );
        // Queues have grown to what they need.
        (0..COUNT).for_each(|_| ends.say_both());
        let mut calls = [0; 2];
        for number in 0..2 * COUNT as usize {
            for (sum, one) in calls.iter_mut().zip(counted(&mut ends, number % 2)) {
                *sum += one;
            }
        }
        table.add_row(path.name(), calls.map(|calls| Some(f64::from(calls) / f64::from(2 * COUNT))));
    }
    for path in [Path { records: false, ..Path::HOST }, Path::HOST] {
        let mut hosts = Hosts::ready(Settings { profile: Profile::X25519, records: path.records, rekeys: false });
        (0..COUNT).for_each(|_| hosts.say_both());
        let (_, taken) = taken(|| (0..COUNT).for_each(|_| hosts.say_both()));
        let calls = u32::try_from(taken.calls).map(f64::from).ok();
        table.add_row(format!("{}: both ends", path.name()), [calls.map(|calls| calls / f64::from(2 * COUNT))]);
    }
    table
}

/// One message, and how often each end asked for memory.
fn counted(ends: &mut Ends, from: usize) -> [u32; 2] {
    let Ends { chats: [alice, bob], draft, rng } = ends;
    let (from, to) = if from == 0 { (alice, bob) } else { (bob, alice) };
    let (kinds, sending) = taken(|| {
        from.send(draft, &mut env(&mut **rng)).unwrap();
        let mut kinds = transmissions(from);
        [kinds.next(), kinds.next()]
    });
    let [Some(kind), None] = kinds else { panic!("one message") };
    let ((), handling) = taken(|| {
        to.handle(input_of(&kind), &mut env(&mut **rng)).unwrap();
        assert_eq!(transmissions(to).count(), 0);
    });
    [sending, handling].map(|taken| u32::try_from(taken.calls).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::envelope::BODY_LEN;
    use secretchat::hazmat::envelope::Layout;
    use secretchat::{RekeyState, TransmitKind};

    /// The messages of the envelope alone are those of every profile: only key agreement differs.
    #[test]
    fn a_message_is_the_same_work_in_every_profile() {
        for profile in Profile::ALL {
            let settings = Settings { profile, records: false, rekeys: false };
            let mut ends = Ends::ready(settings, Box::new(Counter::default()));
            ends.chats[0].send(&ends.draft, &mut env(&mut *ends.rng)).unwrap();
            let kinds: Vec<_> = transmissions(&mut ends.chats[0]).collect();
            let [TransmitKind::Ciphertext { bytes, .. }] = &kinds[..] else { panic!("{kinds:?}") };
            assert_eq!(bytes.len(), Layout::size_class(BODY_LEN).unwrap().sealed_len());
        }
    }

    /// Otherwise the count of a lap would not be that of its messages.
    #[test]
    fn a_key_lasts_as_long_as_the_next_one() {
        for profile in Profile::ALL {
            let settings = Settings { profile, records: false, rekeys: true };
            let mut ends = Ends::ready(settings, Box::new(Counter::default()));
            ends.say_until_new_key();
            let count = ends.say_until_new_key();
            for _ in 0..3 {
                assert!(ends.say_until_new_key().abs_diff(count) <= 2);
                assert_eq!(ends.chats[0].rekey_state(), RekeyState::Idle);
            }
        }
    }
}
