//! Chats that go, and shards that end: as asked, by an error, or in the middle of a commit.

use secretchat::store::Store;
use secretchat::{Chat, Config, Env};
use secretchat_async::{Limits, Reason, Stopped};

use crate::world::{World, key, say};

#[test]
fn a_hand_over_loses_nothing() {
    let mut world = World::new(1, Limits::default());
    let chats = world.pairs(4);
    for count in 0..5 {
        world.say(chats[0], &count.to_string());
        world.say(chats[1], &count.to_string());
    }
    // The jobs that were posted are done by the old shard.
    world.hand_over(0, &chats[..2]);
    let old = &world.workers[0];
    let refused = old.post.try_post(chats[0], say("late")).unwrap_err();
    assert_eq!((refused.reason, format!("{:?}", refused.item)), (Reason::NotHere, "Say(\"late\")".to_owned()));
    assert_eq!((old.post.tally().chats, old.post.tally().in_memory), (2, 2));
    let store = old.store.clone();
    assert_eq!(store.lock().released, chats[..2]);

    let new = world.shard(store, Limits::default());
    world.adopt(new, &chats[..2]);
    world.say(chats[0], "by the new one");
    world.say(chats[2], "by the old one");
    world.rest();
    assert_eq!(world.texts(world.peer[&chats[0]]), ["0", "1", "2", "3", "4", "by the new one"]);
    assert_eq!(world.texts(world.peer[&chats[1]]), ["0", "1", "2", "3", "4"]);
    assert_eq!(world.texts(world.peer[&chats[2]]), ["by the old one"]);
    assert!(world.seen().lost.is_empty());
    world.assert_rows(0);
    // And back again.
    world.hand_over(new, &chats[..1]);
    world.adopt(0, &chats[..1]);
    world.say(chats[0], "back");
    world.rest();
    assert_eq!(world.texts(world.peer[&chats[0]]).last().unwrap(), "back");
}

#[test]
fn a_chat_that_is_leaving_is_not_adopted() {
    let mut world = World::new(2, Limits::default());
    let chats = world.pairs(1);
    let store = world.workers[0].store.clone();
    store.lock().held_before = true;
    world.say(chats[0], "hello");
    let (post, gone) = (world.post(chats[0]).clone(), chats.clone());
    let task = world.executor.spawn(async move { post.hand_over(&gone).await });
    world.executor.idle();
    assert_eq!(world.post(chats[0]).adopt(chats[0], None), Err(Reason::Here));
    store.let_go();
    world.executor.idle();
    assert_eq!(task.result(), Some(Ok(())));
    assert_eq!(world.post(chats[0]).adopt(chats[0], None), Ok(()));
}

#[test]
fn after_the_end_everything_is_durable() {
    let mut world = World::new(3, Limits::default());
    let chats = world.pairs(10);
    for chat in &chats {
        for count in 0..3 {
            world.say(*chat, &count.to_string());
        }
    }
    let post = world.workers[0].post.clone();
    world.wait(async move { post.finish().await }).unwrap();
    assert!(world.workers[0].task.result().unwrap().is_ok());
    assert_eq!(world.workers[0].store.lock().released.len(), 10);
    for chat in &chats {
        assert_eq!(world.texts(world.peer[chat]), ["0", "1", "2"]);
    }
    // Nothing is taken any more.
    let post = world.workers[0].post.clone();
    assert_eq!(post.try_post(chats[0], say("late")).unwrap_err().reason, Reason::Ended);
    assert_eq!(post.adopt(chats[0], None), Err(Reason::Ended));
    let config = Config::x25519("alice", "bob").unwrap().with_store(key());
    let chat = Chat::request(config, &mut Env::new(secretchat::Timestamp::default(), &mut world.rng)).unwrap();
    assert_eq!(post.open(chat).unwrap_err().reason, Reason::Ended);
    assert_eq!(world.wait(async move { post.finish().await }), Ok(()), "once more");
    assert_eq!(world.workers[0].post.tally().chats, 0);
}

