//! What a chat takes that is at rest.

use std::mem::size_of;

use secretchat::{Chat, Draft};

use crate::allocator::in_use;
use crate::support::agreement::{Agreement, EVERY};
use crate::support::pair::{self, Pair, env};
use crate::support::rng::Seeded;

/// After twenty messages of each end, the last one not acknowledged yet: struct and heap together, in bytes.
fn at_rest(agreement: Agreement) -> usize {
    let before = in_use();
    let mut pair = Pair::of(Pair::alice_in(agreement), Pair::bob_in(agreement));
    let Pair { alice, bob, rng, .. } = &mut pair;
    for _ in 0..20 {
        say(alice, bob, rng);
        say(bob, alice, rng);
    }
    let heap = usize::try_from(in_use() - before).unwrap();
    heap / 2 + size_of::<Chat>()
}

fn say(from: &mut Chat, to: &mut Chat, rng: &mut Seeded) {
    from.send(&Draft::text("hello"), &mut env(rng)).unwrap();
    for sealed in pair::all_sealed(from) {
        to.handle(pair::ciphertext(&sealed), &mut env(rng)).unwrap();
    }
    pair::outputs(to);
}

#[test]
fn a_chat_at_rest_takes_less_than_five_kilobytes() {
    for &agreement in EVERY {
        let taken = at_rest(agreement);
        assert!((1_000..5_000).contains(&taken), "{agreement:?}: {taken}");
    }
}
