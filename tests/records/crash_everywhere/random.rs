//! Long conversations by chance, with processes that die by chance: many of them where there is time.

use std::collections::BTreeSet;

use rand_core::Rng;
use secretchat::{Config, Role};

use super::drafts::{ALL, What};
use super::script::{Act, LAST, Step};
use super::sweep::{Named, arrives, slow};
use super::world::World;
use crate::support::host::{Fuse, Keeping, x25519};
use crate::support::model::VIEW_ONCE;
use crate::support::rng::Seeded;

/// Steps of a conversation, and how often a process dies in it.
const STEPS: usize = 300;
const CRASHES: usize = 8;

struct Chance(Seeded);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.0.next_u32()).unwrap() % bound
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn step(&mut self) -> Step {
        let end = self.below(2);
        match self.below(100) {
            0..45 => Step::Act(end, self.act()),
            45..70 => Step::Deliver(end),
            70..75 => Step::DeliverAll,
            75..78 => Step::Lose(end),
            78 => Step::Reverse(end),
            79..82 => Step::Repeat(end),
            82..84 => Step::Refuse { end, permanent: true },
            84 => Step::Refuse { end, permanent: false },
            85 => Step::HoldReceipts(end),
            86..88 => Step::GiveReceipts { end, times: 1 + self.below(2) },
            88 => Step::Retransmit(end),
            89 => Step::Restart(end),
            90..93 => Step::Timeout(end),
            93..98 => Step::Wait(self.one_of(&[1, 500, 1_000, 5_000, 30_000, 61_000])),
            98 => Step::Wait(3_600_000),
            _ => Step::Wait(-90_000),
        }
    }

    fn act(&mut self) -> Act {
        let which = if self.below(2) == 0 { LAST } else { self.below(1000) };
        match self.below(40) {
            0..18 => Act::Write(self.one_of(&ALL), self.ttl()),
            18 => Act::Album,
            19..21 => Act::SetTtl(self.one_of(&[0, 0, 5, 60, 3_600])),
            21..24 => Act::Read(which),
            24..27 => Act::Open(which),
            27 => Act::CloseView(which),
            28 => Act::Screenshot,
            29 => Act::Type,
            30..33 => Act::Delete(which),
            33 => Act::Flush,
            34..36 => Act::Rekey,
            36 => Act::Write(What::Plain, None),
            _ => Act::Acknowledge,
        }
    }

    fn ttl(&mut self) -> Option<i32> {
        match self.below(3) {
            0 => Some(self.one_of(&[1, 5, 30, 60, 61, 3_600, VIEW_ONCE])),
            _ => None,
        }
    }
}

/// What was heard at either end.
fn converse(seed: u64, set_up: fn(Role) -> Config) -> BTreeSet<&'static str> {
    let _named = Named(format!("seed {seed}"));
    let mut chance = Chance(Seeded::new(seed));
    let steps: Vec<_> = (0..STEPS).map(|_| chance.step()).collect();
    let keeping = chance.one_of(&[Keeping::OneDatabase, Keeping::TwoStores]);
    let mut world = World::ready(set_up, keeping);
    // Some of them at once, some long after.
    let mut at = 0;
    for _ in 0..CRASHES {
        at += 1 + chance.below(4) * chance.below(STEPS / CRASHES);
        world.fuses.push_back(Fuse { at, done: chance.below(2) == 0 });
    }
    world.checkpoint_is_known = chance.below(2) == 0;
    world.run(&steps);
    world.fuses.clear();
    arrives(&mut world);
    world.ends.iter().flat_map(|end| end.heard.keys()).map(|news| news.0).collect()
}

/// Few or, where there is time, many; together they bring everything that can be heard of.
fn conversations(few: u64, many: u64, set_up: fn(Role) -> Config) {
    let seeds = 0..if slow() { many } else { few };
    let heard: BTreeSet<_> = seeds.flat_map(|seed| converse(seed, set_up)).collect();
    let expected = [
        "Acknowledged",
        "Deleted",
        "Expired",
        "Failed",
        "HistoryFlushed",
        "Message",
        "ReadByPeer",
        "RekeyFailed",
        "Rekeyed",
        "Screenshot",
        "Sent",
        "TtlChanged",
        "Typing",
    ];
    assert_eq!(heard, expected.into());
}

#[test]
fn conversations_by_chance_in_the_x25519_profile() {
    conversations(300, 10_000, x25519);
}

#[cfg(feature = "hybrid")]
#[test]
fn conversations_by_chance_in_the_hybrid_profile() {
    conversations(40, 1_000, crate::support::host::hybrid);
}

#[cfg(feature = "telegram")]
#[test]
fn conversations_by_chance_in_the_telegram_profile() {
    conversations(10, 300, super::sweep::telegram);
}
