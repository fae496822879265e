//! When what is missing is asked for again: what random steps seldom come to (SPEC SEQ-11). Each timeout is held against
//! the model.

use crate::support::model::Kind;
use crate::world::{ALICE, BOB, Step, World};

const TEXT: Step = Step::Send(ALICE, Kind::Text, None);

/// Of three texts only the last comes, and the request for the others is lost.
fn without_two() -> World {
    let mut world = World::ready();
    world.run(&[TEXT, TEXT, TEXT, Step::Lose(BOB), Step::Lose(BOB), Step::Deliver(BOB)]);
    world.network.retain(BOB, |_| false);
    world.run(&[Step::Timeout(BOB)]);
    world
}

#[test]
fn whatever_comes_of_a_gap_begins_the_pauses_anew() {
    let mut world = without_two();
    world.run(&[Step::Clock(29_999), Step::Timeout(BOB), Step::Clock(1), Step::Timeout(BOB)]);
    world.network.retain(BOB, |_| false);
    // The second of the two comes, and still waits.
    world.run(&[Step::Clock(1_000), Step::Retransmit(ALICE), Step::Lose(BOB), Step::Deliver(BOB), Step::Timeout(BOB)]);
    assert_eq!(world.ends[BOB].model.gaps.due(), Some(31_000 + 30_000));
    world.run(&[Step::Clock(30_000), Step::Timeout(BOB)]);
    // A second gap; then the first one is filled.
    world.network.retain(ALICE, |_| false);
    world.run(&[TEXT, TEXT, Step::Lose(BOB), Step::Deliver(BOB), Step::Timeout(BOB), Step::Clock(1_000)]);
    world.network.retain(ALICE, |_| false);
    world.run(&[Step::Retransmit(ALICE)]);
    let first = world.ends[BOB].chat.counters().received;
    world.network.retain(ALICE, |(id, _)| id.slot().is_some_and(|slot| slot.get() == first));
    world.run(&[Step::Deliver(BOB), Step::Timeout(BOB)]);
    assert_eq!(world.ends[BOB].model.gaps.due(), Some(62_000 + 30_000));
    world.finish();
}

#[test]
fn a_request_that_is_ten_minutes_old_is_made_anew_when_everything_is_sent_again() {
    let mut world = without_two();
    for doublings in 0..6 {
        world.run(&[Step::Clock(30_000 << doublings), Step::Timeout(BOB), Step::Retransmit(BOB), Step::Timeout(BOB)]);
    }
    let (asked, due) = (world.ends[BOB].model.elapsed, world.ends[BOB].model.gaps.due());
    assert_eq!(due, Some(asked + 1_920_000));
    world.run(&[Step::Clock(599_999), Step::Retransmit(BOB), Step::Timeout(BOB)]);
    assert_eq!(world.ends[BOB].model.gaps.due(), due);
    world.run(&[Step::Clock(1), Step::Retransmit(BOB), Step::Timeout(BOB), Step::Restart(BOB), Step::Timeout(BOB)]);
    assert_eq!(world.ends[BOB].model.gaps.due(), Some(asked + 600_000 + 3_840_000));
    world.finish();
}
