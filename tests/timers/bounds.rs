//! Bounds of a host on the timers that its peer imposes (SPEC DES-13).

use secretchat::store::{MemoryStore, Store};
use secretchat::{Chat, Draft, Event, Invitation, Output, StoreKey, Ttl, TtlBounds};

use crate::support::pair::{self, BOBS_STORE_KEY, Pair, env};
use crate::support::rng::Seeded;
use crate::support::stored;
use crate::support::timed::{self, gives, message_in, sends, ttl};

/// Bob takes nothing below five seconds and nothing above a minute.
fn bounded() -> Pair {
    let bounds = TtlBounds::new(ttl(5), ttl(60)).unwrap();
    Pair::of(Pair::alice_config(), Pair::bob_config().map(|config| config.with_ttl_bounds(bounds)))
}

/// Alice sets the timer; what Bob is told: the timer that holds, and the one that she asked for.
fn sets(Pair { alice, bob, rng }: &mut Pair, ttl: Ttl) -> (Ttl, Ttl) {
    alice.set_ttl(ttl, &mut env(rng)).unwrap();
    let carried = pair::outputs(alice);
    let told = gives(&carried, bob, 0, rng);
    let told = told.into_iter().find_map(|output| match output {
        Output::Event(Event::TtlChanged { ttl, asked, .. }) => Some((ttl, asked)),
        _ => None,
    });
    told.unwrap()
}

#[test]
fn a_timer_of_the_peer_is_taken_within_the_bounds_and_both_are_told() {
    let mut pair = bounded();
    for (asked, taken) in [
        (ttl(1), ttl(5)),
        (ttl(5), ttl(5)),
        (ttl(30), ttl(30)),
        (ttl(61), ttl(60)),
        (ttl(31_536_000), ttl(60)),
        (Ttl::VIEW_ONCE, ttl(5)),
        (Ttl::OFF, Ttl::OFF),
    ] {
        assert_eq!(sets(&mut pair, asked), (taken, asked));
        assert_eq!((pair.bob.ttl(), pair.alice.ttl()), (taken, asked), "each end's own");
        // What Bob writes carries the bounded one, and Alice goes by it.
        let (_, sent) = sends(&mut pair.bob, &Draft::text("b"), 0, &mut pair.rng);
        assert_eq!(message_in(&gives(&sent, &mut pair.alice, 0, &mut pair.rng)).ttl, taken);
        // What Alice writes carries hers, and Bob does not lengthen it.
        let (_, sent) = sends(&mut pair.alice, &Draft::text("a"), 0, &mut pair.rng);
        assert_eq!(message_in(&gives(&sent, &mut pair.bob, 0, &mut pair.rng)).ttl, asked);
    }
}

#[test]
fn what_this_end_sets_is_not_bound() {
    let mut pair = bounded();
    for own in [ttl(1), ttl(3_600), Ttl::VIEW_ONCE] {
        pair.bob.set_ttl(own, &mut env(&mut pair.rng)).unwrap();
        assert_eq!(pair.bob.ttl(), own);
        pair::outputs(&mut pair.bob);
    }
    let (_, sent) = sends(&mut pair.bob, &timed::text(ttl(2)), 0, &mut pair.rng);
    assert!(!sent.is_empty());
}

#[test]
fn the_bounds_outlast_a_restart() {
    let mut rng = Seeded::new(9);
    let bounds = TtlBounds::new(ttl(5), ttl(60)).unwrap();
    let bobs = Pair::bob_config().map(|config| config.with_ttl_bounds(bounds));
    let mut alice = Chat::request(Pair::alice_config(), &mut env(&mut rng)).unwrap();
    let public = pair::request_of(&mut alice);
    let mut bob = Invitation::parse(&public, bobs).unwrap().accept(&mut env(&mut rng)).unwrap();
    let mut store = MemoryStore::default();
    let outputs = stored::keep(&mut bob, &mut store);
    let accept = outputs.iter().find_map(|output| match output {
        Output::Transmit(transmit) => Some(transmit),
        _ => None,
    });
    alice.handle(pair::input_of(accept.unwrap()), &mut env(&mut rng)).unwrap();
    let records = store.load(bob.id().unwrap()).unwrap().unwrap();
    let bob = Chat::restore(&records, &StoreKey::new(BOBS_STORE_KEY), None, &mut env(&mut rng)).unwrap();
    let mut pair = Pair { alice, bob, rng };
    assert_eq!(sets(&mut pair, ttl(1)), (ttl(5), ttl(1)));
}
