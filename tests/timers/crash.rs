//! A timed conversation whose process dies at every output, before and after the host did what it says (SPEC OUT-2).

use std::collections::BTreeSet;

use secretchat::RandomId;

use crate::support::host::Fuse;
use crate::support::model::{Kind, VIEW_ONCE};
use crate::world::{ALICE, BOB, Step, World};

const PHOTO: Kind = Kind::Hideable(0);

/// 1 a text of 30 s, 2 a photo of 30 s, 3 a photo to view once, 4 a text of an hour that is deleted; back comes 5, a
/// video of 20 s with 5 s to live.
const SCRIPT: [Step; 30] = [
    Step::Send(ALICE, Kind::Text, Some(30)),
    Step::Send(ALICE, PHOTO, Some(30)),
    Step::Send(ALICE, PHOTO, Some(VIEW_ONCE)),
    Step::Send(ALICE, Kind::Text, Some(3_600)),
    Step::Deliver(BOB),
    Step::Deliver(BOB),
    Step::Deliver(BOB),
    Step::Deliver(BOB),
    Step::Clock(1_000),
    Step::Read(BOB, 0),
    Step::Open(BOB, 1),
    Step::Deliver(ALICE),
    Step::Deliver(ALICE),
    Step::Open(BOB, 2),
    Step::Clock(1_000),
    Step::Open(BOB, 1),
    Step::Open(BOB, 2),
    Step::Close(BOB, 2),
    Step::Open(BOB, 2),
    Step::Read(BOB, 3),
    Step::Delete(ALICE, 3),
    Step::Send(BOB, Kind::Hideable(20), Some(5)),
    Step::Deliver(BOB),
    Step::Deliver(ALICE),
    Step::Deliver(ALICE),
    Step::Open(ALICE, 4),
    Step::Clock(21_000),
    Step::Timeout(ALICE),
    Step::Clock(10_000),
    Step::Timeout(BOB),
];

fn tell(fuse: Option<Fuse>) -> World {
    let mut world = World::ready();
    world.fuse = fuse;
    world.run(&SCRIPT);
    world.finish();
    world
}

fn ids<const N: usize>(ids: [i64; N]) -> BTreeSet<RandomId> {
    ids.map(RandomId).into()
}

/// Texts that Alice hides: 1 of 30 s, 2 of an hour, 3 to view once, 4 of an hour that is never opened and deleted.
const HIDDEN: [Step; 21] = [
    Step::Send(ALICE, Kind::Hidden, Some(30)),
    Step::Send(ALICE, Kind::Hidden, Some(3_600)),
    Step::Send(ALICE, Kind::Hidden, Some(VIEW_ONCE)),
    Step::Send(ALICE, Kind::Hidden, Some(3_600)),
    Step::Deliver(BOB),
    Step::Deliver(BOB),
    Step::Deliver(BOB),
    Step::Deliver(BOB),
    Step::Read(BOB, 1),
    Step::Clock(4_000_000),
    Step::Timeout(BOB),
    Step::Open(BOB, 0),
    Step::Open(BOB, 1),
    Step::Deliver(ALICE),
    Step::Deliver(ALICE),
    Step::Clock(1_000),
    Step::Open(BOB, 1),
    Step::Open(BOB, 2),
    Step::Close(BOB, 2),
    Step::Delete(ALICE, 3),
    Step::Deliver(BOB),
];

// SPEC DES-14: held back until it is opened, and lent then, whenever the process died. `End` compares each text.
#[test]
fn what_is_hidden_stays_hidden_and_can_be_opened_after_a_crash_at_every_output() {
    let tell = |fuse| {
        let mut world = World::ready();
        world.fuse = fuse;
        world.run(&HIDDEN);
        world.finish();
        world
    };
    let plain = tell(None);
    let [alice, bob] = &plain.ends;
    assert_eq!((&alice.model.ended, &bob.model.ended), (&ids([1, 2]), &ids([1, 2, 3])));
    assert_eq!(bob.model.deleted, ids([4]));
    assert!(plain.outputs > 40, "{}", plain.outputs);
    for at in 0..plain.outputs {
        for done in [false, true] {
            let world = tell(Some(Fuse { at, done }));
            assert_eq!(world.crashes, 1, "{at} {done}");
        }
    }
}

#[test]
fn every_started_timer_ends_after_a_crash_at_every_output() {
    let plain = tell(None);
    let [alice, bob] = &plain.ends;
    assert_eq!((&alice.model.ended, &bob.model.ended), (&ids([1, 2, 5]), &ids([1, 2, 3, 5])));
    assert_eq!((&alice.model.deleted, &bob.model.deleted), (&ids([4]), &ids([4])));
    let times_told = |world: &World| world.ends.iter().flat_map(|end| end.told.values()).copied().max();
    assert_eq!(times_told(&plain), Some(1));
    assert!(plain.outputs > 60, "{}", plain.outputs);
    let mut repeats = 0;
    for at in 0..plain.outputs {
        for done in [false, true] {
            let world = tell(Some(Fuse { at, done }));
            assert_eq!(world.crashes, 1, "{at} {done}");
            repeats += u32::from(times_told(&world) > Some(1));
        }
    }
    assert!(repeats > 0, "a crash between the news and its batch was tried");
}

// A deletion that comes late, together with a message that acknowledges what it deletes.
#[test]
fn records_are_whole_after_a_deletion_and_an_acknowledgement_in_one_call() {
    let mut world = World::ready();
    world.run(&[Step::Send(ALICE, Kind::Text, None), Step::Delete(BOB, 0), Step::Lose(ALICE), Step::Deliver(BOB)]);
    world.run(&[Step::Read(BOB, 0), Step::Deliver(ALICE), Step::Deliver(BOB), Step::Deliver(ALICE)]);
    world.run(&[Step::Restart(ALICE)]);
    world.finish();
}
