//! What is kept for support stays small, whatever happens (SPEC DIAG-2).

use secretchat::{Draft, PeerFault, RandomId};

use crate::allocator::in_use;
use crate::support::pair::{self, Pair, env};

#[test]
fn lines_for_support_take_less_than_a_kilobyte() {
    let mut pair = Pair::ready();
    assert!(pair::outputs(&mut pair.bob).is_empty());
    let before = in_use();
    for round in 0..1_000_i64 {
        assert_eq!(pair.bob_gets(&[1; 80]), Err(PeerFault::UnknownKey));
        assert_eq!(pair.bob_gets(&[1; 7]), Err(PeerFault::NotAuthentic));
        let env = &mut env(&mut pair.rng);
        assert!(pair.bob.send(&Draft::text(""), env).is_err());
        assert!(pair.bob.send(&Draft::text("x").with_random_id(RandomId(0)), env).is_err());
        assert!(pair.bob.send_album(&[], env).is_err());
        assert!(
            pair.bob.open_view(RandomId(round), env).is_err() && pair.bob.close_view(RandomId(round), env).is_err()
        );
        assert!(pair.bob.mark_read_up_to(pair::at(0), env).is_err() && pair.bob.mark_scanned("", env).is_err());
        assert!(pair.bob.announce_layer(secretchat::Layer::L144, env).is_err());
    }
    assert_eq!(pair.bob.diagnosis().outcomes().count(), 32);
    let grown = in_use() - before;
    assert!(grown <= 1_024, "{grown}");
}
