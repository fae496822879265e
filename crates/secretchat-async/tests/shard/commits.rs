//! What is written together, and what waits for it.

use secretchat_async::Limits;

use crate::world::{Job, World, say};

#[test]
fn nothing_leaves_before_its_commit_is_durable() {
    let mut world = World::new(1, Limits::default());
    let chats = world.pairs(3);
    let store = world.workers[0].store.clone();
    store.lock().held_before = true;
    world.say(chats[0], "one");
    world.executor.idle();
    // Jobs are taken while the store works, and wait.
    world.say(chats[1], "two");
    world.say(chats[2], "three");
    world.executor.idle();
    assert!(world.seen().packets.is_empty());
    assert_eq!(world.workers[0].post.tally().jobs, 2);

    store.let_go();
    world.executor.idle();
    assert_eq!(world.seen().packets.len(), 3);
    assert_eq!(store.lock().commits, [1, 2], "those that waited are in one commit");
}

#[test]
fn one_commit_for_many_chats() {
    let mut world = World::new(2, Limits::default());
    let chats = world.pairs(50);
    for chat in &chats {
        world.say(*chat, "hello");
    }
    world.executor.idle();
    assert_eq!(world.workers[0].store.lock().commits, [50]);
    world.carry();
    for chat in &chats {
        assert_eq!(world.texts(world.peer[chat]), ["hello"]);
    }
    world.assert_rows(0);
    world.assert_rows(1);
}

#[test]
fn a_commit_is_bounded() {
    let mut limits = Limits::default();
    limits.chats_per_commit = 20;
    let mut world = World::new(3, limits);
    for chat in world.pairs(50) {
        world.say(chat, "hello");
    }
    world.executor.idle();
    assert_eq!(world.workers[0].store.lock().commits, [20, 20, 10]);
}

#[test]
fn a_refused_batch_drops_just_that_chat() {
    let mut world = World::new(4, Limits::default());
    let chats = world.pairs(5);
    // Another worker takes a chat, and writes.
    let store = world.workers[0].store.clone();
    let other = world.shard(store.clone(), Limits::default());
    world.workers[other].post.adopt(chats[2], None).unwrap();
    world.workers[other].post.try_post(chats[2], say("by the other worker")).unwrap();
    world.carry();

    for chat in &chats {
        world.say(*chat, "by the first worker");
    }
    world.say(chats[2], "not begun");
    world.home.insert(chats[2], other);
    world.carry();
    assert_eq!(world.seen().lost, [(chats[2], "another worker has this chat".to_owned(), 1)]);
    for chat in &chats {
        let expected = if *chat == chats[2] { "by the other worker" } else { "by the first worker" };
        assert_eq!(world.texts(world.peer[chat]), [expected]);
    }
    assert!(!store.lock().rows.contains(&(chats[2], "sent by the first worker".to_owned())));
    // Later jobs come back.
    let refused = world.workers[0].post.try_post(chats[2], say("again")).unwrap_err();
    assert_eq!(refused.reason, secretchat_async::Reason::NotHere);
}

#[test]
fn rows_without_a_batch_are_committed() {
    let mut world = World::new(5, Limits::default());
    let chats = world.pairs(1);
    world.post(chats[0]).try_post(chats[0], Job::Note("a draft".to_owned())).unwrap();
    world.executor.idle();
    let inner = world.workers[0].store.lock();
    assert_eq!((&inner.commits[..], &inner.rows[..]), (&[0][..], &[(chats[0], "a draft".to_owned())][..]));
}

#[test]
fn old_copies_are_destroyed_after_the_commit() {
    let mut world = World::new(6, Limits::default());
    let store = world.workers[0].store.clone();
    store.lock().scrubs = [false, false, true].into();
    // The keys of a chat that becomes ready are replaced.
    world.pairs(1);
    let chats = world.pairs(1);
    assert_eq!(store.lock().scrubs.len(), 0, "it was asked again");
    let scrubbed = store.lock().scrubbed;
    world.say(chats[0], "hello");
    world.executor.idle();
    world.advance(10);
    assert_eq!(store.lock().scrubbed, scrubbed, "a message destroys nothing");
}
