//! Back pressure for each chat by itself.

use secretchat_async::{Limits, Reason};

use crate::world::{World, say};

/// Chats in shard 0, which is in the middle of a commit. Each box holds two jobs.
fn busy() -> (World, Vec<secretchat::ChatId>) {
    let mut limits = Limits::default();
    limits.jobs_per_chat = 2;
    let mut world = World::new(1, limits);
    let chats = world.pairs(3);
    world.workers[0].store.lock().held_before = true;
    world.say(chats[2], "begins the commit");
    world.executor.idle();
    (world, chats)
}

#[test]
fn a_full_chat_waits_and_others_do_not() {
    let (mut world, chats) = busy();
    let mut tasks = Vec::new();
    for chat in [chats[0], chats[0], chats[0], chats[0], chats[1]] {
        let (post, text) = (world.post(chat).clone(), tasks.len().to_string());
        tasks.push(world.executor.spawn(async move { post.post(chat, say(text)).await }));
        world.executor.idle();
    }
    let done: Vec<_> = tasks.iter().map(|task| task.result().is_some()).collect();
    assert_eq!(done, [true, true, false, false, true]);
    assert_eq!(world.post(chats[0]).try_post(chats[0], say("x")).unwrap_err().reason, Reason::Full);
    assert_eq!(world.workers[0].post.tally().jobs, 3);

    world.workers[0].store.let_go();
    world.rest();
    assert!(tasks[2].result().unwrap().is_ok() && tasks[3].result().unwrap().is_ok());
    let mut texts = world.texts(world.peer[&chats[0]]);
    assert_eq!(texts[..2], ["0", "1"]);
    texts.sort();
    assert_eq!(texts, ["0", "1", "2", "3"]);
    assert_eq!(world.texts(world.peer[&chats[1]]), ["4"]);
    assert_eq!(world.workers[0].post.tally().jobs, 0);
}

#[test]
fn one_sender_keeps_its_order() {
    let (mut world, chats) = busy();
    let (post, chat) = (world.post(chats[0]).clone(), chats[0]);
    world.executor.spawn(async move {
        for count in 0..50 {
            post.post(chat, say(count.to_string())).await.unwrap();
        }
    });
    world.executor.idle();
    world.workers[0].store.let_go();
    world.rest();
    let expected: Vec<_> = (0..50).map(|count| count.to_string()).collect();
    assert_eq!(world.texts(world.peer[&chat]), expected);
}

#[test]
fn whoever_stops_waiting_has_posted_nothing_and_blocks_nobody() {
    let (mut world, chats) = busy();
    let mut tasks = Vec::new();
    for count in 0..5 {
        let (post, chat) = (world.post(chats[0]).clone(), chats[0]);
        tasks.push(world.executor.spawn(async move { post.post(chat, say(count.to_string())).await.is_ok() }));
        world.executor.idle();
    }
    world.executor.cancel(&tasks[2]);
    world.workers[0].store.let_go();
    world.rest();
    let mut texts = world.texts(world.peer[&chats[0]]);
    texts.sort();
    assert_eq!(texts, ["0", "1", "3", "4"]);
}

#[test]
fn who_waits_for_a_chat_that_goes_gets_the_job_back() {
    let (mut world, chats) = busy();
    let mut tasks = Vec::new();
    for count in 0..4 {
        let (post, chat) = (world.post(chats[0]).clone(), chats[0]);
        tasks.push(world.executor.spawn(async move { post.post(chat, say(count.to_string())).await }));
        world.executor.idle();
    }
    let (post, gone) = (world.post(chats[0]).clone(), chats[0]);
    let hand_over = world.executor.spawn(async move { post.hand_over(&[gone]).await });
    world.executor.idle();
    for task in &tasks[2..] {
        assert_eq!(task.result().unwrap().unwrap_err().reason, Reason::NotHere);
    }
    assert!(hand_over.result().is_none(), "two jobs are still to be done");
    world.workers[0].store.let_go();
    world.executor.idle();
    assert!(hand_over.result().unwrap().is_ok());
    assert_eq!(world.workers[0].store.lock().released, [gone]);
}
