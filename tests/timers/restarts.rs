//! A restart costs no time that the chat has seen, though the host's clock was set back (SPEC TIME-1).

use proptest::prelude::*;

use crate::random::{cases, step};
use crate::support::model::Kind;
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

/// FA-07: every restart begins at the time of the view again. Ten times 90 s of a text of 100 s were 900 s.
#[test]
fn fa_07_a_process_killed_again_and_again_with_its_clock_set_back_lengthens_no_life() {
    // As long as the lag is now, a millisecond less, and at random.
    for spared in [1, 700, 12_499, 90_000] {
        let mut world = World::ready();
        world.run(&[Step::Send(ALICE, Kind::Text, Some(100)), Step::Deliver(BOB), Step::Read(BOB, 0)]);
        let (begin, mut lived) = (world.now, 0);
        while world.ends[BOB].model.ended.is_empty() {
            lived += sleep(&mut world, spared);
            world.now = begin;
            world.run(&[Step::Restart(BOB)]);
            // The host looks at once whether it has to call.
            lived += sleep(&mut world, 0);
            assert!(lived <= 100_000, "{spared}: {lived}");
        }
    }
}

/// Lets Bob's host sleep for `millis`, and call whenever it is asked to; how long it was until his text ended.
fn sleep(world: &mut World, millis: u64) -> u64 {
    let begin = world.now;
    while world.ends[BOB].model.ended.is_empty() {
        let asked = world.ends[BOB].chat.poll_timeout().unwrap().as_millis().max(world.now);
        if asked > begin + millis {
            world.now = begin + millis;
            break;
        }
        world.now = asked;
        world.run(&[Step::Timeout(BOB)]);
    }
    world.now - begin
}

#[test]
fn fa_07_the_records_are_told_the_time_while_a_timer_runs_and_only_then() {
    let mut world = World::ready();
    world.run(&[Step::Send(ALICE, Kind::Text, Some(3_600)), Step::Deliver(BOB)]);
    let generation = |world: &World| world.ends[BOB].chat.checkpoint().unwrap().generation;
    let at_first = generation(&world);
    let asks_for_keys_only = |world: &World| {
        let asked = world.ends[BOB].chat.poll_timeout();
        assert!(asked.is_none_or(|asked| asked.as_millis() > world.now + 1_000_000_000), "{asked:?}");
    };
    asks_for_keys_only(&world);
    world.run(&[Step::Clock(1_000_000), Step::Timeout(BOB)]);
    assert_eq!(generation(&world), at_first);

    world.run(&[Step::Read(BOB, 0)]);
    let read = generation(&world);
    sleep(&mut world, 300_000);
    assert_eq!(generation(&world), read + 5, "once a minute");
    // 3,300 s are left: once a minute until 480 s are, then an eighth each time down to 8 s, then each second.
    sleep(&mut world, 3_600_000);
    assert_eq!(world.ends[BOB].model.ended.len(), 1);
    let (mut left, mut writes) = (3_600_000, 0);
    while left > 0 {
        left -= (left / 8_u64).clamp(1_000, 60_000).min(left);
        writes += 1;
    }
    assert_eq!(generation(&world), read + writes);
    let ended = generation(&world);
    world.run(&[Step::Clock(1_000_000), Step::Timeout(BOB), Step::Clock(-1_000_000), Step::Timeout(BOB)]);
    assert_eq!(generation(&world), ended);
    asks_for_keys_only(&world);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(256), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn at_58_and_br_34_no_restart_lengthens_a_life(steps in prop::collection::vec(step(), 1..60)) {
        let mut world = World::ready();
        for step in steps {
            match step {
                Step::Restart(end) => {
                    world.run(&[Step::Timeout(end)]);
                    let model = &world.ends[end].model;
                    let (seen, runs) = (model.elapsed, model.first_deadline().is_some());
                    world.run(&[Step::Restart(end)]);
                    let model = &world.ends[end].model;
                    prop_assert!(!runs || (seen..=seen + 60_000).contains(&model.elapsed), "{seen} {model:?}");
                }
                other => world.run(&[other]),
            }
        }
    }
}

/// What a host does that calls when it is asked to, and what the world does to it.
#[derive(Clone, Copy, Debug)]
enum Life {
    Sleep(u64),
    SetClock(i64),
    Kill(i64),
}

fn life() -> impl Strategy<Value = Life> {
    prop_oneof![
        3 => prop_oneof![0..3_000_u64, 0..90_000_u64].prop_map(Life::Sleep),
        1 => (-200_000..0_i64).prop_map(Life::SetClock),
        2 => prop_oneof![Just(0), -200_000..0_i64].prop_map(Life::Kill),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(256), failure_persistence: None, ..ProptestConfig::default() })]

    /// DES-12 in real time, which passes while the host sleeps, not while its clock is set or the process is down.
    #[test]
    fn fa_07_kills_and_clocks_set_back_lengthen_no_life_of_a_host_that_calls_when_asked(
        seconds in prop_oneof![Just(1), Just(5), Just(60), Just(600)],
        lives in prop::collection::vec(life(), 1..40),
    ) {
        let mut world = World::ready();
        world.run(&[Step::Send(ALICE, Kind::Text, Some(seconds)), Step::Deliver(BOB), Step::Read(BOB, 0)]);
        let (limit, mut lived) = (u64::from(seconds.unsigned_abs()) * 1_000, 0);
        for life in lives {
            match life {
                Life::Sleep(millis) => lived += sleep(&mut world, millis),
                // What a running process did not observe when its clock is set back is lost to it (TIME-1).
                Life::SetClock(millis) => {
                    world.run(&[Step::Timeout(BOB), Step::Clock(millis), Step::Timeout(BOB)]);
                }
                Life::Kill(millis) => world.run(&[Step::Clock(millis), Step::Restart(BOB)]),
            }
            if world.ends[BOB].model.ended.is_empty() {
                lived += sleep(&mut world, 0);
            }
            prop_assert!(lived <= limit, "{lived} of {limit}");
        }
    }
}
