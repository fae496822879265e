//! What a relay can do about the order of messages, about acknowledgements and about the last numbers (SPEC OUT-4, SEQ-1,
//! SEQ-3 to SEQ-6, SEQ-9).

use secretchat::{Draft, Event, Handled, Input, RecordName, StoreKey, Unavailable};

use crate::honest::{End, Two};
use crate::support::orders::orders;
use crate::support::pair::{ciphertext, env, env_at, texts};
use crate::support::profile::every_profile;
use crate::support::stored::store_of;
use crate::support::{rich, twin};

/// Five messages in each of the 120 orders: they come out in the order in which they were written, and each gap is asked for
/// once.
#[test]
fn at_04_any_order_of_five_comes_out_in_one_order_in_every_profile() {
    let orders = orders(5);
    assert_eq!(orders.len(), 120);
    for profile in every_profile() {
        let mut two = Two::ready_in(profile);
        let all = ["0", "1", "2", "3", "4"];
        for text in all {
            two.alice.chat.send(&Draft::text(text), &mut env(&mut two.rng)).unwrap();
        }
        two.alice.drain();
        for order in &orders {
            two.bob_restarts();
            let before = two.bob.chat.counters();
            let (mut told, mut requests, mut highest) = (vec![], 0, 0);
            for (arrived, message) in order.iter().enumerate() {
                let is_next = order[..arrived].iter().filter(|earlier| *earlier < message).count() == *message;
                let expected = if is_next { Handled::Applied } else { Handled::Waiting };
                let handled = two.bob.chat.handle(ciphertext(&two.alice.outgoing[*message]), &mut env(&mut two.rng));
                assert_eq!(handled, Ok(expected), "{profile:?} {order:?}");
                // Whatever lies between the highest that came and a later one is asked for, at once and once.
                requests += u32::from(*message > highest);
                highest = highest.max(message + 1);
                told.extend(texts(&mut two.bob.chat));
                assert_eq!(told, all[..told.len()], "{profile:?} {order:?}");
            }
            assert_eq!(told, all, "{profile:?} {order:?}");
            let after = two.bob.chat.counters();
            assert_eq!((after.sent - before.sent, after.received - before.received), (requests, 5), "{order:?}");
        }
    }
}

/// The number that no message has (SPEC SEQ-1).
const END: u32 = (1 << 30) - 1;

/// Where the numbers of a chat stand in its state, behind the layout (SPEC REC-4).
const SENT: [usize; 3] = [27, 35, 99];
const RECEIVED: [usize; 2] = [31, 103];

/// Has an end go on as if it had made, or processed, so many messages.
fn move_to(end: &mut End, places: &[usize], number: u32) {
    let records = end.records();
    let row = records.rows.iter().position(|(name, _)| *name == RecordName::State).unwrap();
    let (_, mut state) = rich::plain(&records, row);
    for &place in places {
        state[place..place + 4].copy_from_slice(&number.to_le_bytes());
    }
    let moved = rich::with_plain(&records, row, &state);
    end.chat = rich::restore(&moved).unwrap();
    end.store = store_of(&moved);
}

/// Two messages before the end of the numbers: both leave and arrive, the next one is refused and changes nothing, and the
/// other direction goes on.
#[test]
fn at_42_the_last_numbers_are_used_and_none_after_them() {
    for profile in every_profile() {
        let config = |own, peer| profile.config(own, peer).with_store(StoreKey::new(rich::STORE_KEY));
        let mut two = Two::of(config("alice", "bob"), config("bob", "alice"));
        two.alice_says("first");
        two.bob_says("I have it");
        two.alice_says("and I have that");
        // Bob has told nothing since, and Alice's outbox has her last word: it is acknowledged as well.
        two.bob_says("and that");
        two.bob.texts();
        move_to(&mut two.alice, &SENT, END - 2);
        move_to(&mut two.bob, &RECEIVED, END - 2);

        for text in ["the last but one", "the last"] {
            two.alice_says(text);
        }
        assert_eq!(two.bob.texts(), ["the last but one", "the last"], "{profile:?}");
        assert_eq!((two.alice.chat.counters().sent, two.bob.chat.counters().received), (END, END));
        twin::unchanged(|twin| {
            let mut alice = rich::restore(&two.alice.records()).unwrap();
            twin.bad(&mut alice, |alice, env| {
                assert_eq!(alice.send(&Draft::text("one more"), env), Err(Unavailable::SeqExhausted.into()));
                assert_eq!(alice.rekey(env), Err(Unavailable::SeqExhausted.into()));
            });
            twin.compare(&mut alice);
        });
        two.alice.told.clear();
        two.bob_says("still heard");
        assert_eq!(two.alice.texts(), ["still heard"], "{profile:?}");
        assert!(!two.alice.records().rows.iter().any(|(name, _)| matches!(name, RecordName::Outgoing(_))));
    }
}

/// The relay drops the last messages and says that they were carried: no end is told that the peer has them.
#[test]
fn at_43_what_was_dropped_is_never_called_acknowledged() {
    let mut two = Two::ready();
    let draft = Draft::text("lost");
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
