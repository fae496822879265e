//! What a message of 100 characters asks of the heap and of the generator (SPEC RNG-3).

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use secretchat::{Chat, Draft, Env, Handled, Output};

use crate::allocator::taken;
use crate::support::agreement::EVERY;
use crate::support::pair::{self, Pair, at, ciphertext, outputs};
use crate::support::rng::Seeded;

/// Counts the calls.
struct Counting {
    calls: usize,
    inner: Seeded,
}

impl TryRng for Counting {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.calls += 1;
        self.inner.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.calls += 1;
        self.inner.try_next_u64()
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        self.calls += 1;
        self.inner.try_fill_bytes(to)
    }
}

impl TryCryptoRng for Counting {}

/// What one call asked for: blocks of the heap, and calls of the generator.
type Asked = (usize, usize);

/// Sends a message to the other end: what sending and receiving asked for.
fn say(from: &mut Chat, to: &mut Chat, rng: &mut Counting) -> (Asked, Asked) {
    let draft = Draft::text("x".repeat(100));
    rng.calls = 0;
    let (sent, send) = taken(|| from.send(&draft, &mut Env::new(at(0), rng)));
    sent.unwrap();
    let send = (send.calls, std::mem::take(&mut rng.calls));
    let sealed = pair::sealed(from);
    let (handled, handle) = taken(|| to.handle(ciphertext(&sealed), &mut Env::new(at(0), rng)));
    assert_eq!(handled, Ok(Handled::Applied));
    let handle = (handle.calls, rng.calls);
    assert!(outputs(to).iter().any(|output| matches!(output, Output::Event(_))));
    (send, handle)
}

/// The least that a message of a conversation asks for: now and then a list grows. Each acknowledges the one before.
fn least(mut pair: Pair) -> (Asked, Asked) {
    let mut rng = Counting { calls: 0, inner: Seeded::new(9) };
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
        // The sealed message, its copy for the transport, and three lists; the opened message, its text, the event in its
        // box, the ids that it acknowledges, and two lists.
        assert_eq!((send, handle), ((5, 1), (6, 0)), "{agreement:?}");
        let (send, handle) = least(Pair::of(Pair::alice_in(agreement), Pair::bob_in(agreement)));
        assert_eq!((send.1, handle.1), (2, 1), "{agreement:?} with records");
    }
}
