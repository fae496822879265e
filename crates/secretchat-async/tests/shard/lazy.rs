//! Chats that are not in memory: restored for a job or at their time, many with one load.

use secretchat::store::{MemoryStore, Store};
use secretchat::{ChatId, Timestamp};
use secretchat_async::{Clock, Limits, Reason};
use std::time::Duration;

use crate::world::{Job, World, say};

/// Chats of shard 0 that shard 2 has adopted, over the same store.
fn adopted(count: usize, limits: Limits) -> (World, Vec<ChatId>) {
    let mut world = World::new(1, limits);
    let chats = world.pairs(count);
    world.hand_over(0, &chats);
    let store = world.workers[0].store.clone();
    let new = world.shard(store, limits);
    world.adopt(new, &chats);
    world.carry();
    (world, chats)
}

#[test]
fn a_chat_is_restored_for_a_job_with_one_load_for_all() {
    let (mut world, chats) = adopted(20, Limits::default());
    let store = world.workers[2].store.clone();
    assert_eq!((store.lock().loads.len(), world.workers[2].post.tally().chats), (0, 20), "all rest");
    for chat in &chats[..5] {
        world.say(*chat, "hello");
    }
    world.carry();
    assert_eq!(store.lock().loads, [5]);
    assert_eq!(world.workers[2].post.tally().in_memory, 5);
    for chat in &chats[..5] {
        assert_eq!(world.texts(world.peer[chat]), ["hello"]);
    }
}

#[test]
fn a_chat_is_restored_at_its_time() {
    let mut world = World::new(2, Limits::default());
    let chats = world.pairs(6);
    world.hand_over(0, &chats);
    let store = world.workers[0].store.clone();
    let new = world.shard(store.clone(), Limits::default());
    let at = |seconds| Some(world.clock.now().saturating_add(Duration::from_secs(seconds)));
    let dues = [at(10), at(10), at(20), None, Some(Timestamp::default()), at(0)];
    for (chat, due) in chats.iter().zip(dues) {
        world.workers[new].post.adopt(*chat, due).unwrap();
    }
    world.carry();
    assert_eq!(store.lock().loads, [2], "a time in the past is now");
    world.advance(9);
    assert_eq!(store.lock().loads, [2]);
    world.advance(1);
    assert_eq!(store.lock().loads, [2, 2]);
    // The clock is set back by an hour. Nobody waits for that hour, but at most twice as long as without.
    world.clock.set_back(Duration::from_secs(3_600));
    world.carry();
    world.advance(9);
    assert_eq!(store.lock().loads, [2, 2]);
    world.advance(1);
    world.advance(10);
    assert_eq!(store.lock().loads, [2, 2, 1]);
    assert_eq!(world.seen().restored.len(), 5);
}

#[test]
fn what_a_chat_owes_is_done_by_its_next_worker() {
    let mut world = World::new(3, Limits::default());
    let chats = world.pairs(3);
    world.say(chats[0], "lost on the way");
    world.executor.idle();
    world.seen().packets.clear();
    world.hand_over(0, &chats);
    let store = world.workers[0].store.clone();
    assert_eq!(store.lock().released, chats);
    let new = world.shard(store.clone(), Limits::default());
    world.adopt(new, &chats);
    world.carry();
    assert_eq!(store.lock().loads, [1], "the others owe nothing");
    assert_eq!(world.texts(world.peer[&chats[0]]), ["lost on the way"]);
}

#[test]
fn the_chats_in_memory_are_bounded() {
    let mut limits = Limits::default();
    limits.in_memory = 4;
    let mut world = World::new(4, limits);
    let chats = world.pairs(20);
    for round in 0..5 {
        for chat in &chats {
            world.say(*chat, &round.to_string());
        }
        world.rest();
        let tally = world.workers[0].post.tally();
        assert_eq!((tally.chats, tally.jobs), (20, 0));
        assert!(tally.in_memory <= 4, "{tally:?}");
    }
    for chat in &chats {
        assert_eq!(world.texts(world.peer[chat]), ["0", "1", "2", "3", "4"]);
    }
    assert!(!world.seen().restored.is_empty());
    world.assert_rows(0);
    world.assert_rows(1);
}

// Otherwise two ends that leave memory would wake each other without end: what the transport has accepted makes no batch.
#[test]
fn a_chat_that_left_memory_repeats_nothing() {
    let mut limits = Limits::default();
    limits.in_memory = 1;
    let mut world = World::new(6, limits);
    let chats = world.pairs(8);
    for chat in &chats {
        world.say(*chat, "hello");
    }
    world.rest();
    for chat in chats.iter().flat_map(|chat| [*chat, world.peer[chat]]) {
        world.post(chat).try_post(chat, Job::Nothing).unwrap();
    }
    world.executor.idle();
    assert!(world.seen().restored.len() >= 14);
    assert!(world.seen().packets.is_empty());
}

#[test]
fn the_chat_that_has_rested_longest_leaves_first() {
    let mut limits = Limits::default();
    limits.in_memory = 2;
    let (mut world, chats) = adopted(3, limits);
    for chat in [0, 1, 0, 2] {
        world.say(chats[chat], "hello");
        world.rest();
    }
    world.seen().restored.clear();
    world.say(chats[0], "still here");
    world.say(chats[1], "not here");
    world.carry();
    let seen = world.seen();
    let here: Vec<_> = seen.restored.iter().filter(|chat| chats.contains(chat)).collect();
    assert_eq!(here, [&chats[1]]);
}

#[test]
fn records_that_do_not_restore() {
    let (mut world, chats) = adopted(3, Limits::default());
    let store = world.workers[2].store.clone();
    let unknown = ChatId([9; 16]);
    world.workers[2].post.adopt(unknown, None).unwrap();
    assert_eq!(world.workers[2].post.adopt(unknown, None), Err(Reason::Here));
    // One is gone, one is damaged.
    let mut damaged = MemoryStore::default();
    std::mem::swap(&mut damaged, &mut store.lock().memory);
    let mut records = damaged.load(chats[0]).unwrap().unwrap();
    for (_, sealed) in &mut records.rows {
        *sealed.last_mut().unwrap() ^= 1;
    }
    damaged.delete(chats[0]).unwrap();
    let batch = secretchat::Batch {
        chat: chats[0],
        follows: None,
        checkpoint: records.checkpoint().unwrap(),
        put: records.rows,
        delete: Vec::new(),
        destroys: false,
    };
    damaged.apply(&batch).unwrap();
    store.lock().memory = damaged;
    for chat in [chats[0], chats[1], unknown] {
        world.workers[2].post.try_post(chat, say("hello")).unwrap();
    }
    world.carry();
    let mut lost: Vec<_> = world.seen().lost.iter().map(|(chat, _, jobs)| (*chat, *jobs)).collect();
    let mut expected = [(chats[0], 1), (unknown, 1)];
    lost.sort_unstable();
    expected.sort_unstable();
    assert_eq!(lost, expected);
    assert_eq!(world.texts(world.peer[&chats[1]]), ["hello"], "the others go on");
    assert_eq!(world.workers[2].post.tally().chats, 2);
}
