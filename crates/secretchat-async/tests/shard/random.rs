//! Random schedules: whatever the order of posts, packets, commits, hand-overs and evictions, each message comes once, in order.

use std::collections::HashMap;
use std::time::Duration;

use secretchat::ChatId;
use secretchat_async::Limits;

use crate::executor::below;
use crate::world::{World, say};

/// Two shards over one store at each end, which hand chats to each other.
fn one_schedule(seed: u64) {
    let mut limits = Limits::default();
    (limits.in_memory, limits.chats_per_commit, limits.jobs_per_turn, limits.jobs_per_chat) = (3, 3, 2, 8);
    let mut world = World::new(seed, limits);
    let stores: Vec<_> = world.workers.iter().map(|worker| worker.store.clone()).collect();
    for store in &stores {
        world.shard(store.clone(), limits);
    }
    let mut chats = world.pairs(6);
    chats.extend(chats.clone().iter().map(|chat| world.peer[chat]));
    let mut said: HashMap<ChatId, Vec<String>> = HashMap::new();
    for count in 0..150 {
        let chat = chats[below(&mut world.rng, chats.len())];
        match world.rng.below(12) {
            0..5 => {
                if world.post(chat).try_post(chat, say(count.to_string())).is_ok() {
                    said.entry(chat).or_default().push(count.to_string());
                }
            }
            5..7 => {
                let mut packets = std::mem::take(&mut world.seen().packets);
                for _ in 0..world.rng.below(6).min(packets.len() as u64) {
                    let (from, packet) = packets.swap_remove(below(&mut world.rng, packets.len()));
                    if !world.rng.percent(20) {
                        world.deliver(from, packet);
                    }
                }
                world.seen().packets.extend(packets);
            }
            7..9 => {
                for _ in 0..world.rng.below(30) {
                    world.executor.step();
                }
            }
            9 => stores[below(&mut world.rng, 2)].lock().held_before = true,
            10 => stores[below(&mut world.rng, 2)].let_go(),
            _ => {
                let seconds = world.rng.below(4);
                world.clock.pass(Duration::from_secs(seconds));
            }
        }
        if world.rng.percent(5) {
            stores.iter().for_each(crate::store::TestStore::let_go);
            let (from, to) = (world.home[&chat], (world.home[&chat] + 2) % 4);
            world.hand_over(from, &[chat]);
            world.adopt(to, &[chat]);
        }
    }
    stores.iter().for_each(crate::store::TestStore::let_go);
    for _ in 0..10 {
        world.rest();
    }
    for chat in &chats {
        let expected = said.get(chat).cloned().unwrap_or_default();
        assert_eq!(world.texts(world.peer[chat]), expected, "seed {seed}");
    }
    assert!(world.seen().lost.is_empty());
    world.assert_rows(0);
    world.assert_rows(1);
}

#[test]
fn once_and_in_order() {
    for seed in 0..40 {
        one_schedule(seed);
    }
}
