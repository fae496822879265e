//! The memory of a chat at rest: struct and heap together, after twenty messages of each end. The initiator has acknowledged
//! the last one, and its acknowledgement stays, since nothing acknowledges it.

use std::mem::size_of;

use secretchat::{Chat, Config, Draft, StoreKey};
#[cfg(feature = "telegram")]
use secretchat::{DhGroup, PeerPolicy};

use crate::allocator::in_use;
use crate::support::pair::{self, Pair, env};
use crate::support::rng::Seeded;

/// The keys of the records, the digests of most that exist, and a list of those that are behind.
const RECORDS: usize = 248;

/// Checks the bytes that each end takes, the initiator first.
fn check(config: impl Fn(&str, &str) -> Config, [initiator, responder]: [usize; 2]) {
    let both = || [config("alice", "bob"), config("bob", "alice")];
    let [alice, bob] = both();
    at_rest(Pair::of(alice, bob), [initiator, responder]);
    let [alice, bob] = both().map(|config| config.with_store(StoreKey::new([1; 32])));
    at_rest(Pair::of(alice, bob), [initiator + RECORDS, responder + RECORDS]);
}

fn at_rest(pair: Pair, most: [usize; 2]) {
    let Pair { mut alice, mut bob, mut rng } = pair;
    for _ in 0..20 {
        say(&mut alice, &mut bob, &mut rng);
        say(&mut bob, &mut alice, &mut rng);
    }
    alice.acknowledge(&mut env(&mut rng)).unwrap();
    carry(&mut alice, &mut bob, &mut rng);
    let profile = alice.profile().name();
    for (chat, most) in [alice, bob].into_iter().zip(most) {
        let (role, before) = (chat.role(), in_use());
        drop(chat);
        let taken = size_of::<Chat>() + usize::try_from(before - in_use()).unwrap();
        // Pointers of four bytes take less.
        let least = if cfg!(target_pointer_width = "64") { most - 16 } else { most / 2 };
        assert!((least..=most).contains(&taken), "{profile}, {role:?}: {taken}");
    }
}

fn say(from: &mut Chat, to: &mut Chat, rng: &mut Seeded) {
    from.send(&Draft::text("hello"), &mut env(rng)).unwrap();
    carry(from, to, rng);
}

fn carry(from: &mut Chat, to: &mut Chat, rng: &mut Seeded) {
    for sealed in pair::all_sealed(from) {
        to.handle(pair::ciphertext(&sealed), &mut env(rng)).unwrap();
    }
    pair::outputs(to);
}

#[test]
fn a_chat_at_rest_takes_little_memory() {
    assert!(size_of::<Chat>() <= 512, "{}", size_of::<Chat>());
    check(|own, peer| Config::x25519(own, peer).unwrap(), [1_520, 1_352]);
    // Its responder keeps the acceptance of 1,120 bytes only until it has heard the initiator.
    #[cfg(feature = "hybrid")]
    check(|own, peer| Config::hybrid(own, peer).unwrap(), [1_520, 1_352]);
    #[cfg(feature = "telegram")]
    check(|_, _| Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Default), [1_424, 1_256]);
}
