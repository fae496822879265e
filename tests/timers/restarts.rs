//! A restart costs no time that the chat has seen, though the host's clock was set back (SPEC TIME-1).

use proptest::prelude::*;

use crate::model::Kind;
use crate::random::{cases, step};
use crate::world::{ALICE, BOB, Step, World};

/// A clock set back by an hour, and sessions of 20 s each.
#[test]
fn a_text_of_a_minute_ends_over_short_sessions_after_a_clock_was_set_back() {
    let mut world = World::ready();
    world.run(&[Step::Send(ALICE, Kind::Text, Some(60)), Step::Deliver(BOB), Step::Read(BOB, 0)]);
    world.run(&[Step::Clock(-3_600_000), Step::Timeout(BOB)]);
    for _session in 0..10 {
        for _second in 0..20 {
            world.run(&[Step::Clock(1_000), Step::Timeout(BOB)]);
        }
        world.run(&[Step::Restart(BOB)]);
    }
    assert_eq!(world.ends[BOB].model.ended.len(), 1, "200 s of a text of 60 s");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(256), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn at_58_no_restart_lengthens_a_life(steps in prop::collection::vec(step(), 1..60)) {
        let mut world = World::ready();
        for step in steps {
            match step {
                Step::Restart(end) => {
                    world.run(&[Step::Timeout(end)]);
                    let model = &world.ends[end].model;
                    let (seen, runs) = (model.elapsed, model.first_deadline().is_some());
                    world.run(&[Step::Restart(end)]);
                    prop_assert!(!runs || world.ends[end].model.elapsed == seen, "{seen} {:?}", world.ends[end].model);
                }
                other => world.run(&[other]),
            }
        }
    }
}
