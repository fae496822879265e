//! Our messages are found by their id, however many wait and however they go (SPEC LIM-1).

use secretchat::{Config, Draft, RandomId, RekeyPolicy};

use crate::support::pair::{self, Pair, ciphertext, env};

/// Sends messages with the next ids.
fn send(pair: &mut Pair, sent: &mut i64, more: i64) -> Vec<Vec<u8>> {
    let ids = *sent + 1..=*sent + more;
    *sent += more;
    ids.map(|id| {
        let draft = Draft::text("x").with_random_id(RandomId(id));
        pair.alice.send(&draft, &mut env(&mut pair.rng)).unwrap();
        pair::sealed(&mut pair.alice)
    })
    .collect()
}

/// Lets Bob take these, and answer.
fn acknowledge(pair: &mut Pair, messages: &[Vec<u8>]) {
    for message in messages {
        pair.bob_gets(message).unwrap();
        pair::outputs(&mut pair.bob);
    }
    pair.bob.send(&Draft::text("y"), &mut env(&mut pair.rng)).unwrap();
    let answer = pair::sealed(&mut pair.bob);
    pair.alice.handle(ciphertext(&answer), &mut env(&mut pair.rng)).unwrap();
    pair::outputs(&mut pair.alice);
}

#[test]
fn an_outbox_that_grows_and_shrinks_knows_its_ids() {
    // No new key comes between.
    let quiet = |config: Config| config.with_rekey(RekeyPolicy::x25519().with_messages(1_000, 1_000));
    let mut pair = Pair::of(Pair::alice_config().map(quiet), Pair::bob_config().map(quiet));
    let (mut sent, mut acknowledged, mut waiting) = (0, 0, Vec::new());
    // Few and many; a part, nearly all, all; and again.
    for (more, arrive) in [(3, 1), (100, 90), (120, 20), (10, 100), (200, 222), (70, 1), (1, 69), (2, 3)] {
        waiting.extend(send(&mut pair, &mut sent, more));
        let rest = waiting.split_off(arrive);
        acknowledge(&mut pair, &waiting);
        acknowledged += i64::try_from(arrive).unwrap();
        waiting = rest;
        for id in 0..=sent + 1 {
            let holds = (acknowledged + 1..=sent).contains(&id);
            assert_eq!(pair.alice.holds(RandomId(id)), holds, "{id} of {acknowledged}..={sent}");
            assert_eq!(pair.alice.position(RandomId(id)).is_some(), holds, "{id}");
        }
    }
    assert_eq!((sent, acknowledged), (506, 506));
}
