//! What a message of 100 characters asks of the heap and of the generator (SPEC RNG-3).

use rand_core::Rng;
use secretchat::{Chat, Draft, Env, Handled, Output, rng_from_fn};

use crate::allocator::taken;
use crate::support::agreement::EVERY;
use crate::support::pair::{self, Pair, at, ciphertext, outputs};
use crate::support::rng::Seeded;

/// What one call asked for: blocks of the heap, and calls of the generator.
type Asked = (usize, usize);

/// Makes a call of a chat: what it returns, and what it asked for.
fn asked<R>(rng: &mut Seeded, call: impl FnOnce(&mut Env<'_>) -> R) -> (R, Asked) {
    let mut calls = 0;
    let mut counting = rng_from_fn(|to: &mut [u8]| {
        calls += 1;
        rng.fill_bytes(to);
    });
    let (result, heap) = taken(|| call(&mut Env::new(at(0), &mut counting)));
    (result, (heap.calls, calls))
}

/// Sends a message to the other end: what sending and receiving asked for.
fn say(from: &mut Chat, to: &mut Chat, rng: &mut Seeded) -> (Asked, Asked) {
    let draft = Draft::text("x".repeat(100));
    let (sent, send) = asked(rng, |env| from.send(&draft, env));
    sent.unwrap();
    let sealed = pair::sealed(from);
    let (handled, handle) = asked(rng, |env| to.handle(ciphertext(&sealed), env));
    assert_eq!(handled, Ok(Handled::Applied));
    assert!(outputs(to).iter().any(|output| matches!(output, Output::Event(_))));
    (send, handle)
}

/// The least that a message of a conversation asks for: now and then a list grows. Each acknowledges the one before.
fn least(mut pair: Pair) -> (Asked, Asked) {
    let mut rng = Seeded::new(9);
    let turns = (0..20).map(|_| {
        say(&mut pair.alice, &mut pair.bob, &mut rng);
        say(&mut pair.bob, &mut pair.alice, &mut rng)
    });
    turns.reduce(|(send, handle), (other_send, other_handle)| (send.min(other_send), handle.min(other_handle))).unwrap()
}

#[test]
fn a_message_asks_the_heap_a_few_times_and_the_generator_once() {
    for &agreement in EVERY {
        let (send, handle) = least(Pair::of(agreement.config("alice", "bob"), agreement.config("bob", "alice")));
        // The sealed message, its copy for the transport, and two lists; the opened message, its text, the event in its
        // box, the ids that it acknowledges, and one list.
        assert_eq!((send, handle), ((4, 1), (5, 0)), "{agreement:?}");
        let (send, handle) = least(Pair::of(Pair::alice_in(agreement), Pair::bob_in(agreement)));
        // Besides, two records and their list; one record, its list, and the list of what is deleted.
        assert_eq!((send, handle), ((7, 2), (8, 1)), "{agreement:?} with records");
    }
}
