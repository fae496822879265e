//! Turns: a loud chat does not delay a quiet one by more than a turn of each chat before it.

use secretchat::ChatId;
use secretchat_async::Limits;

use crate::world::{Job, World};

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.jobs_per_turn = 4;
    limits.chats_per_commit = 1;
    limits
}

/// Returns how many jobs of others were done before the first one of this chat.
fn before(world: &World, chat: ChatId) -> usize {
    world.seen().worked.iter().position(|other| *other == chat).unwrap()
}

#[test]
fn a_loud_chat_that_writes_has_one_commit_a_turn() {
    let mut world = World::new(1, limits());
    let chats = world.pairs(2);
    for count in 0..60 {
        world.say(chats[0], &count.to_string());
    }
    world.say(chats[1], "quiet");
    world.executor.idle();
    assert_eq!(before(&world, chats[1]), 1);
    assert_eq!(world.workers[0].store.lock().commits, [1; 61], "a turn each");
    world.rest();
    assert_eq!(world.texts(world.peer[&chats[0]]).len(), 60);
}

#[test]
fn a_loud_chat_that_writes_nothing_is_bounded() {
    let mut world = World::new(2, limits());
    let chats = world.pairs(2);
    for _ in 0..60 {
        world.post(chats[0]).try_post(chats[0], Job::Nothing).unwrap();
    }
    world.say(chats[1], "quiet");
    world.executor.idle();
    assert_eq!(before(&world, chats[1]), 4);
    assert_eq!(world.seen().worked.len(), 61);
}

// Whoever keeps posting for one chat does not keep another one from its turn.
#[test]
fn a_chat_that_is_never_empty() {
    let mut world = World::new(3, limits());
    let chats = world.pairs(2);
    let post = world.post(chats[0]).clone();
    let loud = chats[0];
    world.executor.spawn(async move {
        for _ in 0..1_000 {
            post.post(loud, Job::Nothing).await.unwrap();
        }
    });
    for _ in 0..300 {
        world.executor.step();
    }
    let done = world.seen().worked.len();
    world.say(chats[1], "quiet");
    world.executor.idle();
    assert!((1..900).contains(&done));
    // The turn that the loud one is in or had been given already, and no other.
    assert!(before(&world, chats[1]) <= done + 4, "{} after {done}", before(&world, chats[1]));
    assert_eq!(world.seen().worked.len(), 1_001);
}

#[test]
fn due_chats_and_loud_ones_share_the_turns() {
    let mut world = World::new(4, limits());
    let chats = world.pairs(3);
    let peers: Vec<_> = chats.iter().map(|chat| world.peer[chat]).collect();
    for chat in &peers[1..] {
        world.say(*chat, "acknowledge this");
    }
    world.carry();
    for count in 0..40 {
        world.say(chats[0], &count.to_string());
    }
    world.workers[0].store.lock().commits.clear();
    // Both acknowledgements are due, and find their places between the turns of the loud one.
    world.clock.pass(std::time::Duration::from_secs(2));
    world.executor.idle();
    let senders: Vec<_> = world.seen().packets.iter().map(|(from, _)| *from).collect();
    for chat in &chats[1..] {
        let place = senders.iter().position(|from| from == chat).unwrap();
        assert!(place <= 4, "{place}");
    }
}
