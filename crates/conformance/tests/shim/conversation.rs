//! A long conversation under everything at once: nothing is lost, nothing comes twice, the order stays.

use serde_json::json;

use crate::world::World;

/// Holds a conversation of 2,000 messages with `SECRETCHAT_SLOW`, otherwise of 300.
fn hold(profile: &str) {
    let slow = std::env::var_os("SECRETCHAT_SLOW").is_some();
    let (messages, after_messages) = if slow { (2_000, 100) } else { (300, 30) };
    let mut world = World::new(profile, 9, &json!({"rekey": {"after_messages": after_messages}}));
    world.talk(messages);
    world.end_of_talk();
    world.close();
    let seen = &world.seen;
    println!("{profile}: {} messages, {seen:?}", world.sent);
    let least = messages / 50;
    for count in [seen.lost, seen.doubled, seen.mixed_up, seen.crashes, seen.restarts, seen.rolled_back, seen.opened] {
        assert!(count >= least, "{seen:?}");
    }
    assert!(seen.albums > 0 && seen.rekeys >= 2, "{seen:?}");
}

#[test]
fn x25519() {
    hold("x25519");
}

#[test]
fn hybrid() {
    hold("hybrid");
}

#[test]
fn telegram() {
    hold("telegram");
}