#[test]
fn a_chat_without_records_is_refused() {
    let mut world = World::new(4, Limits::default());
    let config = Config::x25519("alice", "bob").unwrap();
    let chat = Chat::request(config, &mut Env::new(secretchat::Timestamp::default(), &mut world.rng)).unwrap();
    assert_eq!(world.workers[0].post.open(chat).unwrap_err().reason, Reason::NoRecords);
}

#[test]
fn an_error_of_the_store_ends_the_shard() {
    let mut world = World::new(5, Limits::default());
    let chats = world.pairs(3);
    let store = world.workers[0].store.clone();
    store.lock().broken = true;
    world.say(chats[0], "lost with the commit");
    let (post, gone) = (world.post(chats[0]).clone(), chats.clone());
    assert_eq!(world.wait(async move { post.hand_over(&gone).await }), Err(Stopped));
    assert!(world.workers[0].task.result().unwrap().is_err());
    assert_eq!(world.post(chats[0]).try_post(chats[0], say("late")).unwrap_err().reason, Reason::Ended);

    store.lock().broken = false;
    let new = world.shard(store, Limits::default());
    world.adopt(new, &chats);
    world.say(chats[0], "goes on");
    world.rest();
    assert_eq!(world.texts(world.peer[&chats[0]]), ["goes on"], "nothing left before the error");
}

#[test]
fn a_task_that_is_dropped_in_a_commit() {
    for written in [false, true] {
        let mut world = World::new(6, Limits::default());
        let chats = world.pairs(3);
        let store = world.workers[0].store.clone();
        if written {
            store.lock().held_after = true;
        } else {
            store.lock().held_before = true;
        }
        world.say(chats[0], "in the commit");
        world.executor.idle();
        let (post, chat) = (world.post(chats[0]).clone(), chats[0]);
        let waiting = world.executor.spawn(async move { post.hand_over(&[chat]).await });
        world.executor.idle();
        let task = &world.workers[0].task;
        world.executor.cancel(task);
        world.executor.idle();
        assert_eq!(waiting.result(), Some(Err(Stopped)));
        assert!(world.seen().packets.is_empty());

        store.let_go();
        let new = world.shard(store, Limits::default());
        world.adopt(new, &chats);
        world.say(chats[0], "afterwards");
        world.rest();
        let expected: &[_] = if written { &["in the commit", "afterwards"] } else { &["afterwards"] };
        assert_eq!(world.texts(world.peer[&chats[0]]), expected);
        world.assert_rows(0);
    }
}

#[test]
fn a_shard_that_never_ran_refuses() {
    let mut world = World::new(7, Limits::default());
    let (shard, post) = {
        let store = world.workers[0].store.clone();
        let new = world.shard(store, Limits::default());
        let worker = world.workers.pop().unwrap();
        assert_eq!(new, 2);
        (worker.task, worker.post)
    };
    post.adopt(secretchat::ChatId([1; 16]), None).unwrap();
    world.executor.cancel(&shard);
    assert_eq!(post.try_post(secretchat::ChatId([1; 16]), say("x")).unwrap_err().reason, Reason::Ended);
}

#[test]
fn a_deleted_chat_has_no_records() {
    let mut world = World::new(8, Limits::default());
    let chats = world.pairs(3);
    world.say(chats[0], "the last one");
    let (post, gone) = (world.post(chats[0]).clone(), chats[..2].to_vec());
    world.wait(async move { post.delete(&gone).await }).unwrap();
    assert_eq!(world.texts(world.peer[&chats[0]]), ["the last one"]);
    let inner = world.workers[0].store.lock();
    assert_eq!(inner.memory.chats().unwrap(), [chats[2]]);
    assert!(inner.scrubbed > 0 && inner.released.is_empty());
}
