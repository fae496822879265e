//! What a relay can do about acknowledgements (SPEC OUT-4, SEQ-5).

use secretchat::{Event, Input};

use crate::honest::Two;
use crate::support::pair::env_at;

/// The relay drops the last messages and says that they were carried: no end is told that the peer has them.
#[test]
fn at_43_what_was_dropped_is_never_called_acknowledged() {
    let mut two = Two::ready();
    let draft = secretchat::Draft::text("lost");
    let random_id = two.alice.chat.send(&draft, &mut env_at(0, &mut two.rng)).unwrap();
    two.alice.drain();
    two.alice.outgoing.clear();
    let id = two.alice.newest.unwrap();
    two.alice.chat.handle(Input::carried(id, None), &mut env_at(0, &mut two.rng)).unwrap();
    two.bob_says("I have heard nothing");
    two.alice.drain();
    let named =
        |event: &Event| matches!(event, Event::Acknowledged { random_ids, .. } if random_ids.contains(&random_id));
    assert!(two.alice.told.iter().any(|event| matches!(event, Event::Sent { .. })), "a fact of the transport");
    assert!(!two.alice.told.iter().any(named));
    assert!(two.alice.chat.holds(random_id), "it is kept to be sent again");
    // Whoever made up the receipt only put that off (SPEC OUT-4).
    two.now = 60 * 60 * 1000;
    for _ in 0..2 {
        two.alice.chat.retransmit(&mut env_at(two.now, &mut two.rng));
        two.carry();
    }
    two.bob_says("now I have");
    let heard = |event: &Event| matches!(event, Event::Message(message) if message.content.text == "lost");
    assert_eq!(two.bob.told.iter().filter(|event| heard(event)).count(), 1);
    assert!(two.alice.told.iter().any(named));
}
