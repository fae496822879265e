//! Ten thousand chats in one shard.

use secretchat_async::Limits;

use crate::world::World;

#[test]
fn ten_thousand_chats_play_ping_pong() {
    let mut world = World::new(1, Limits::default());
    let chats = world.pairs_in(5_000, 0, 0);
    for chat in &chats {
        world.say(*chat, "ping");
    }
    world.carry();
    for chat in &chats {
        let peer = world.peer[chat];
        assert_eq!(world.texts(peer), ["ping"]);
        world.say(peer, "pong");
    }
    world.carry();
    for chat in &chats {
        assert_eq!(world.texts(*chat), ["pong"]);
    }
    let tally = world.workers[0].post.tally();
    assert_eq!((tally.chats, tally.jobs), (10_000, 0));
    // 256 chats a commit: both rounds, and the messages that bring them.
    let commits = world.workers[0].store.lock().commits.len();
    assert!(commits < 200, "{commits}");
}
